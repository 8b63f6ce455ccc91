"""The log of changed products, numbered by one sequence that becomes visible in order."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from django.db import transaction
from django.db.models import F

from recommender.models import CatalogueChange, Sequence

NAME = "catalogue"


class Change(NamedTuple):
    """One product's last change."""

    product_key: str
    sequence: int
    deleted: bool


def advance() -> int:
    """The next number. The row lock is held to the end of the caller's transaction, so numbers commit in order."""
    with transaction.atomic():
        if not Sequence.objects.filter(name=NAME).update(value=F("value") + 1):
            Sequence.objects.get_or_create(name=NAME)
            Sequence.objects.filter(name=NAME).update(value=F("value") + 1)
        return Sequence.objects.values_list("value", flat=True).get(name=NAME)


def current() -> int:
    """The last number given; 0 before the first change."""
    return Sequence.objects.filter(name=NAME).values_list("value", flat=True).first() or 0


def record(product_keys: Iterable[object], *, deleted: bool = False) -> int:
    """Log that these products' vectors changed, under one new number, and return it."""
    with transaction.atomic():
        number = advance()
        CatalogueChange.objects.bulk_create(
            [CatalogueChange(product_key=str(key), sequence=number, deleted=deleted) for key in product_keys],
            update_conflicts=True,
            unique_fields=["product_key"],
            update_fields=["sequence", "deleted"],
        )
    return number


def since(sequence: int) -> list[Change]:
    """The changes numbered above `sequence`, oldest first."""
    rows = CatalogueChange.objects.filter(sequence__gt=sequence).order_by("sequence", "product_key")
    return [Change(*row) for row in rows.values_list("product_key", "sequence", "deleted")]


def purge(sequence: int) -> int:
    """Drop changes numbered up to `sequence`, which every retained snapshot contains; return how many."""
    return CatalogueChange.objects.filter(sequence__lte=sequence).delete()[0]
