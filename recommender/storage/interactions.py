"""Events: written in batches without doubling, read back as a visitor's recent history or as arrays for a fit."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from django.db.models import BooleanField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from recommender.models import Interaction, InteractionKind, Visitor
from recommender.sources import get_product_model
from recommender.storage.compiled import Compiled, Gap

_DELETE_BATCH = 5000
_ORDER_KINDS = (InteractionKind.PURCHASE, InteractionKind.REFUND)


class Event(NamedTuple):
    """One event as history reads it."""

    visitor_id: uuid.UUID
    product_key: str
    kind: str
    occurred_at: datetime
    quantity: int


class Touch(NamedTuple):
    """What a recommended list led a visitor to, and the list that did."""

    visitor_id: uuid.UUID
    product_key: Any
    touched_at: datetime
    placement: str
    strategy: str
    position: int | None
    snapshot: int | None


def stored_order_lines(client_ids: Sequence[uuid.UUID]) -> set[uuid.UUID]:
    """Which of these order lines are there already, whoever holds them: a guest's may have moved to a user since."""
    rows = Interaction.objects.filter(client_id__in=client_ids, kind__in=_ORDER_KINDS)
    return set(rows.values_list("client_id", flat=True))


def recent(visitor: Visitor, limit: int) -> list[Event]:
    """The visitor's last events, newest first."""
    return [Event(visitor.pk, str(key), *others) for key, *others in _latest(limit).ask(visitor=[visitor.pk])]


def touches(
    visitors: Collection[uuid.UUID], products: Collection[Any], *, since: datetime, first: datetime, last: datetime
) -> list[Touch]:
    """What these visitors' last touch of these products can have been, at any moment from `first` to `last`.

    Of the touches from `since` to `first` only the last of each visitor and product is read: a visitor may have many.
    All from then to `last` are. In one query.
    """
    is_later = Q(touched_at__gt=first)
    by_pair = Window(
        RowNumber(),
        partition_by=[F("visitor_id"), F("product_id"), ExpressionWrapper(is_later, output_field=BooleanField())],
        order_by=[F("touched_at").desc(), F("pk").asc()],
    )
    rows = Interaction.objects.filter(
        visitor_id__in=visitors,
        product_id__in=products,
        occurred_at__gte=since,  # no touch is later than its event; this is what the index knows
        touched_at__range=(since, last),
    )
    numbered = rows.annotate(nth=by_pair).filter(Q(nth=1) | is_later)
    return [Touch(*row) for row in numbered.values_list(*_TOUCH_FIELDS)]


def dismissed(whose: uuid.UUID | Gap) -> QuerySet[Interaction, Any]:
    """Products that a visitor does not want to be shown, for use inside another query: `product_id` of each."""
    return Interaction.objects.filter(visitor_id=whose, kind=InteractionKind.DISMISS).values("product_id")


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


_TOUCH_FIELDS = ("visitor_id", "product_id", "touched_at", "placement", "strategy", "position", "snapshot")
_FIELDS = ("visitor_id", "product_id", "kind", "occurred_at", "quantity")


@cache
def _latest(limit: int) -> Compiled:
    """A visitor's last events: what each personal page asks for."""
    whose = Gap("visitor", Visitor._meta.pk)
    return Compiled(
        Interaction.objects.filter(visitor_id=whose).order_by("-occurred_at", "-pk").values_list(*_FIELDS[1:])[:limit]
    )


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
