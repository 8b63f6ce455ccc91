"""Taking in events: from the shop's own code, one at a time, and from apps, in batches."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from recommender.exceptions import UnknownProductError
from recommender.models import Interaction, InteractionKind, Visitor
from recommender.services import visitors
from recommender.sources import get_product_model, parse_product_key
from recommender.storage import interactions
from recommender.storage.reconnecting import once_more_if_cut

logger = logging.getLogger(__name__)

PUBLIC_KINDS = frozenset({InteractionKind.VIEW, InteractionKind.CLICK, InteractionKind.FAVOURITE, InteractionKind.CART})
"""What an app may report. Purchases and refunds come from server code or staff only."""

_NAMESPACE = uuid.UUID("6d0bd0b2-8a5c-5d53-9f0c-7a4f3c1f2b10")


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
) -> None:
    """Remember that the visitor of this request did something with a product.

    A shop's page must not fail because its recommender does: errors are logged. Called inside the transaction that
    writes an order, event and order are there together or not at all. Without consent nothing is written. An event
    counts once per request, product and kind; with an `order_id`, once per order, product and kind.

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
        once_more_if_cut(lambda: _store(request, event))
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


def _store(request: HttpRequest, event: Interaction) -> None:
    try:
        with transaction.atomic():
            visitor = visitors.from_request(request, create=True)
            if visitor is not None:
                event.visitor = visitor
                interactions.insert([event])
    except DatabaseError:
        visitors.forget_answer(request)  # the row it speaks of was perhaps never committed
        raise


def order_line_id(order_id: str, product_key: str, kind: str, line: int = 0) -> uuid.UUID:
    """The id of an order line's event, the same however often the order is read."""
    return uuid.uuid5(_NAMESPACE, f"{order_id}\n{product_key}\n{kind}\n{line}")


def record_batch(visitor: Visitor, events: Sequence[Any], *, kinds: Collection[str] = PUBLIC_KINDS) -> BatchResult:
    """Store a batch of an app's events; each is checked on its own, and a retried batch counts once.

    Args:
        visitor: whose events these are, from authentication.
        events: mappings of the shape `{"id", "kind", "product", "occurred_at"}`; others are errors.
        kinds: what the caller may report.
    """
    result = BatchResult()
    parsed: list[tuple[int, Interaction]] = []
    for index, event in enumerate(events):
        try:
            parsed.append((index, _parse(visitor, event, kinds)))
        except ValidationError as error:
            result.errors.append(EventError(index, str(error.params["field"]), str(error.code)))  # type: ignore[index]
    keys = {item.product_id for _, item in parsed}
    known = set(get_product_model()._default_manager.filter(pk__in=keys).values_list("pk", flat=True))
    valid = [item for _, item in parsed if item.product_id in known]
    result.errors += [EventError(i, "product", "unknown_product") for i, item in parsed if item.product_id not in known]
    result.errors.sort(key=lambda error: error.index)
    result.accepted = interactions.insert(valid)
    result.duplicates = len(valid) - result.accepted
    return result


def _parse(visitor: Visitor, event: Any, kinds: Collection[str]) -> Interaction:
    if not isinstance(event, Mapping):
        raise _invalid("event", "invalid")
    try:
        client_id = uuid.UUID(str(event["id"]))
    except (KeyError, ValueError):
        raise _invalid("id", "required" if "id" not in event else "invalid") from None
    kind = event.get("kind")
    if not isinstance(kind, str) or kind not in InteractionKind.values:
        raise _invalid("kind", "invalid_choice" if "kind" in event else "required")
    if kind not in kinds:
        raise _invalid("kind", "not_allowed")
    return Interaction(
        visitor=visitor,
        product_id=_product_key(event.get("product")),
        kind=kind,
        occurred_at=_moment(event.get("occurred_at")),
        client_id=client_id,
    )


def _product_key(value: Any) -> Any:
    if not isinstance(value, str | int) or isinstance(value, bool) or value == "":
        raise _invalid("product", "required" if value in (None, "") else "invalid")
    try:
        return parse_product_key(value)
    except UnknownProductError:
        raise _invalid("product", "unknown_product") from None


def _moment(value: Any) -> datetime:
    """The event's time; now when absent. A time in the future is the app's wrong clock and becomes now."""
    now = timezone.now()
    if value is None:
        return now
    try:
        moment = parse_datetime(value) if isinstance(value, str) else None
    except ValueError:
        moment = None
    if moment is None:
        raise _invalid("occurred_at", "invalid")
    if timezone.is_naive(moment):
        moment = timezone.make_aware(moment)
    try:
        return min(moment.astimezone(UTC), now)
    except OverflowError:  # the first or the last day of the calendar, in a zone where it is already another
        raise _invalid("occurred_at", "invalid") from None


def _invalid(field_name: str, code: str) -> ValidationError:
    return ValidationError("%(field)s", code=code, params={"field": field_name})
