"""What `fold_in` does for one visitor, for many at once: matrix products instead of one vector after another."""

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from recommender.core.fold_in import fold_in_scores, visitor_vector
from recommender.core.ranking import top_k_rows
from recommender.core.types import Artefact, Factors, Float32, Int32, ItemItem, Neighbours

Progress: TypeAlias = Callable[[int, int], None]

Offsets: TypeAlias = NDArray[Any]
"""Where each row of a CSR matrix starts, any integers."""

BLOCK_BYTES = 4 * 1024 * 1024
"""The scores of a block of visitors: few enough to stay in the processor's cache until they are ranked."""

SYSTEMS = 128
"""Visitors whose systems of equations are solved by one call."""

PADDED_BYTES = 128 * 1024 * 1024


def score_visitors(artefact: Artefact, indptr: Offsets, rows: Int32, weights: Float32) -> Float32:
    """`fold_in_scores` of every product for b visitors, float32, shape (b, n).

    Args:
        artefact: what the collaborative engine published, over n products.
        indptr: where each visitor's events start, shape (b + 1,), as in a CSR matrix.
        rows: the events' products, int32, shape (e,).
        weights: float32, shape (e,).
    """
    if isinstance(artefact, Factors):
        return np.asarray(_visitor_vectors(artefact, indptr, rows, weights) @ artefact.items.T, np.float32)
    scores = np.empty((len(indptr) - 1, artefact.indptr.shape[0] - 1), np.float32)
    for visitor, own in enumerate(_parts(indptr)):
        scores[visitor] = fold_in_scores(artefact, rows[own], weights[own])
    return scores


def recommend_all(
    artefact: Artefact, indptr: Offsets, rows: Int32, weights: Float32, k: int, progress: Progress | None = None
) -> Neighbours:
    """The best k products of each visitor by behaviour alone, none of their own, in blocks of bounded memory.

    Args:
        artefact: as in `score_visitors`, with indptr, rows and weights.
        indptr: of b visitors.
        rows: as above.
        weights: as above.
        k: the lists' length.
        progress: called with (visitors done, visitors).

    Returns:
        rows and scores of shape (b, k); padded with row -1 and score 0 for visitors who know nearly all products, and
        empty for those without events, of whom behaviour says nothing.
    """
    b = len(indptr) - 1
    n = artefact.items.shape[0] if isinstance(artefact, Factors) else artefact.indptr.shape[0] - 1
    found, scores = np.full((b, k), -1, np.int32), np.zeros((b, k), np.float32)
    lists = None if isinstance(artefact, Factors) else _padded(artefact)
    size = max(1, BLOCK_BYTES // (4 * max(n, 1)))
    for start in range(0, b, size):
        stop = min(start + size, b)
        events = slice(indptr[start], indptr[stop])
        own, counts = indptr[start : stop + 1] - indptr[start], np.diff(indptr[start : stop + 1])
        if lists is None:
            block = score_visitors(artefact, own, rows[events], weights[events])
        else:
            block = _score_by_lists(lists, own, rows[events], weights[events])
        block[np.repeat(np.arange(stop - start), counts), rows[events]] = -np.inf
        block[counts == 0] = -np.inf
        best = top_k_rows(block, k)
        values = np.take_along_axis(block, best, axis=1)
        ranked = values > -np.inf
        found[start:stop, : best.shape[1]] = np.where(ranked, best, -1)
        scores[start:stop, : best.shape[1]] = np.where(ranked, values, 0.0)
        if progress:
            progress(stop, b)
    return Neighbours(found, scores)


def _visitor_vectors(artefact: Factors, indptr: Offsets, rows: Int32, weights: Float32) -> Float32:
    """`fold_in.visitor_vector` of each visitor, float32, shape (b, f)."""
    vectors = np.zeros((len(indptr) - 1, artefact.items.shape[1]), np.float32)
    parts = list(_parts(indptr))
    for start in range(0, len(parts), SYSTEMS):
        group = parts[start : start + SYSTEMS]
        solved = _ridge_vectors(artefact, group, rows, weights) if artefact.solver == "ridge" else None
        if solved is None:
            solved = np.stack([visitor_vector(artefact, rows[own], weights[own]) for own in group])
        vectors[start : start + SYSTEMS] = solved
    return vectors


def _ridge_vectors(artefact: Factors, parts: Sequence[slice], rows: Int32, weights: Float32) -> Float32 | None:
    """`fold_in.visitor_vector` by one call of the solver for all; None when one of the systems is singular."""
    f = artefact.items.shape[1]
    systems, sides = np.empty((len(parts), f, f)), np.empty((len(parts), f))
    for place, own in enumerate(parts):
        c = np.float32(artefact.alpha) * np.maximum(weights[own], 0)
        y = artefact.items[rows[own]]
        systems[place] = (y * c[:, None]).T @ y
        sides[place] = np.where(c > 0, 1 + c, 0) @ y
    systems += artefact.gram + np.float32(artefact.regularization) * np.eye(f, dtype=np.float32)
    try:
        return np.linalg.solve(systems, sides[..., None])[..., 0].astype(np.float32)
    except np.linalg.LinAlgError:
        return None


class _Lists(NamedTuple):
    """Item-to-item weights as a rectangle; shorter rows are padded with the product n and weight 0.

    Attributes:
        products: intp, shape (n, longest).
        weights: float64, shape (n, longest).
    """

    products: NDArray[np.intp]
    weights: NDArray[np.float64]


def _padded(artefact: ItemItem) -> _Lists | None:
    """The weights as a rectangle, which many visitors read sooner; None where it would be large."""
    lengths = np.diff(artefact.indptr)
    n, longest = lengths.size, int(lengths.max(initial=0))
    if 16 * n * longest > PADDED_BYTES:
        return None
    place = np.arange(longest)[None, :] < lengths[:, None]
    lists = _Lists(np.full((n, longest), n, np.intp), np.zeros((n, longest)))
    lists.products[place] = artefact.indices
    lists.weights[place] = artefact.data
    return lists


def _score_by_lists(lists: _Lists, indptr: Offsets, rows: Int32, weights: Float32) -> Float32:
    """`score_visitors` for item-to-item weights."""
    n = len(lists.products)
    scores = np.empty((len(indptr) - 1, n), np.float32)
    for visitor, own in enumerate(_parts(indptr)):
        added = lists.weights[rows[own]] * weights[own, None]
        scores[visitor] = np.bincount(lists.products[rows[own]].ravel(), added.ravel(), n + 1)[:n]
    return scores


def _parts(indptr: Offsets) -> Iterator[slice]:
    bounds = np.asarray(indptr).tolist()
    return (slice(start, stop) for start, stop in pairwise(bounds))
