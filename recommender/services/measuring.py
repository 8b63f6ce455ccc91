"""What this process counts and times for Prometheus; nothing where prometheus-client is not installed."""

from __future__ import annotations

import collections
import os
import time
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, ParamSpec, TypeVar

if TYPE_CHECKING:
    from prometheus_client import Counter, Histogram

P = ParamSpec("P")
T = TypeVar("T")

_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""In seconds: a shelf takes a few milliseconds, a page some ten."""


class Instruments(NamedTuple):
    """The counters and histograms of this process, or of all web processes that share PROMETHEUS_MULTIPROC_DIR."""

    requests: Histogram
    shelves: Histogram
    places: Counter


def _instruments() -> Instruments | None:
    if find_spec("prometheus_client") is None:
        return None
    if folder := os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        Path(folder).mkdir(parents=True, exist_ok=True)
    from prometheus_client import Counter, Histogram  # an extra; it looks for the folder when it is imported

    return Instruments(
        Histogram(
            "recommender_request_duration_seconds",
            "Requests by the name of their address, their method and the status of their answer.",
            ["route", "method", "status"],
            buckets=_BUCKETS,
        ),
        Histogram("recommender_shelf_duration_seconds", "Making one recommended list.", ["shelf"], buckets=_BUCKETS),
        Counter(
            "recommender_shelf_places_total",
            "Places of recommended lists by what filled them; trending and newest are the fallbacks.",
            ["shelf", "source"],
        ),
    )


INSTRUMENTS = _instruments()
"""None without prometheus-client. Made at import, where no threads race for it."""


def request_served(route: str, method: str, status: int, seconds: float) -> None:
    """Count a request."""
    if (own := INSTRUMENTS) is not None:
        own.requests.labels(route, method, str(status)).observe(seconds)


def shelf(name: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Decorates what makes a recommended list: times it, counts its places by their source, and notes both on it."""

    def decorate(recommend: Callable[P, T]) -> Callable[P, T]:
        @wraps(recommend)
        def measured(*args: P.args, **kwargs: P.kwargs) -> T:
            start = time.perf_counter()
            found = recommend(*args, **kwargs)
            seconds = time.perf_counter() - start
            shelf_made(name, found, seconds)
            noted: Any = replace(found, strategy=name, seconds=seconds)  # type: ignore[type-var]
            return noted  # type: ignore[no-any-return]

        return measured

    return decorate


def shelf_made(name: str, found: Any, seconds: float) -> None:
    """Count a recommended list and its places."""
    if (own := INSTRUMENTS) is None:
        return
    own.shelves.labels(name).observe(seconds)
    for source, places in collections.Counter(item.source.value for item in found.items).items():
        own.places.labels(name, source).inc(places)
