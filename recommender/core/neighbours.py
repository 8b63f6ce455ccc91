"""All products' nearest products, by looks and by behaviour: the lists a snapshot holds."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from recommender.core.ranking import top_k
from recommender.core.types import Artefact, Bool, Factors, Float32, ItemItem, Neighbours
from recommender.core.vectors import exact_top_k, unit_rows

Progress: TypeAlias = Callable[[int, int], None]

BLOCK_ROWS = 8192


def visual_neighbours(vectors: Float32, k: int, progress: Progress | None = None) -> Neighbours:
    """The k products that look most alike to each, by cosine, best first, never the product itself.

    Args:
        vectors: unit vectors, float32, shape (n, d); a product with a zero row has an empty list and is in none.
        k: the lists' length, padded with row -1 and score 0.
        progress: called with (products done, products).
    """
    return _cosine_neighbours(vectors, k, progress)


def item_item_neighbours(artefact: Artefact, k: int, progress: Progress | None = None) -> Neighbours:
    """The k products closest in behaviour to each, best first, never the product itself.

    By the cosine of item factors, or by the positive item-item weights of the product's row. Arguments as in
    `visual_neighbours`.
    """
    if isinstance(artefact, Factors):
        return _cosine_neighbours(unit_rows(artefact.items), k, progress)
    return _listed_neighbours(artefact, k, progress)


def _cosine_neighbours(vectors: Float32, k: int, progress: Progress | None) -> Neighbours:
    usable = np.flatnonzero(_nonzero_rows(vectors))
    n = vectors.shape[0]
    if usable.size == n:
        return exact_top_k(vectors, vectors, k, exclude_self=True, progress=progress)
    compact = np.asarray(vectors[usable], np.float32)
    found = exact_top_k(compact, compact, k, exclude_self=True, progress=progress)
    rows, scores = np.full((n, k), -1, np.int32), np.zeros((n, k), np.float32)
    if usable.size:
        rows[usable] = np.where(found.rows >= 0, usable[found.rows], -1)
        scores[usable] = found.scores
    return Neighbours(rows, scores)


def _listed_neighbours(artefact: ItemItem, k: int, progress: Progress | None) -> Neighbours:
    n = artefact.indptr.shape[0] - 1
    rows, scores = np.full((n, k), -1, np.int32), np.zeros((n, k), np.float32)
    for row in range(n):
        entries = slice(artefact.indptr[row], artefact.indptr[row + 1])
        listed, weights = artefact.indices[entries], artefact.data[entries]
        kept = (weights > 0) & (listed != row)
        listed, weights = listed[kept], weights[kept]
        best = top_k(weights, k)
        rows[row, : best.size] = listed[best]
        scores[row, : best.size] = weights[best]
        if progress and ((row + 1) % BLOCK_ROWS == 0 or row + 1 == n):
            progress(row + 1, n)
    return Neighbours(rows, scores)


def _nonzero_rows(vectors: Float32) -> Bool:
    result = np.zeros(vectors.shape[0], bool)
    for start in range(0, vectors.shape[0], BLOCK_ROWS):
        block = slice(start, start + BLOCK_ROWS)
        result[block] = vectors[block].any(axis=1)
    return result
