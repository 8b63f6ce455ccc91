"""Attribute suggestions: replaced while nobody has looked at them, kept for ever once somebody has decided."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from recommender.models import Suggestion

Status = Suggestion.Status


class Proposal(NamedTuple):
    """A value for an attribute that a product lacks.

    Attributes:
        product_key: the product's primary key.
        attribute: its name.
        value: the likeliest.
        confidence: how likely, in [0, 1].
        others: the next likely values, best first.
        origin: of `Suggestion.Origin`.
    """

    product_key: Any
    attribute: str
    value: str
    confidence: float
    others: Sequence[str]
    origin: str


def replace_open(proposals: Iterable[Proposal]) -> int:
    """Make these the open suggestions, but none that was decided before; return how many are open."""
    with transaction.atomic():
        Suggestion.objects.filter(status=Status.OPEN).delete()
        Suggestion.objects.bulk_create(
            [
                Suggestion(
                    product_id=one.product_key,
                    attribute=one.attribute,
                    value=one.value,
                    confidence=one.confidence,
                    others=list(one.others),
                    origin=one.origin,
                )
                for one in proposals
            ],
            ignore_conflicts=True,
            batch_size=500,
        )
        return Suggestion.objects.filter(status=Status.OPEN).count()


def waiting() -> QuerySet[Suggestion]:
    """The open suggestions, the surest first."""
    return Suggestion.objects.filter(status=Status.OPEN)


def decided() -> set[tuple[str, str]]:
    """(product key as text, attribute) of all that a person has decided."""
    rows = Suggestion.objects.exclude(status=Status.OPEN).values_list("product_id", "attribute")
    return {(str(key), attribute) for key, attribute in rows}


def settle(pk: int, status: str, answer: str, user: Any) -> bool:
    """Note a decision; return False when somebody else was quicker."""
    return bool(
        Suggestion.objects.filter(pk=pk, status=Status.OPEN).update(
            status=status, answer=answer, decided_by=user, decided_at=timezone.now()
        )
    )
