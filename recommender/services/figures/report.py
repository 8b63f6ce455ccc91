"""The figures of a time, by day, placement, strategy, place and model, beside those of the time before it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import TypeVar

from recommender.models import DailyFigures, ImageEmbedding, Snapshot
from recommender.services.engines import get_encoder
from recommender.sources import get_source
from recommender.storage import figures

MOST_DAYS = 731
_MOST_POSITIONS = 12
_NAMES = ("impressions", "places", "fallbacks", "searches", "empty_searches", "views", "clicks", "dismissals", "carts")
_SALES = ("purchases", "units")

K = TypeVar("K")


@dataclass
class Totals:
    """Sums over some rows, and the rates that follow from them; a rate without a base is None."""

    impressions: int = 0
    places: int = 0
    fallbacks: int = 0
    searches: int = 0
    empty_searches: int = 0
    views: int = 0
    clicks: int = 0
    dismissals: int = 0
    carts: int = 0
    purchases: int = 0
    units: int = 0
    revenue: Decimal = Decimal(0)

    def add(self, row: DailyFigures) -> None:
        """Add the figures of a row."""
        for name in (*_NAMES, *_SALES, "revenue"):
            setattr(self, name, getattr(self, name) + getattr(row, name))

    @property
    def click_rate(self) -> float | None:
        """Clicks of the cards that were seen."""
        return _share(self.clicks, self.places)

    @property
    def basket_rate(self) -> float | None:
        """Baskets of the clicks."""
        return _share(self.carts, self.clicks)

    @property
    def fallback_share(self) -> float | None:
        """Places that a fallback filled, of those seen."""
        return _share(self.fallbacks, self.places)

    @property
    def empty_share(self) -> float | None:
        """Searches that found nothing."""
        return _share(self.empty_searches, self.searches)


@dataclass(frozen=True)
class Model:
    """A snapshot that was served in this time or made in it, and what it achieved."""

    snapshot: Snapshot | None
    number: int
    totals: Totals

    @property
    def percent(self) -> float:
        """The click rate in percent; 0 where nothing was seen."""
        return 100 * (self.totals.click_rate or 0.0)


@dataclass(frozen=True)
class Report:
    """What the shelves achieved.

    Attributes:
        first: the first day.
        last: the last day.
        totals: of the shelves asked for.
        before: the same of the time of equal length before.
        whole: of the shop, with what no shelf led to.
        days: each day in order, also those without figures.
        placements: by placement, the one with most impressions first.
        strategies: by strategy, the one with most places first.
        positions: clicks by place on the shelf, the first place first.
        latency: lists by milliseconds, the bound of a group -> how many; 0 is beyond the last bound.
        models: by snapshot, the newest first.
        n_shown: how many different products were seen on shelves.
        n_available: how many can be bought now.
        n_products: how many there are.
        n_embedded: how many have an embedded picture.
        choices: the placements and the strategies that can be asked for.
    """

    first: date
    last: date
    totals: Totals
    before: Totals
    whole: Totals
    days: list[tuple[date, Totals]]
    placements: list[tuple[str, Totals]]
    strategies: list[tuple[str, Totals]]
    positions: list[tuple[int, int]]
    latency: Counter[int]
    models: list[Model]
    n_shown: int
    n_available: int
    n_products: int
    n_embedded: int
    choices: tuple[list[str], list[str]] = field(default=([], []))

    @property
    def revenue_share(self) -> float | None:
        """The part of the shop's revenue that shelves led to."""
        return _share(float(self.totals.revenue), float(self.whole.revenue))

    @property
    def coverage(self) -> float | None:
        """Of the products that can be bought now, as many as were seen on shelves; at most 1."""
        share = _share(self.n_shown, self.n_available)
        return None if share is None else min(share, 1.0)

    @property
    def embedded(self) -> float | None:
        """Products with an embedded picture."""
        return _share(self.n_embedded, self.n_products)

    def percentile(self, share: float) -> int | None:
        """The bound in milliseconds within which this share of the lists was made; None without lists."""
        wanted, seen = share * self.latency.total(), 0
        for bound in sorted(bound for bound in self.latency if bound):
            seen += self.latency[bound]
            if seen >= wanted:
                return bound
        return None


def report(first: date, last: date, *, placement: str = "", strategy: str = "") -> Report:
    """The figures from one day to another, of one placement or strategy where named."""
    length = last - first + timedelta(days=1)
    rows = figures.of_days(first - length, last)
    now = [row for row in rows if row.day >= first]
    asked = [row for row in now if _is_asked(row, placement, strategy)]
    before = [row for row in rows if row.day < first and _is_asked(row, placement, strategy)]
    by_day = _grouped(asked, lambda row: row.day)
    positions: Counter[int] = Counter()
    latency: Counter[int] = Counter()
    for row in asked:
        positions.update({int(place): n for place, n in row.positions.items()})
        latency.update({int(bound): n for bound, n in row.latency.items()})
    source = get_source()
    return Report(
        first,
        last,
        _sum(asked),
        _sum(before),
        _sum(now),
        [(day, by_day.get(day, Totals())) for day in _days(first, last)],
        _ranked(_grouped(asked, lambda row: row.placement)),
        _ranked(_grouped(asked, lambda row: row.strategy)),
        [(place, positions[place]) for place in range(1, min(max(positions, default=0), _MOST_POSITIONS) + 1)],
        latency,
        _models(asked, first, last),
        figures.n_shown(first, last),
        source.queryset().filter(source.available()).count(),
        source.queryset().count(),
        _n_embedded(),
        (
            sorted({row.placement for row in now if row.placement}),
            sorted({row.strategy for row in now if row.strategy}),
        ),
    )


def _is_asked(row: DailyFigures, placement: str, strategy: str) -> bool:
    if not row.strategy:
        return False
    return placement in ("", row.placement) and strategy in ("", row.strategy)


def _days(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def _sum(rows: Iterable[DailyFigures]) -> Totals:
    totals = Totals()
    for row in rows:
        totals.add(row)
    return totals


def _grouped(rows: Iterable[DailyFigures], key: Callable[[DailyFigures], K]) -> dict[K, Totals]:
    found: dict[K, Totals] = {}
    for row in rows:
        found.setdefault(key(row), Totals()).add(row)
    return found


def _ranked(groups: dict[str, Totals]) -> list[tuple[str, Totals]]:
    return sorted(groups.items(), key=lambda pair: (-pair[1].places, -pair[1].clicks, pair[0]))


def _models(rows: Iterable[DailyFigures], first: date, last: date) -> list[Model]:
    by_number = _grouped(rows, lambda row: row.snapshot)
    made = Snapshot.objects.filter(created_at__date__gte=first, created_at__date__lte=last)
    known = {snapshot.pk: snapshot for snapshot in made | Snapshot.objects.filter(pk__in=by_number)}
    numbers = sorted({*by_number, *known} - {0}, reverse=True)
    return [Model(known.get(number), number, by_number.get(number, Totals())) for number in numbers]


def _n_embedded() -> int:
    ready = ImageEmbedding.objects.filter(encoder_version=get_encoder().version, status=ImageEmbedding.Status.READY)
    return ready.values("product_id").distinct().count()


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None
