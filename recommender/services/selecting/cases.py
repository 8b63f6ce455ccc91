"""What a selection learns from and judges by: one split of the history, its visitors divided into two halves."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from recommender.core.types import Bool, Int32, Int64
from recommender.services.evaluating.history import History
from recommender.services.evaluating.tuning import MOST_SCORES, Fold, hold_out
from recommender.services.histories import Events

SHARE = 0.2
MINUTES = 30.0
MOST_VISITORS = 1500
"""In each half: enough to tell configurations apart, few enough to rank all products for each."""

MOST_STEPS = 2000

Steps = Int32
"""From a product to the next one of another family, rows, shape (m, 2)."""


@dataclass(frozen=True, eq=False)
class Cases:
    """A split and who is on which side: options and blends are learned from one half, and the gate asks the other.

    Attributes:
        teaching: the fold, with the visitors that options are tuned and blends are learned on.
        judges: the visitors that the gate asks.
        teaching_steps: steps of visitors who teach.
        judging_steps: one step of each visitor who judges.
        positives: how many held-out choices of visitors with a history there are in all.
    """

    teaching: Fold
    judges: Int32
    teaching_steps: Steps
    judging_steps: Steps
    positives: int


def divide(history: History, seed: int) -> Cases:
    """Hold out the latest fifth of the events (a random one of each user's where undated) and draw who judges."""
    fold = hold_out(history, SHARE, seed)
    rng = np.random.default_rng(seed)
    judges = rng.random(max(history.train.n_users, 1)) < 0.5
    most = max(1, min(MOST_VISITORS, MOST_SCORES // max(history.n, 1)))
    users = fold.problem.users
    who, steps = next_of_another_family(fold.held, families_of(history))
    teaching, judging = ~judges[who], _first_of_each(who, judges)
    return Cases(
        teaching=replace(fold, users=users[_some(np.flatnonzero(~judges[users]), most, rng)]),
        judges=users[_some(np.flatnonzero(judges[users]), most, rng)],
        teaching_steps=steps[_some(np.flatnonzero(teaching), MOST_STEPS, rng)],
        judging_steps=steps[_some(judging, most, rng)],
        positives=int(fold.problem.relevant[users].nnz),
    )


def next_of_another_family(events: Events, families: Int32) -> tuple[Int32, Steps]:
    """Which product of another family each visitor turned to next, within 30 minutes.

    Args:
        events: in any order; refunds do not count.
        families: int32, shape (n,).

    Returns:
        Whose step each is, int32, shape (m,), and the steps.
    """
    chosen = np.flatnonzero((events.kind_weights > 0) & ~(events.quantities <= 0))
    order = chosen[np.lexsort((-events.ages_days[chosen], events.users[chosen]))]
    users, rows, days = events.users[order], events.rows[order], -events.ages_days[order].astype(np.float64)
    if not order.size:
        return np.zeros(0, np.int32), np.zeros((0, 2), np.int32)
    family = families[rows]
    turns = np.append((users[1:] != users[:-1]) | (family[1:] != family[:-1]), True)
    ends = np.flatnonzero(turns)  # the last event of each stretch with one family
    following = ends[np.searchsorted(ends, np.arange(order.size))] + 1
    known = np.flatnonzero(following < order.size)
    after = following[known]
    same = (users[after] == users[known]) & (days[after] - days[known] <= MINUTES / 1440)
    here, there = known[same], after[same]
    return users[here], np.stack([rows[here], rows[there]], axis=1).astype(np.int32)


def families_of(history: History) -> Int32:
    """The number of each product's family, int32, shape (n,); each its own where none are known."""
    groups = history.products.groups
    known = np.arange(history.n) if groups is None else groups[:, 0]
    return np.unique(known, return_inverse=True)[1].astype(np.int32)


def _first_of_each(who: Int32, chosen: Bool) -> Int64:
    """The first step of each visitor who is chosen."""
    _, first = np.unique(who, return_index=True)
    return first[chosen[who[first]]]


def _some(places: Int64, most: int, rng: np.random.Generator) -> Int64:
    """At most so many, in their order."""
    if places.size <= most:
        return places
    return places[np.sort(rng.choice(places.size, most, replace=False))]
