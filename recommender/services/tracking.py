"""Taking in events: from the shop's own code, one at a time, and from apps, in batches."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.http import HttpRequest
from django.utils import timezone

from recommender.exceptions import RecommendationIdError
from recommender.models import Interaction, InteractionKind, Search, Visitor
from recommender.services import attributing, consent, observing, recommendation_ids, visitors
from recommender.services.reading_events import PUBLIC_KINDS, EventRefusedError, Parsed, Reader, Seen, order_line_id
from recommender.sources import existing_keys
from recommender.storage import inserting, interactions
from recommender.storage.reconnecting import once_more_if_cut

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class EventError:
    """Why one event of a batch was not taken."""

    index: int
    field: str
    code: str


@dataclass
class BatchResult:
    """What became of a batch: accepted + duplicates + errors = its length."""

    accepted: int = 0
    duplicates: int = 0
    errors: list[EventError] = field(default_factory=list)


def track(
    request: HttpRequest,
    kind: str,
    product: Any,
    *,
    quantity: int = 1,
    price: Decimal | None = None,
    order_id: str = "",
    recommendation_id: str = "",
    position: int | None = None,
) -> None:
    """Remember that the visitor of this request did something with a product.

    A shop's page must not fail because its recommender does: errors are logged. Called inside the transaction that
    writes an order, event and order are there together or not at all. Without consent nothing is written. An event
    counts once per request, product and kind; with an `order_id`, once per order, product and kind. One with the id of
    a recommended list, and the product's place there, from 1, is counted to that list; a later basket or purchase
    without one is counted to the visitor's last touch (`services.attributing`).

    Raises:
        DatabaseError: inside a transaction that is lost with its connection; going on would only hide that.
    """
    try:
        event = Interaction(
            product_id=product.pk,
            kind=InteractionKind(kind),
            occurred_at=timezone.now(),
            quantity=quantity,
            price=price,
            order_id=order_id,
            client_id=_event_id(request, str(product.pk), kind, order_id),
        )
        if recommendation_id:
            _note_touch(event, recommendation_id, position)
        once_more_if_cut(lambda: _store_own(request, event))
    except (DatabaseError, ValueError):
        if connection.in_atomic_block and connection.needs_rollback:
            raise
        logger.exception("An event was not stored")


def _event_id(request: HttpRequest, product_key: str, kind: str, order_id: str) -> uuid.UUID:
    """The event's id; the same when a request is answered once more because the database hung up in its middle."""
    if order_id:
        return order_line_id(order_id, product_key, kind)
    tracked: dict[tuple[str, str], uuid.UUID] = request.__dict__.setdefault("_recommender_tracked", {})
    return tracked.setdefault((product_key, kind), uuid.uuid4())


def _store_own(request: HttpRequest, event: Interaction) -> None:
    try:
        with transaction.atomic():
            visitor = visitors.from_request(request, create=True)
            if visitor is not None:
                event.visitor = visitor
                _store([event])
    except DatabaseError:
        visitors.forget_answer(request)  # the row it speaks of was perhaps never committed
        raise


def undo_dismissal(request: HttpRequest, product_key: Any) -> None:
    """Show the visitor of this request a product again that they had dismissed. Never raises."""
    try:
        with transaction.atomic():
            visitor = visitors.from_request(request)
            if visitor is not None:
                interactions.take_back_dismissal(visitor, product_key)
    except DatabaseError:
        logger.exception("A dismissal was not taken back")


def track_search(request: HttpRequest, results: int) -> None:
    """Count a search and how many products it found; neither its words nor whose it was. Never raises."""
    if not consent.allows(request):
        return
    try:
        with transaction.atomic():
            Search.objects.bulk_create([Search(id=uuid.uuid4(), occurred_at=timezone.now(), results=results)])
    except DatabaseError:
        logger.exception("A search was not counted")


def record_batch(
    visitor: Visitor | Callable[[], Visitor], events: Sequence[Any], *, kinds: Collection[str] = PUBLIC_KINDS
) -> BatchResult:
    """Store a batch of events; each is checked on its own, and a retried batch counts once.

    Args:
        visitor: whose events these are, from authentication; when it is a function, only called where an event needs
            one: impressions and searches belong to nobody.
        events: mappings as `reading_events.Reader` takes them; others are errors.
        kinds: what the caller may report.
    """
    result = BatchResult()
    reader = Reader(kinds)
    parsed: list[tuple[int, Parsed]] = []
    for index, event in enumerate(events):
        try:
            parsed.append((index, reader.read(event)))
        except EventRefusedError as error:
            result.errors.append(EventError(index, error.field, error.code))
    known = existing_keys(row.product_id for _, row in parsed if isinstance(row, Interaction))
    valid = []
    for index, row in parsed:
        if isinstance(row, Interaction) and row.product_id not in known:
            result.errors.append(EventError(index, "product", "unknown_product"))
        else:
            valid.append(row)
    result.errors.sort(key=lambda error: error.index)
    own = [row for row in valid if isinstance(row, Interaction)]
    if own:
        owner = visitor() if callable(visitor) else visitor
        for row in own:
            row.visitor = owner
        result.accepted = _store(own)
    seen = [row for row in valid if isinstance(row, Seen)]
    searches = [row for row in valid if isinstance(row, Search)]
    if seen or searches:
        result.accepted += observing.record(seen, searches)
    result.duplicates = len(valid) - result.accepted
    return result


def _note_touch(event: Interaction, recommendation_id: str, position: int | None) -> None:
    try:
        attributing.touch(event, recommendation_ids.read(recommendation_id), position)
    except RecommendationIdError:
        logger.warning("An event names no recommendation id of ours; it is kept without")


def _store(events: Sequence[Interaction]) -> int:
    attributing.attribute(events)
    return inserting.insert(events)
