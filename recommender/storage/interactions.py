"""Events: written in batches without doubling, read back as a visitor's recent history or as arrays for a fit."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, QuerySet

from recommender.models import Interaction, InteractionKind, Visitor
from recommender.sources import get_product_model

_DELETE_BATCH = 5000
_ORDER_KINDS = (InteractionKind.PURCHASE, InteractionKind.REFUND)


class Event(NamedTuple):
    """One event as history reads it."""

    visitor_id: uuid.UUID
    product_key: str
    kind: str
    occurred_at: datetime
    quantity: int


def insert(interactions: Sequence[Interaction]) -> int:
    """Write new events, passing over those already there (same visitor and client id); return how many were new.

    Two concurrent batches with the same event store it once; each may then count it as new.
    """
    if not interactions:
        return 0
    known = set(
        Interaction.objects.filter(
            visitor__in={item.visitor_id for item in interactions},
            client_id__in=[item.client_id for item in interactions],
        ).values_list("visitor_id", "client_id")
    )
    fresh = {
        (item.visitor_id, item.client_id): item
        for item in interactions
        if (item.visitor_id, item.client_id) not in known
    }
    Interaction.objects.bulk_create(list(fresh.values()), ignore_conflicts=True, batch_size=1000)
    return len(fresh)


def stored_order_lines(client_ids: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    """Which of these order lines are there already, whoever holds them: a guest's may have moved to a user since."""
    rows = Interaction.objects.filter(client_id__in=client_ids, kind__in=_ORDER_KINDS)
    return set(rows.values_list("client_id", flat=True))


def insert_many(interactions: Sequence[Interaction]) -> None:
    """Write events of which the caller knows that they are new; one that a concurrent writer stored first stays."""
    Interaction.objects.bulk_create(interactions, ignore_conflicts=True, batch_size=1000)


def recent(visitor: Visitor, limit: int) -> list[Event]:
    """The visitor's last events, newest first."""
    rows = Interaction.objects.filter(visitor_id=visitor.pk).order_by("-occurred_at", "-pk")[:limit]
    return [_event(row) for row in rows.values_list(*_FIELDS)]


def touches(visitors: Collection[uuid.UUID], products: Collection[Any], *, since: datetime) -> list[Interaction]:
    """What these visitors did with these products that a recommended list led to, last touched at `since` or later."""
    rows = Interaction.objects.filter(
        visitor_id__in=visitors, product_id__in=products, occurred_at__gte=since, touched_at__gte=since
    )
    return list(rows)


def dismissed(visitor: Visitor) -> QuerySet[Interaction, Any]:
    """Products that the visitor does not want to be shown, for use inside another query: `product_id` of each."""
    return Interaction.objects.filter(visitor_id=visitor.pk, kind=InteractionKind.DISMISS).values("product_id")


def take_back_dismissal(visitor: Visitor, product_key: Any) -> int:
    """Forget that the visitor does not want this product; return how many events are gone."""
    rows = Interaction.objects.filter(visitor_id=visitor.pk, product_id=product_key, kind=InteractionKind.DISMISS)
    return rows.delete()[0]


def history(*, until: datetime | None = None) -> Iterator[Event]:
    """All events, oldest first, streamed."""
    rows = Interaction.objects.order_by("occurred_at", "pk")
    if until is not None:
        rows = rows.filter(occurred_at__lt=until)
    for row in rows.values_list(*_FIELDS).iterator(chunk_size=10_000):
        yield _event(row)


_FIELDS = ("visitor_id", "product_id", "kind", "occurred_at", "quantity")


def _event(row: tuple[Any, ...]) -> Event:
    return Event(row[0], str(row[1]), row[2], row[3], row[4])


def move(source: Visitor, target: Visitor) -> None:
    """Give all of one visitor's events to another; events that the target already has are dropped with the source."""
    theirs = Interaction.objects.filter(visitor=target, client_id=OuterRef("client_id"))
    Interaction.objects.filter(~Exists(theirs), visitor=source).update(visitor=target)
    source.delete()


def purge_before(moment: datetime) -> int:
    """Delete events older than `moment`, in batches; return how many."""
    return _delete_in_batches(Interaction.objects.filter(occurred_at__lt=moment).order_by("pk"))


def purge_orphans() -> int:
    """Delete events whose product no longer exists, in batches; return how many."""
    products = get_product_model()._default_manager.filter(pk=OuterRef("product_id"))
    return _delete_in_batches(Interaction.objects.filter(~Exists(products)).order_by("pk"))


def purge_idle_guests(moment: datetime) -> int:
    """Delete guests created before `moment` who have no event left; return how many."""
    theirs = Interaction.objects.filter(visitor=OuterRef("pk"))
    return Visitor.objects.filter(~Exists(theirs), user=None, created_at__lt=moment).delete()[0]


def _delete_in_batches(rows: Any) -> int:
    deleted = 0
    while ids := list(rows.values_list("pk", flat=True)[:_DELETE_BATCH]):
        deleted += Interaction.objects.filter(pk__in=ids).delete()[0]
    return deleted


def external_visitors(external_ids: Iterable[str]) -> dict[str, Visitor]:
    """The visitors of an imported history by their id there, created where missing."""
    wanted = list(dict.fromkeys(external_ids))
    Visitor.objects.bulk_create([Visitor(external_id=name) for name in wanted], ignore_conflicts=True, batch_size=1000)
    found: dict[str, Visitor] = {}
    for start in range(0, len(wanted), 1000):
        for visitor in Visitor.objects.filter(external_id__in=wanted[start : start + 1000]):
            found[str(visitor.external_id)] = visitor
    return found
