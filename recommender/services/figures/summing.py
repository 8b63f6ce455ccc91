"""Sums the events of each day, so that the page of figures reads hundreds of rows and not millions.

A day is always summed as a whole and its figures are replaced, so a run may be repeated or killed at any time. Only
days with something new are summed: today and yesterday, and earlier ones that an event came in for since the last run.
What was erased or is past its retention stays in figures that were summed before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from recommender.conf import settings
from recommender.models import DailyFigures, InteractionKind
from recommender.services.recommendation_ids import read_runs
from recommender.storage import figures

LATENCY_BOUNDS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000)
"""Upper bounds, in milliseconds, of the groups that lists are counted in by how long they took; the last has none."""

Key = tuple[str, str, int]
"""Placement, strategy, snapshot; empty and 0 for what no shelf led to."""

NOBODY: Key = ("", "", 0)
_COUNTED = {
    InteractionKind.VIEW: "views",
    InteractionKind.CLICK: "clicks",
    InteractionKind.CART: "carts",
    InteractionKind.DISMISS: "dismissals",
    InteractionKind.PURCHASE: "purchases",
}
_FROM_INTERACTIONS = ("views", "clicks", "positions", "dismissals", "carts", "purchases", "units", "revenue")
_FROM_OBSERVATIONS = ("impressions", "places", "fallbacks", "latency", "searches", "empty_searches")


@dataclass
class _Sums:
    """The figures of one key on one day."""

    numbers: Counter[str] = field(default_factory=Counter)
    revenue: Decimal = Decimal(0)
    positions: Counter[str] = field(default_factory=Counter)
    latency: Counter[str] = field(default_factory=Counter)


def sum_up() -> list[date]:
    """Bring the figures up to date; return the days that were summed, the earliest first.

    Two runs at once wait for each other, a day at a time.
    """
    today = timezone.localdate()
    mark = figures.mark()
    newest = figures.newest_interaction()
    changed = set(figures.days_since(mark)) | {today, today - timedelta(days=1)}
    observed = set(_observed_days(today))
    oldest = today - timedelta(days=settings.EVENT_RETENTION_DAYS)
    days = sorted(day for day in changed | observed if oldest <= day <= today)
    for day in days:
        with transaction.atomic():
            figures.lock()
            if day in changed:
                _replace(day, _interactions(day), _FROM_INTERACTIONS)
            if day in observed:
                _replace(day, _observations(day), _FROM_OBSERVATIONS)
    figures.set_mark(newest)
    return days


def _observed_days(today: date) -> Iterable[date]:
    """Days whose impressions and searches may have changed since the last run: those come at most a day late."""
    first = figures.last_day() or figures.first_observation() or today
    first = min(first, today) - timedelta(days=1)
    first = max(first, today - timedelta(days=settings.IMPRESSION_RETENTION_DAYS - 1))
    return (first + timedelta(days=number) for number in range((today - first).days + 1))


def bounds(day: date) -> tuple[datetime, datetime]:
    """The moments at which a day begins and ends in the shop's time zone."""
    zone = timezone.get_current_timezone()
    begin = datetime.combine(day, time(), zone)
    return begin, datetime.combine(day + timedelta(days=1), time(), zone)


def _interactions(day: date) -> dict[Key, _Sums]:
    found: dict[Key, _Sums] = {}
    for row in figures.interactions(*bounds(day)):
        sums = found.setdefault((row.placement, row.strategy, row.snapshot or 0), _Sums())
        name = _COUNTED.get(InteractionKind(row.kind))
        if name is None:
            continue
        sums.numbers[name] += row.n
        if row.kind == InteractionKind.CLICK and row.position:
            sums.positions[str(row.position)] += row.n
        if row.kind == InteractionKind.PURCHASE:
            sums.numbers["units"] += max(row.units or 0, 0)
            sums.revenue += row.revenue or Decimal(0)
    return found


def _observations(day: date) -> dict[Key, _Sums]:
    found: dict[Key, _Sums] = {}
    for row in figures.impressions(*bounds(day)):
        for number, run in enumerate(read_runs(row.runs)):
            sums = found.setdefault((row.placement, run.strategy, row.snapshot), _Sums())
            sums.numbers["places"] += run.places * row.n
            sums.numbers["fallbacks"] += run.places * row.n if run.is_fallback else 0
            if number == 0:  # a list counts once, for what has its first place
                sums.numbers["impressions"] += row.n
                sums.latency[_bucket(row.milliseconds)] += row.n
    searches, empty = figures.searches(*bounds(day))
    if searches:
        found.setdefault(NOBODY, _Sums()).numbers.update(searches=searches, empty_searches=empty)
    return found


def _bucket(milliseconds: int) -> str:
    return str(next((bound for bound in LATENCY_BOUNDS if milliseconds <= bound), 0))


def _replace(day: date, found: dict[Key, _Sums], names: tuple[str, ...]) -> None:
    """Make these columns of the day's rows say what was found, and nothing else."""
    rows = {(row.placement, row.strategy, row.snapshot): row for row in DailyFigures.objects.filter(day=day)}
    for key in found.keys() - rows.keys():
        rows[key] = DailyFigures(day=day, placement=key[0], strategy=key[1], snapshot=key[2])
    for key, row in rows.items():
        sums = found.get(key, _Sums())
        values: dict[str, Any] = dict.fromkeys(names, 0) | sums.numbers
        values |= {"positions": sums.positions, "latency": sums.latency, "revenue": sums.revenue}
        for name in names:
            setattr(row, name, values[name])
    figures.save(rows.values(), names)
