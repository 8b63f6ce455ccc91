"""Places for products that nobody has chosen yet, so that they get a chance to be chosen."""

import numpy as np

from recommender.core.ranking import top_k
from recommender.core.types import Bool, Float32, Int64

FIRST = 20
"""The places at the top of a list that are given by score alone."""


def with_newcomers(scores: Float32, is_new: Bool, k: int, every: int) -> Int64:
    """The best k places, in which newcomers hold at least one of each `every` places after the first 20.

    A product without history competes on looks and attributes alone, and where behaviour says much its score never
    reaches a list: so it stays without history. After the first 20 places, which are what most people see, the best
    newcomer not yet shown takes a place whenever the `every - 1` places before it went to others.

    Args:
        scores: float32, shape (m,), not NaN; minus infinity for what must not be shown.
        is_new: which products have no history, bool, shape (m,).
        k: the list's length.
        every: one place in how many; 0 leaves the order to the scores.

    Returns:
        Positions in `scores`, best first, int64, shape (min(k, m),).
    """
    best = top_k(scores, k)
    if every <= 0 or k <= FIRST or best.size <= FIRST:
        return best
    shown = is_new[best]
    positions = np.flatnonzero(is_new & (scores > -np.inf))
    waiting = positions[top_k(scores[positions], 1 + k // every + int(shown.sum()))]
    return _merged(best, shown, waiting, every) if waiting.size else best


def _merged(best: Int64, shown: Bool, waiting: Int64, every: int) -> Int64:
    """Both lists are best first; `waiting` holds the newcomers, also those that `best` holds."""
    result = best[:FIRST].tolist()
    taken = set(result)
    newcomers = iter(waiting.tolist())
    others = 0
    for place, is_newcomer in zip(best[FIRST:].tolist(), shown[FIRST:].tolist(), strict=True):
        if len(result) >= best.size:
            break
        if others >= every - 1 and not is_newcomer:
            chosen = next((newcomer for newcomer in newcomers if newcomer not in taken), None)
            if chosen is not None:
                result.append(chosen)
                taken.add(chosen)
            others = 0
        if len(result) < best.size and place not in taken:
            result.append(place)
            taken.add(place)
            others = 0 if is_newcomer else others + 1
    return np.array(result, np.int64)
