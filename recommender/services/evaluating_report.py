"""An evaluation as plain data for JSON: means with intervals by segment, and who is surely better than whom."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from recommender.core.metrics import bootstrap_interval, paired_interval
from recommender.services.evaluating_ranking import SEGMENTS, Outcome, Values

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
    return {
        key: {
            metric: _difference(outcomes[chosen].values["all"][metric], outcome.values["all"][metric], seed)
            for metric in PAIRED
        }
        for key, outcome in outcomes.items()
        if key != chosen
    }


def _segment(outcome: Outcome, segment: str, seed: int) -> dict[str, Any]:
    values = outcome.values[segment]
    means = {metric: round(outcome.mean(metric, segment), _DIGITS) for metric in values}
    intervals = {
        metric: _rounded(bootstrap_interval(of_users, n=_resamples(of_users), seed=seed))
        for metric, of_users in values.items()
    }
    return {**means, "interval": intervals, "users": int(outcome.users[segment].size)}


def _difference(ours: Values, theirs: Values, seed: int) -> dict[str, Any]:
    mean = float(np.mean(ours - theirs)) if ours.size else 0.0
    return {
        "difference": round(mean, _DIGITS),
        "interval": _rounded(paired_interval(ours, theirs, n=_resamples(ours), seed=seed)),
    }


def _resamples(values: Values) -> int:
    """Fewer where there are many users: the interval is narrow, and each resample dear."""
    return 1000 if values.size <= _MANY_USERS else 200


def _rounded(interval: tuple[float, float]) -> list[float]:
    return [round(bound, _DIGITS) for bound in interval]
