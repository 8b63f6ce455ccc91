"""Impressions, searches and shown products: written without doubling, counted by day, deleted when old."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, datetime
from typing import Any

from django.db.models import QuerySet

from recommender.models import Impression, Search, ShownProduct
from recommender.sources import existing_keys
from recommender.storage import inserting

_DELETE_BATCH = 5000


def note_shown(products: Collection[Any], day: date) -> None:
    """Remember that these products were shown on that day, those of them that exist.

    Three queries where one is new to the day, one after it: whoever is noted was seen to exist.
    """
    if not products:
        return
    noted = set(ShownProduct.objects.filter(day=day, product__in=products).values_list("product_id", flat=True))
    if missing := existing_keys(set(products) - noted):
        rows = [ShownProduct(day=day, product_id=key) for key in missing]
        inserting.insert(rows)


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
