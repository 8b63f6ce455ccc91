"""Which rows of a matrix are the same: sizes of a product share its pictures, and thus its vector."""

from __future__ import annotations

from hashlib import blake2b
from typing import NamedTuple

import numpy as np

from recommender.core.types import Bool, Float32, Int32

_BLOCK_ROWS = 8192
_DIGEST_BYTES = 16
"""Two of a million different rows share such a digest once in 10^26 catalogues."""


class Repeats(NamedTuple):
    """n rows as m different ones.

    Attributes:
        firsts: the first row of each, ascending, int32, shape (m,).
        places: where each row stands among the firsts, int32, shape (n,), in 0..m-1.
    """

    firsts: Int32
    places: Int32

    def marked(self, rows: Bool) -> Bool:
        """Which of the different rows are marked, where some of all rows are: bool (n,) to bool (m,)."""
        marks = np.zeros(self.firsts.size, bool)
        marks[self.places[rows]] = True
        return marks

    def every(self, places: Int32) -> Int32:
        """All rows that are the same as those at some places, ascending, int32; places of shape (p,)."""
        marks = np.zeros(self.firsts.size, bool)
        marks[places] = True
        return np.flatnonzero(marks[self.places]).astype(np.int32)


def find_repeats(matrix: Float32) -> Repeats:
    """The rows that are the same byte for byte, a block at a time; of each only a digest is kept.

    Args:
        matrix: any type, shape (n, d); may be a memory map.
    """
    seen: dict[bytes, int] = {}
    places = np.empty(matrix.shape[0], np.int32)
    firsts: list[int] = []
    for start in range(0, places.size, _BLOCK_ROWS):
        for row, values in enumerate(np.ascontiguousarray(matrix[start : start + _BLOCK_ROWS]), start):
            places[row] = place = seen.setdefault(blake2b(values, digest_size=_DIGEST_BYTES).digest(), len(seen))
            if place == len(firsts):
                firsts.append(row)
    return Repeats(np.array(firsts, np.int32), places)


def repeats_at(places: Int32) -> Repeats:
    """The repeats of which only the places are known."""
    return Repeats(np.unique(places, return_index=True)[1].astype(np.int32), np.asarray(places))
