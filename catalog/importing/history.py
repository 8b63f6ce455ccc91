"""Purchases and refunds of an imported history become real orders of guests."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from django.db import transaction

from catalog.models import Order, OrderLine, Product
from recommender.sources import InteractionRecord

UNKNOWN_TIME = datetime(1970, 1, 1, tzinfo=UTC)
"""Orders without a time sort before all others and count as infinitely old."""

_KINDS = ("purchase", "refund")
_CHUNK = 500


def import_orders(records: Iterable[InteractionRecord]) -> int:
    """Create the orders and lines that are not there yet; return how many lines were new.

    An order is known by its `order_id`, a line by its product and line number. A record without `order_id` is an order
    by itself. No user accounts are made: the shopper's id is kept with the order. Records of products that the shop
    does not have are left out.
    """
    wanted = [record for record in records if record.kind in _KINDS and record.quantity]
    products = _products({record.product_id for record in wanted})
    wanted = [record for record in wanted if record.product_id in products]
    with transaction.atomic():
        orders = _orders({_reference(record): record for record in reversed(wanted)})
        lines = {(orders[_reference(record)], record.product_id, record.line): record for record in wanted}
        known = _known_lines(set(orders.values()))
        new = [_line(key, record, products[record.product_id]) for key, record in lines.items() if key not in known]
        OrderLine.objects.bulk_create(new, batch_size=_CHUNK, ignore_conflicts=True)
    return len(new)


def _products(skus: set[str]) -> dict[str, Product]:
    return {
        product.sku: product
        for chunk in _chunks(sorted(skus))
        for product in Product.objects.filter(sku__in=chunk).only("sku", "title")
    }


def _orders(first: Mapping[str, InteractionRecord]) -> dict[str, int]:
    """External reference -> key of the order, creating those that are missing."""
    new = [
        Order(
            external_reference=reference,
            external_user=record.user_id[:150],
            placed_at=record.occurred_at or UNKNOWN_TIME,
            status=Order.Status.DELIVERED,
        )
        for reference, record in first.items()
    ]
    Order.objects.bulk_create(new, batch_size=_CHUNK, ignore_conflicts=True)
    found: dict[str, int] = {}
    for chunk in _chunks(sorted(first)):
        rows = Order.objects.filter(external_reference__in=chunk).values_list("external_reference", "pk")
        found.update((reference or "", key) for reference, key in rows)
    return found


def _known_lines(orders: set[int]) -> set[tuple[int, str, int]]:
    return {
        row
        for chunk in _chunks(sorted(orders))
        for row in OrderLine.objects.filter(order__in=chunk).values_list("order_id", "sku", "position")
    }


def _line(key: tuple[int, str, int], record: InteractionRecord, product: Product) -> OrderLine:
    order, sku, position = key
    quantity = -abs(record.quantity) if record.kind == "refund" else record.quantity
    return OrderLine(
        order_id=order,
        product=product,
        sku=sku,
        title=product.title or sku,
        quantity=quantity,
        unit_price=record.price,
        position=position,
    )


def _reference(record: InteractionRecord) -> str:
    """The order's name: its own id with the shopper, or a digest of the line when it has none."""
    if record.order_id:
        return record.order_id[:100]
    when = record.occurred_at.isoformat() if record.occurred_at else ""
    digest = hashlib.sha256("\0".join((record.user_id, record.product_id, when, str(record.line))).encode())
    return f"line-{digest.hexdigest()[:40]}"


def _chunks(values: list) -> Iterable[list]:  # type: ignore[type-arg]
    return (values[start : start + _CHUNK] for start in range(0, len(values), _CHUNK))
