"""Which events are held out to judge a recommender: everybody's latest, each user's latest, or a random part."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from recommender.core.types import Bool, Int32


def hold_out_latest(times: NDArray[Any], share: float) -> Bool:
    """The latest events overall: those after the (1 - share) quantile of time.

    Events at one moment stay together, so that nothing held out happened before, or along with, what is learned from.

    Args:
        times: any unit, ascending with time, shape (e,), finite.
        share: in (0, 1).

    Returns:
        True where held out, bool, shape (e,); all False when there is only one moment.
    """
    if times.size == 0:
        return np.zeros(0, bool)
    ascending = np.sort(times)
    cut = ascending[min(int(np.ceil((1 - share) * times.size)), times.size - 1)]
    late: Bool = times >= cut
    if late.all():
        late = times > cut
    return late


def hold_out_latest_per_user(users: Int32, times: NDArray[Any], share: float) -> Bool:
    """The latest `share` of each user's events, at least one where the user has two or more; arguments as elsewhere."""
    return _last_of_each(users, np.lexsort((times, users)), share)


def hold_out_random_per_user(users: Int32, share: float, seed: int) -> Bool:
    """A random `share` of each user's events, at least one where the user has two or more.

    Args:
        users: int32, shape (e,); repeated pairs must be removed before, or they fall on both sides.
        share: in (0, 1).
        seed: equal seeds give equal parts.

    Returns:
        True where held out, bool, shape (e,).
    """
    ticket = np.random.default_rng(seed).random(users.size)
    return _last_of_each(users, np.lexsort((ticket, users)), share)


def _last_of_each(users: Int32, order: NDArray[np.intp], share: float) -> Bool:
    """The last `share` of each user's events in an order that keeps users together."""
    held = np.zeros(users.size, bool)
    if users.size == 0:
        return held
    counts = np.bincount(users)
    ends = np.cumsum(counts)
    place = np.arange(users.size) - (ends - counts)[users[order]]
    n_held = np.where(counts >= 2, np.clip(np.rint(share * counts), 1, np.maximum(counts - 1, 1)), 0)
    held[order] = place >= (counts - n_held)[users[order]]
    return held
