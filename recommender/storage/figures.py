"""Events grouped by day for summing, and the figures of days."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Count, DecimalField, F, Max, Min, Q, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from recommender.models import DailyFigures, Impression, Interaction, Search, ShownProduct
from recommender.models import Sequence as Counter

NAME = "figures"
OVERLAP = 10_000
"""Interactions before the mark that are looked at again: of two transactions, the one that began first may end last."""


class InteractionGroup(NamedTuple):
    """Interactions of one day that have all this in common."""

    placement: str
    strategy: str
    snapshot: int | None
    kind: str
    position: int | None
    n: int
    units: int | None
    revenue: Decimal | None


class ImpressionGroup(NamedTuple):
    """Impressions of one day that have all this in common."""

    placement: str
    runs: str
    snapshot: int
    milliseconds: int
    n: int


def mark() -> int:
    """The last interaction that a run has summed; 0 before the first run."""
    return Counter.objects.filter(name=NAME).values_list("value", flat=True).first() or 0


def set_mark(last: int) -> None:
    """Remember how far a run came."""
    Counter.objects.update_or_create(name=NAME, defaults={"value": last})


def lock() -> None:
    """Let one run after the other write, to the end of the transaction."""
    Counter.objects.get_or_create(name=NAME)
    Counter.objects.select_for_update().get(name=NAME)


def newest_interaction() -> int:
    """The number of the newest interaction; 0 when there is none."""
    return Interaction.objects.aggregate(newest=Max("pk"))["newest"] or 0


def days_since(last: int) -> list[date]:
    """Days, in the shop's time zone, of the interactions stored since the one with that number, and shortly before."""
    rows = Interaction.objects.filter(pk__gt=last - OVERLAP)
    return list(rows.order_by().values_list(TruncDate("occurred_at"), flat=True).distinct())


def first_observation() -> date | None:
    """The day of the oldest impression or search."""
    moments = [model.objects.aggregate(first=Min("occurred_at"))["first"] for model in (Impression, Search)]
    known = [moment for moment in moments if moment is not None]
    return timezone.localdate(min(known)) if known else None


def last_day() -> date | None:
    """The last day that has figures of impressions or searches."""
    rows = DailyFigures.objects.filter(Q(impressions__gt=0) | Q(searches__gt=0))
    last: date | None = rows.aggregate(last=Max("day"))["last"]
    return last


def interactions(begin: datetime, end: datetime) -> list[InteractionGroup]:
    """The interactions of a time, grouped."""
    names = ("placement", "strategy", "snapshot", "kind", "position")
    amount = Sum(F("quantity") * F("price"), output_field=DecimalField(max_digits=30, decimal_places=4))
    rows = Interaction.objects.filter(occurred_at__gte=begin, occurred_at__lt=end).order_by()
    grouped = rows.values(*names).annotate(n=Count("pk"), units=Sum("quantity"), revenue=amount)
    return [InteractionGroup(*row) for row in grouped.values_list(*names, "n", "units", "revenue")]


def impressions(begin: datetime, end: datetime) -> list[ImpressionGroup]:
    """The impressions of a time, grouped."""
    names = ("placement", "runs", "snapshot", "milliseconds")
    rows = Impression.objects.filter(occurred_at__gte=begin, occurred_at__lt=end).order_by()
    return [ImpressionGroup(*row) for row in rows.values(*names).annotate(n=Count("pk")).values_list(*names, "n")]


def searches(begin: datetime, end: datetime) -> tuple[int, int]:
    """How many searches there were in a time, and how many of them found nothing."""
    rows = Search.objects.filter(occurred_at__gte=begin, occurred_at__lt=end)
    found = rows.aggregate(all=Count("pk"), empty=Count("pk", filter=Q(results=0)))
    return found["all"], found["empty"]


def save(rows: Iterable[DailyFigures], names: Sequence[str]) -> None:
    """Write new rows, and these columns of the others."""
    known: list[DailyFigures] = []
    new: list[DailyFigures] = []
    for row in rows:
        (new if row.pk is None else known).append(row)
    DailyFigures.objects.bulk_create(new)
    DailyFigures.objects.bulk_update(known, names, batch_size=100)


def of_days(first: date, last: date) -> list[DailyFigures]:
    """The figures of these days, the earliest first."""
    return list(
        DailyFigures.objects.filter(day__gte=first, day__lte=last).order_by("day", "placement", "strategy", "pk")
    )


def n_shown(first: date, last: date) -> int:
    """How many different products were shown on these days."""
    return ShownProduct.objects.filter(day__gte=first, day__lte=last).values("product_id").distinct().count()
