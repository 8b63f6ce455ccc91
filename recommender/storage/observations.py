"""Impressions, searches and shown products: written without doubling, counted by day, deleted when old."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import date, datetime
from typing import Any, TypeVar

from django.db.models import Model, QuerySet

from recommender.models import Impression, Search, ShownProduct

M = TypeVar("M", bound=Model)

_DELETE_BATCH = 5000


def insert(rows: Sequence[M]) -> int:
    """Write new rows of one model, passing over those whose id is there already; return how many were new."""
    if not rows:
        return 0
    manager = type(rows[0])._default_manager
    known = set(manager.filter(pk__in=[row.pk for row in rows]).values_list("pk", flat=True))
    fresh = {row.pk: row for row in rows if row.pk not in known}
    manager.bulk_create(list(fresh.values()), ignore_conflicts=True, batch_size=1000)
    return len(fresh)


def note_shown(products: Collection[Any], day: date) -> None:
    """Remember that these products were shown on that day; two queries for the first time, one after it."""
    if not products:
        return
    noted = set(ShownProduct.objects.filter(day=day, product__in=products).values_list("product_id", flat=True))
    if missing := set(products) - noted:
        rows = [ShownProduct(day=day, product_id=key) for key in missing]
        ShownProduct.objects.bulk_create(rows, ignore_conflicts=True, batch_size=1000)


def purge(before: datetime, day: date) -> int:
    """Delete impressions and searches older than `before`, and what was shown before that day; return how many."""
    old = (
        Impression.objects.filter(occurred_at__lt=before),
        Search.objects.filter(occurred_at__lt=before),
        ShownProduct.objects.filter(day__lt=day),
    )
    return sum(n for rows in old for n in _deleted(rows))


def _deleted(rows: QuerySet[Any]) -> Iterator[int]:
    while ids := list(rows.order_by("pk").values_list("pk", flat=True)[:_DELETE_BATCH]):
        yield rows.model._default_manager.filter(pk__in=ids).delete()[0]
