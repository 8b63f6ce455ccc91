"""The best k of many scores, exactly, equal scores in the order of their rows."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.core.types import Float32, Int64

GROUPS = 64
FEW = 2048


def top_k(scores: NDArray[Any], k: int) -> Int64:
    """Positions of the best k scores, best first, ties by lower position.

    Args:
        scores: shape (n,); NaN counts as minus infinity.
        k: how many.

    Returns:
        int64, shape (min(k, n),).
    """
    unknown = np.isnan(scores)
    return _top_k(np.where(unknown, -np.inf, scores) if unknown.any() else scores, k)


def top_k_rows(scores: Float32, k: int) -> Int64:
    """`top_k` of each row of a matrix without NaN, shape (q, n): int64, shape (q, min(k, n))."""
    best = np.empty((scores.shape[0], max(0, min(k, scores.shape[1]))), np.int64)
    for row, row_scores in enumerate(scores):
        best[row] = _top_k(row_scores, k)
    return best


def _top_k(scores: NDArray[Any], k: int) -> Int64:
    n = scores.shape[0]
    if k <= 0:
        return np.zeros(0, np.int64)
    if k >= n:
        return np.argsort(-scores, kind="stable")
    contenders = np.flatnonzero(scores >= reach(scores, k))
    order = np.argsort(-scores[contenders], kind="stable")[:k]
    return contenders[order]


def reach(scores: NDArray[Any], k: int) -> NDArray[Any]:
    """A value that at least k scores reach, and few more: with it the rest need no sorting. 1 <= k <= n.

    For many scores it is the k-th highest maximum over groups of 64, found at a fraction of a partition's cost.
    A group is every (n/64)-th score, so that the maxima of all groups are 64 passes over consecutive memory.
    """
    stride = scores.shape[0] // GROUPS
    if scores.shape[0] > FEW and stride > k:
        scores = scores[: stride * GROUPS].reshape(GROUPS, stride).max(axis=0)
    return np.partition(scores, scores.shape[0] - k)[scores.shape[0] - k]  # type: ignore[no-any-return]
