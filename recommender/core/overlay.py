"""A read-only matrix with newer rows laid over it: how fresh products join a memory-mapped snapshot without a copy."""

from typing import Any, cast

import numpy as np

from recommender.core.types import Float32, Int32


class OverlayMatrix:
    """Reads like an array along its first axis; rows of the overlay hide or extend those of the base.

    Attributes:
        shape: (n, d), n counting base rows and the overlay's rows beyond them.
    """

    dtype = np.dtype(np.float32)
    ndim = 2

    def __init__(self, base: Float32, rows: Int32, values: Float32) -> None:
        """Lay `values` (m, d) over `base` (b, d) at `rows` (m,), ascending and distinct; rows >= b extend it.

        Rows between b and the highest overlaid row must all be overlaid.
        """
        self._base = base
        self.rows = rows
        self.values = values
        n = max(base.shape[0], int(rows[-1]) + 1 if rows.size else 0)
        self.shape = (n, base.shape[1])

    def __len__(self) -> int:
        return int(self.shape[0])

    def __getitem__(self, key: Any) -> Float32:
        """The rows at an integer, an integer array or a slice, copied."""
        wanted = np.arange(self.shape[0], dtype=np.int64)[key] if isinstance(key, slice) else np.asarray(key)
        flat = wanted.reshape(-1)
        found = np.zeros((flat.size, self.shape[1]), np.float32)
        if self._base.shape[0]:
            found[:] = self._base[np.minimum(flat, self._base.shape[0] - 1)]
        if self.rows.size:
            at = np.minimum(np.searchsorted(self.rows, flat), self.rows.size - 1)
            laid = self.rows[at] == flat
            found[laid] = self.values[at[laid]]
        return found.reshape(*wanted.shape, self.shape[1])


def lay_over(base: Float32, rows: Int32, values: Float32) -> Float32:
    """`base` itself when there is nothing to lay over it, else an `OverlayMatrix`, which row-indexing code can use."""
    return base if not rows.size else cast("Float32", OverlayMatrix(base, rows, values))
