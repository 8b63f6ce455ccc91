"""Shelves that are not twelve times the same: near-duplicates out, no group on top of all others, unlike neighbours.

Everything here takes products in the order of their scores and gives positions in that order.
"""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from recommender.core.types import Float32, Int64

DUPLICATE = 0.995
TRADE_OFF = 0.85


def mmr(scores: Float32, alike: Float32, k: int, *, trade_off: float = TRADE_OFF) -> Int64:
    """k products that are good and unlike each other: maximal marginal relevance (Carbonell & Goldstein 1998).

    Each next one is argmax_i t * score_i - (1 - t) * max over the chosen j of cos(i, j), the earlier of equals.

    Args:
        scores: shape (m,), in [0, 1], finite.
        alike: cosines of each with each, float32, shape (m, m); 0 for a product that is like nothing.
        k: how many.
        trade_off: t in [0, 1]; 1 is the order of the scores.

    Returns:
        Positions in the order of choice, int64, shape (min(k, m),).
    """
    m = scores.shape[0]
    chosen = np.empty(max(0, min(k, m)), np.int64)
    relevance = np.float32(trade_off) * np.asarray(scores, np.float32)
    penalties = np.float32(1.0 - trade_off) * alike
    worst = np.zeros(m, np.float32)
    for place in range(chosen.size):
        best = int((relevance - worst).argmax())
        chosen[place] = best
        relevance[best] = -np.inf
        worst = penalties[best] if place == 0 else np.maximum(worst, penalties[best])
    return chosen


def cap_groups(groups: Int64, caps: Sequence[int]) -> tuple[Int64, Int64]:
    """Positions that keep every group within its cap, and those beyond; both in the given order.

    Those beyond may still fill a shelf that has nothing else.

    Args:
        groups: group codes, integers, shape (m, g), such as brand and family; negative is no group.
        caps: how many of one group are within, for each of the g columns, > 0.

    Returns:
        Two int64 arrays, together a permutation of 0..m-1.
    """
    if all(_most_common(column) <= cap for column, cap in zip(groups.T, caps, strict=True)):
        return np.arange(groups.shape[0]), np.zeros(0, np.int64)
    counts: list[Counter[int]] = [Counter() for _ in caps]
    within, beyond = [], []
    for position, codes in enumerate(groups.tolist()):
        if any(code >= 0 and count[code] >= cap for code, count, cap in zip(codes, counts, caps, strict=True)):
            beyond.append(position)
            continue
        within.append(position)
        for code, count in zip(codes, counts, strict=True):
            count[code] += 1
    return np.array(within, np.int64), np.array(beyond, np.int64)


def without_duplicates(alike: Float32, *, threshold: float = DUPLICATE) -> Int64:
    """Positions of products whose picture is not nearly the same as that of an earlier one that stays.

    Args:
        alike: cosines of each with each, float32, shape (m, m); 0 for a product without a picture, which stays.
        threshold: the cosine from which two pictures count as the same.

    Returns:
        int64, ascending.
    """
    same = alike >= threshold
    stays = np.ones(alike.shape[0], bool)
    if np.count_nonzero(same) == np.count_nonzero(same.diagonal()):  # each is like itself alone
        return np.flatnonzero(stays)
    later, earlier = np.nonzero(np.tril(same, -1))
    for position, before in zip(later.tolist(), earlier.tolist(), strict=True):
        if stays[before]:
            stays[position] = False
    return np.flatnonzero(stays)


def _most_common(codes: Int64) -> int:
    return max(Counter(codes[codes >= 0].tolist()).values(), default=0)
