"""Unit vectors and exact search among them by matrix products, in bounded memory."""

from collections.abc import Callable

import numpy as np

from recommender.core.ranking import top_k_rows
from recommender.core.types import Float32, Int32, Neighbours

SCORES_BYTES = 64 * 1024 * 1024


def unit_rows(matrix: Float32) -> Float32:
    """Rows scaled to length 1, float32, shape (n, d); rows of zeros or with a value that is not finite become zeros."""
    rows = np.asarray(matrix, np.float32)
    if not rows.size:
        return rows.copy()
    largest = np.abs(rows).max(axis=1, keepdims=True)
    usable = np.isfinite(largest) & (largest > 0)
    # Dividing by the largest value first keeps squares from overflowing and vanishing.
    scaled: Float32 = np.divide(rows, largest, out=np.zeros_like(rows), where=usable)
    norms = np.sqrt(np.einsum("ij,ij->i", scaled, scaled))[:, None]
    np.divide(scaled, norms, out=scaled, where=norms > 0)
    return scaled


def exact_top_k(
    queries: Float32,
    matrix: Float32,
    k: int,
    *,
    block_rows: int | None = None,
    exclude_self: bool = False,
    own: Int32 | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Neighbours:
    """The best k rows of a matrix by inner product with each query, best first, ties by lower row.

    Args:
        queries: float32, shape (q, d), finite.
        matrix: float32, shape (n, d), finite; may be a memory map.
        k: the lists' length; lists of fewer rows are padded with row -1 and score 0.
        block_rows: how many queries one matrix product takes; by default what fits 64 MiB of scores.
        exclude_self: query i is row i of the matrix and must not find itself.
        own: query i is row own[i] of the matrix and must not find itself, int32, shape (q,).
        progress: called with (queries done, queries).
    """
    n, q = matrix.shape[0], queries.shape[0]
    rows = np.full((q, k), -1, np.int32)
    scores = np.zeros((q, k), np.float32)
    block_rows = block_rows or max(1, SCORES_BYTES // (4 * max(n, 1)))
    if exclude_self:
        own = np.arange(q, dtype=np.int32)
    found = min(k, n - (own is not None))
    buffer = np.empty((min(block_rows, q), n), np.float32)
    for start in range(0, q if found > 0 else 0, block_rows):
        stop = min(start + block_rows, q)
        block = buffer[: stop - start]
        np.matmul(queries[start:stop].astype(np.float32, copy=False), matrix.T, out=block)
        if own is not None:
            block[np.arange(stop - start), own[start:stop]] = -np.inf
        best = top_k_rows(block, found)
        rows[start:stop, :found] = best
        scores[start:stop, :found] = np.take_along_axis(block, best, axis=1)
        if progress:
            progress(stop, q)
    return Neighbours(rows, scores)


def merge_top_k(older: Neighbours, fresh: Neighbours, k: int, *, tombstones: Int32) -> Neighbours:
    """Two lists a query made one, best first, ties by lower row: as a log-structured merge tree reads its segments.

    Args:
        older: lists over the snapshot, shapes (q, k1).
        fresh: lists over what came or changed since, shapes (q, k2), in the same row numbers.
        k: the length of the merged lists, padded with row -1 and score 0.
        tombstones: rows that the older lists must not show, because they changed or are gone.
    """
    stale = np.isin(older.rows, tombstones)
    rows = np.concatenate([np.where(stale, -1, older.rows), fresh.rows], axis=1)
    scores = np.concatenate([older.scores, fresh.scores], axis=1)
    sorting = np.where(rows < 0, np.inf, -scores)
    order = np.lexsort((rows, sorting), axis=1)[:, :k]
    merged = np.full((rows.shape[0], k), -1, np.int32)
    merged[:, : order.shape[1]] = np.take_along_axis(rows, order, axis=1)
    values = np.zeros(merged.shape, np.float32)
    values[:, : order.shape[1]] = np.take_along_axis(scores, order, axis=1)
    values[merged < 0] = 0.0
    return Neighbours(merged, values)
