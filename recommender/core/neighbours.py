"""All products' nearest products, by looks and by behaviour: the lists a snapshot holds."""

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from recommender.core.ranking import reach, top_k
from recommender.core.types import Artefact, Bool, Factors, Float32, Int32, Int64, ItemItem, Neighbours
from recommender.core.vectors import SCORES_BYTES, exact_top_k, unit_rows

Progress: TypeAlias = Callable[[int, int], None]

BLOCK_ROWS = 8192
_SORTED = 512
_FEW = 0.3
"""When more lists than this share must be made anew, making all is as quick."""


def visual_neighbours(vectors: Float32, k: int, progress: Progress | None = None) -> Neighbours:
    """The k products that look most alike to each, by cosine, best first, never the product itself.

    Args:
        vectors: unit vectors, float32, shape (n, d); a product with a zero row has an empty list and is in none.
        k: the lists' length, padded with row -1 and score 0.
        progress: called with (products done, products).
    """
    return _cosine_neighbours(vectors, k, progress)


def updated_neighbours(
    vectors: Float32, k: int, before: Neighbours, origin: Int32, progress: Progress | None = None
) -> Neighbours:
    """What `visual_neighbours` gives, from the lists of an earlier catalogue, when only some products are others.

    A list that lost nobody is merged with the new products. One that lost some, and is not surely complete without
    what was never listed, is made anew, as are those of new products; when these are many, all are. The result is that
    of `visual_neighbours`, up to the last bits of a matrix product, which depend on its shape.

    Args:
        vectors: of now, float32, shape (n, d).
        k: the lists' length.
        before: the lists of then.
        origin: for each row the row that had this very vector then, -1 for a new or changed one; int32, shape (n,),
            ascending where not -1.
        progress: called with (products done, products).
    """
    usable = np.flatnonzero(_nonzero_rows(vectors)).astype(np.int32)
    compact = vectors if usable.size == len(vectors) else np.asarray(vectors[usable], np.float32)
    came_from = origin[usable]
    new = np.flatnonzero(came_from < 0).astype(np.int32)
    if before.rows.shape[1] != k or new.size > _FEW * usable.size:
        return visual_neighbours(vectors, k, progress)
    destination = np.full(before.rows.shape[0] + 1, -1, np.int32)  # the last place is that of padding, row -1
    kept = np.flatnonzero(came_from >= 0).astype(np.int32)
    destination[came_from[kept]] = kept
    found = Neighbours(np.full((usable.size, k), -1, np.int32), np.zeros((usable.size, k), np.float32))
    doubtful = [new]
    block_rows = max(1, min(BLOCK_ROWS, SCORES_BYTES // (4 * max(new.size + k, 1))))
    for start in range(0, kept.size, block_rows):
        rows = kept[start : start + block_rows]
        lists = Neighbours(before.rows[came_from[rows]], before.scores[came_from[rows]])
        doubtful.append(_merge(found, compact, rows, lists, destination, new))
        if progress:
            progress(min(start + block_rows, kept.size), usable.size)
    anew = np.concatenate(doubtful)
    if anew.size > _FEW * usable.size:
        return visual_neighbours(vectors, k, progress)
    lists = exact_top_k(compact[anew], compact, k, own=anew)
    found.rows[anew], found.scores[anew] = lists
    if progress:
        progress(usable.size, usable.size)
    return _spread(found, usable, len(vectors))


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
    return _spread(found, usable, n)


def _merge(
    found: Neighbours, vectors: Float32, rows: Int32, before: Neighbours, destination: Int32, new: Int32
) -> Int32:
    """Write the lists of kept rows into `found`; return the rows whose lists may miss what was never listed."""
    k = before.rows.shape[1]
    listed = destination[before.rows]
    lost = (listed < 0).any(axis=1) & (before.rows[:, -1] >= 0)
    # Whoever was never listed scores at most this; a list with padding had everybody.
    bound = np.where(before.rows[:, -1] >= 0, before.scores[:, -1], -np.inf)
    scores = np.where(listed >= 0, before.scores, -np.inf).astype(np.float32)
    fresh = vectors[rows] @ vectors[new].T if new.size else np.empty((rows.size, 0), np.float32)
    wanted = np.where((listed >= 0).all(axis=1), scores[:, -1], -np.inf)
    touched = (fresh >= wanted[:, None]).any(axis=1) | (listed < 0).any(axis=1)
    found.rows[rows], found.scores[rows] = listed, before.scores
    for place in np.flatnonzero(touched).tolist():
        candidates = np.concatenate([listed[place], new])
        values = np.concatenate([scores[place], fresh[place]])
        order = np.lexsort((candidates, -values))[:k] if candidates.size < _SORTED else _best(candidates, values, k)
        order = order[values[order] > -np.inf]
        found.rows[rows[place]], found.scores[rows[place]] = -1, 0.0
        found.rows[rows[place], : order.size] = candidates[order]
        found.scores[rows[place], : order.size] = values[order]
    certain = (found.scores[rows] > bound[:, None]) & (found.rows[rows] >= 0)
    result: Int32 = rows[lost & ~certain.all(axis=1)]
    return result


def _best(candidates: Int32, values: Float32, k: int) -> Int64:
    """`lexsort` of the few that may be among the best k."""
    few = np.flatnonzero(values >= reach(values, k))
    return few[np.lexsort((candidates[few], -values[few]))[:k]]


def _spread(found: Neighbours, usable: Int64 | Int32, n: int) -> Neighbours:
    """Lists among usable rows as lists among all n, empty for the others."""
    if usable.size == n:
        return found
    rows, scores = np.full((n, found.rows.shape[1]), -1, np.int32), np.zeros((n, found.rows.shape[1]), np.float32)
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
