"""What tells every process that something changed: numbers that become visible in order, and the log of products."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from django.db import transaction
from django.db.models import F

from recommender.models import CatalogueChange, Sequence

CATALOGUE = "catalogue"
RULES = "rules"


class Change(NamedTuple):
    """One product's last change."""

    product_key: str
    sequence: int
    deleted: bool


def advance(name: str = CATALOGUE) -> int:
    """The next number. The row lock is held to the end of the caller's transaction, so numbers commit in order."""
    with transaction.atomic():
        if not Sequence.objects.filter(name=name).update(value=F("value") + 1):
            Sequence.objects.get_or_create(name=name)
            Sequence.objects.filter(name=name).update(value=F("value") + 1)
        return Sequence.objects.values_list("value", flat=True).get(name=name)


def hold() -> None:
    """Let no number be given to others until the caller's transaction ends."""
    list(Sequence.objects.select_for_update().filter(name=CATALOGUE))


def current() -> int:
    """The catalogue's last number; 0 before the first change."""
    return numbers()[CATALOGUE]


def numbers() -> dict[str, int]:
    """The last number of each sequence, 0 before its first change; one query for all of them."""
    return {CATALOGUE: 0, RULES: 0} | dict(Sequence.objects.values_list("name", "value"))


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
