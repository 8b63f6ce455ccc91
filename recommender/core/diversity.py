"""Shelves that are not twelve times the same: near-duplicates out, no group on top of all others, unlike neighbours.

Everything here takes products in the order of their scores and gives positions in that order.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from recommender.core.types import Float32, Int32, Int64

DUPLICATE = 0.995
TRADE_OFF = 0.85


def mmr(scores: Float32, vectors: Float32, k: int, *, trade_off: float = TRADE_OFF) -> Int64:
    """k products that are good and unlike each other: maximal marginal relevance (Carbonell & Goldstein 1998).

    Each next one is argmax_i t * score_i - (1 - t) * max over the chosen j of cos(i, j), the earlier of equals.

    Args:
        scores: shape (m,), in [0, 1], finite.
        vectors: unit vectors, float32, shape (m, d); a zero row is like nothing.
        k: how many.
        trade_off: t in [0, 1]; 1 is the order of the scores.

    Returns:
        Positions in the order of choice, int64, shape (min(k, m),).
    """
    m = scores.shape[0]
    chosen = np.empty(max(0, min(k, m)), np.int64)
    relevance = np.float32(trade_off) * np.asarray(scores, np.float32)
    closest = np.zeros(m, np.float32)
    free = np.zeros(m, np.float32)
    for place in range(chosen.size):
        best = int(np.argmax(relevance - np.float32(1.0 - trade_off) * closest + free))
        chosen[place] = best
        free[best] = -np.inf
        alike = vectors @ vectors[best]
        closest = alike if place == 0 else np.maximum(closest, alike)
    return chosen


def cap_groups(groups: Int32, caps: Sequence[int]) -> Int64:
    """All positions, those first that keep every group within its cap, then the rest; both in the given order.

    So the first places are mixed, and a shelf that has nothing else is still full.

    Args:
        groups: group codes, int32, shape (m, g), such as brand and family; -1 is no group.
        caps: how many of one group may come first, for each of the g columns, > 0.

    Returns:
        int64, shape (m,), a permutation.
    """
    counts: list[Counter[int]] = [Counter() for _ in caps]
    within, beyond = [], []
    for position, codes in enumerate(groups.tolist()):
        if any(code >= 0 and count[code] >= cap for code, count, cap in zip(codes, counts, caps, strict=True)):
            beyond.append(position)
            continue
        within.append(position)
        for code, count in zip(codes, counts, strict=True):
            count[code] += 1
    return np.array(within + beyond, np.int64)


def without_duplicates(vectors: Float32, *, threshold: float = DUPLICATE) -> Int64:
    """Positions of products whose picture is not nearly the same as that of an earlier one that stays.

    Args:
        vectors: unit vectors, float32, shape (m, d); a zero row, a product without a picture, always stays.
        threshold: the cosine from which two pictures count as the same.

    Returns:
        int64, ascending.
    """
    alike = vectors @ vectors.T >= threshold
    stays = np.zeros(vectors.shape[0], bool)
    for position in range(vectors.shape[0]):
        stays[position] = not (alike[position, :position] & stays[:position]).any()
    return np.flatnonzero(stays)
