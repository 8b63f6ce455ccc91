"""An evaluation as plain data for JSON: means with intervals by segment, and who is surely better than whom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from recommender.core.metrics import bootstrap_intervals
from recommender.services.evaluating.ranking import SEGMENTS, Outcome, Values
from recommender.services.evaluating.search import average

PAIRED = ("recall@20", "ndcg@20", "recall@100")
_MANY_USERS = 5000
_DIGITS = 6


def describe(outcome: Outcome, seed: int) -> dict[str, dict[str, Any]]:
    """Each segment's means, 95 % intervals and number of users: {"all": {"recall@20": 0.1, ..., "users": 285}, ...}."""
    return {segment: _segment(outcome, segment, seed) for segment in ("all", *SEGMENTS)}


def compare(outcomes: Mapping[str, Outcome], chosen: str, seed: int) -> dict[str, dict[str, Any]]:
    """The chosen strategy against each other one on the same users: mean difference and its 95 % interval.

    An interval above 0 says that the chosen one is better, one around 0 that these users cannot tell.
    """
    ours = outcomes[chosen].values["all"]
    return {key: _difference(ours, other.values["all"], seed) for key, other in outcomes.items() if key != chosen}


def _segment(outcome: Outcome, segment: str, seed: int) -> dict[str, Any]:
    values = outcome.values[segment]
    means = {metric: rounded(outcome.mean(metric, segment)) for metric in values}
    return {**means, "interval": intervals(values, seed), "users": int(outcome.users[segment].size)}


def _difference(ours: Mapping[str, Values], theirs: Mapping[str, Values], seed: int) -> dict[str, Any]:
    gains = {metric: ours[metric] - theirs[metric] for metric in PAIRED}
    bounds = intervals(gains, seed)
    return {
        metric: {"difference": rounded(average(of_users)), "interval": bounds[metric]}
        for metric, of_users in gains.items()
    }


def intervals(values: Mapping[str, Values], seed: int) -> dict[str, list[float]]:
    """95 % bootstrap intervals over users, with fewer resamples where many users make them narrow anyway."""
    columns = np.stack(list(values.values()), axis=1)
    n = 1000 if len(columns) <= _MANY_USERS else 200
    bounds = bootstrap_intervals(columns, n=n, seed=seed)
    return {metric: [rounded(bound) for bound in pair] for metric, pair in zip(values, bounds, strict=True)}


def rounded(value: float) -> float:
    """As many digits as a report shows."""
    return round(float(value), _DIGITS)
