"""What a later catalogue shares with an earlier one: which rows are the same products with the same vectors."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from recommender.core.types import Float32, Int32

_BLOCK_ROWS = 8192


def origins(before_ids: NDArray[np.bytes_], before: Float32, ids: NDArray[np.bytes_], vectors: Float32) -> Int32:
    """For each row the row in which the same product had the same vector before, -1 where there is none.

    Args:
        before_ids: product keys then, ascending, shape (m,).
        before: their vectors, float32, shape (m, e).
        ids: product keys now, ascending, shape (n,).
        vectors: their vectors, float32, shape (n, d); another length than e is another encoder: nothing is shared.

    Returns:
        int32, shape (n,).
    """
    origin = np.full(len(ids), -1, np.int32)
    if not len(before_ids) or before.shape[1] != vectors.shape[1]:
        return origin
    at = np.minimum(np.searchsorted(before_ids, ids), len(before_ids) - 1)
    known = np.flatnonzero(before_ids[at] == ids)
    for start in range(0, known.size, _BLOCK_ROWS):
        rows = known[start : start + _BLOCK_ROWS]
        same = (np.asarray(before[at[rows]]) == np.asarray(vectors[rows])).all(axis=1)
        origin[rows[same]] = at[rows[same]]
    return origin
