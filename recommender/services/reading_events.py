"""One event of a batch, checked: a mapping from a stranger becomes a row to store, or says which field is wrong."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from recommender.exceptions import RecommendationIdError, UnknownProductError
from recommender.models import Impression, Interaction, InteractionKind, Search
from recommender.services import attributing, recommendation_ids
from recommender.services.recommendation_ids import Run, Served
from recommender.sources import parse_product_key

IMPRESSION, SEARCH = "impression", "search"
ANONYMOUS_KINDS = frozenset({IMPRESSION, SEARCH})
"""Kinds that are stored without saying whose they are."""

KINDS = (*InteractionKind.values, *sorted(ANONYMOUS_KINDS))
SALES = frozenset({InteractionKind.PURCHASE, InteractionKind.REFUND})
PUBLIC_KINDS = frozenset(KINDS) - SALES
"""What an app may report. Purchases and refunds come from server code or staff only."""

MAX_PLACES = 200
"""Longest shelf that is believed."""

_MAX_QUANTITY = 10_000
_ORDER_ID_LENGTH = 64
_EXTRAS = frozenset({"recommendation_id", "position", "quantity", "price", "order_id"})
_NAMESPACE = uuid.UUID("6d0bd0b2-8a5c-5d53-9f0c-7a4f3c1f2b10")


class EventRefusedError(Exception):
    """Why an event was not taken: the field, and a code for programs."""

    def __init__(self, field_name: str, code: str) -> None:
        super().__init__(field_name, code)
        self.field, self.code = field_name, code


@dataclass(frozen=True)
class Seen:
    """An impression, and the keys of the products that were seen, in order, not yet known to exist."""

    impression: Impression
    products: list[Any] = field(default_factory=list)


Parsed = Interaction | Seen | Search
"""A row to store; an interaction still lacks its visitor."""


def order_line_id(order_id: str, product_key: str, kind: str, line: int = 0) -> uuid.UUID:
    """The id of an order line's event, the same however often the order is read."""
    return uuid.uuid5(_NAMESPACE, f"{order_id}\n{product_key}\n{kind}\n{line}")


class Reader:
    """Reads the events of a batch; a list or a product that many of them name is looked at once.

    Args:
        kinds: what the caller may report.
    """

    def __init__(self, kinds: Collection[str] = PUBLIC_KINDS) -> None:
        self._kinds = kinds
        self._served = cache(recommendation_ids.read)
        self._key = cache(parse_product_key)
        self._runs = cache(_runs_seen)

    def read(self, event: Any) -> Parsed:
        """The row of an event.

        Args:
            event: of the shape `{"id", "kind", "product", "occurred_at", ...}`; docs/reference/api.md tells all fields.

        Raises:
            EventRefusedError: naming the first field that is wrong.
        """
        if not isinstance(event, Mapping):
            raise EventRefusedError("event", "invalid")
        client_id = _client_id(event)
        kind = event.get("kind")
        if not isinstance(kind, str) or kind not in KINDS:
            raise EventRefusedError("kind", "invalid_choice" if "kind" in event else "required")
        if kind not in self._kinds:
            raise EventRefusedError("kind", "not_allowed")
        if kind == IMPRESSION:
            return self._seen(event, client_id)
        if kind == SEARCH:
            results = _number(event, "results", least=0, most=2**31 - 1)
            return Search(id=client_id, occurred_at=_moment(event.get("occurred_at")), results=results)
        return self._interaction(event, client_id, kind)

    def _interaction(self, event: Mapping[Any, Any], client_id: uuid.UUID, kind: str) -> Interaction:
        row = Interaction(
            product_id=self._product_key(event.get("product")),
            kind=kind,
            occurred_at=_moment(event.get("occurred_at")),
            client_id=client_id,
        )
        if event.keys() & _EXTRAS:
            self._read_extras(event, row)
        return row

    def _read_extras(self, event: Mapping[Any, Any], row: Interaction) -> None:
        row.quantity = _number(event, "quantity", least=1, most=_MAX_QUANTITY) or 1
        row.price = _price(event.get("price"))
        row.order_id = _order_id(event.get("order_id"))
        if row.order_id and row.kind in SALES:  # so that reading the shop's orders later finds it
            row.client_id = order_line_id(row.order_id, str(row.product_id), row.kind)
        position = _number(event, "position", least=1, most=MAX_PLACES)
        if event.get("recommendation_id") is not None:
            attributing.touch(row, self._list(event), position)

    def _seen(self, event: Mapping[Any, Any], client_id: uuid.UUID) -> Seen:
        if event.get("recommendation_id") is None:
            raise EventRefusedError("recommendation_id", "required")
        served = self._list(event)
        keys = event.get("products", [])
        if not isinstance(keys, list) or len(keys) > MAX_PLACES:
            raise EventRefusedError("products", "invalid")
        products = [self._product_key(key, "products") for key in keys]
        row = Impression(
            id=client_id,
            occurred_at=_moment(event.get("occurred_at")),
            placement=served.placement,
            runs=self._runs(served.runs, len(products)),
            snapshot=served.snapshot or 0,
            milliseconds=served.milliseconds,
            places=len(products),
        )
        return Seen(row, products)

    def _list(self, event: Mapping[Any, Any]) -> Served:
        text = event["recommendation_id"]
        try:
            if isinstance(text, str):
                return self._served(text)
        except RecommendationIdError:
            pass
        raise EventRefusedError("recommendation_id", "invalid")

    def _product_key(self, value: Any, field_name: str = "product") -> Any:
        if not isinstance(value, str | int) or isinstance(value, bool) or value == "":
            raise EventRefusedError(field_name, "required" if value in (None, "") else "invalid")
        try:
            return self._key(value)
        except UnknownProductError:
            raise EventRefusedError(field_name, "unknown_product") from None


def _runs_seen(runs: tuple[Run, ...], places: int) -> str:
    return recommendation_ids.write_runs(recommendation_ids.first(runs, places))


def _client_id(event: Mapping[Any, Any]) -> uuid.UUID:
    try:
        return uuid.UUID(str(event["id"]))
    except (KeyError, ValueError):
        raise EventRefusedError("id", "required" if "id" not in event else "invalid") from None


def _number(event: Mapping[Any, Any], name: str, *, least: int, most: int) -> int | None:
    value = event.get(name)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
        raise EventRefusedError(name, "invalid")
    return value


def _price(value: Any) -> Any:
    if value is None:
        return None
    try:
        if isinstance(value, str | int) and not isinstance(value, bool):
            price = Interaction._meta.get_field("price").clean(value, None)
            if price >= 0:
                return price
    except (ValidationError, ArithmeticError):
        pass
    raise EventRefusedError("price", "invalid")


def _order_id(value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str) or len(value) > _ORDER_ID_LENGTH or "\x00" in value:
        raise EventRefusedError("order_id", "invalid")
    return value


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
        raise EventRefusedError("occurred_at", "invalid")
    if timezone.is_naive(moment):
        moment = timezone.make_aware(moment)
    try:
        return min(moment.astimezone(UTC), now)
    except OverflowError:  # the first or the last day of the calendar, in a zone where it is already another
        raise EventRefusedError("occurred_at", "invalid") from None
