"""The shop's own orders become events. Reading them again adds nothing, whoever stored an order line first."""

from __future__ import annotations

import uuid
from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import islice
from typing import Any, NamedTuple, TypeVar

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from recommender.conf import settings
from recommender.engines.base import Progress
from recommender.models import Interaction, InteractionKind, Job
from recommender.services import attributing, jobs
from recommender.services.identifying import Owner, identify
from recommender.services.reading_events import order_line_id
from recommender.sources import PurchaseRecord, get_product_model, get_source
from recommender.storage import inserting, interactions

T = TypeVar("T")

BATCH = 5000
_ORDERS_REMEMBERED = 10_000
_MAX_PRICE = Decimal(10) ** 8
_ORDER_ID_LENGTH = 64


@dataclass
class BackfillReport:
    """What became of the order lines.

    Attributes:
        lines: how many were read.
        added: new events.
        known: lines whose event was there already.
        unknown_products: lines of products that the shop does not have any more.
        expired: of the new events, those older than `EVENT_RETENTION_DAYS`, which the next purge deletes.
    """

    lines: int = 0
    added: int = 0
    known: int = 0
    unknown_products: int = 0
    expired: int = 0


def backfill(*, progress: Progress | None = None, dry_run: bool = False) -> BackfillReport:
    """Make events of all the shop's order lines.

    Args:
        progress: called with (lines read, 0): how many there are is not known beforehand.
        dry_run: count only.

    Raises:
        JobBusyError: when an import or another backfill runs.
    """
    if dry_run:
        return add_orders(progress=progress, dry_run=True)
    with jobs.running(Job.Kind.IMPORT, progress) as run:
        run.say(gettext_noop("Reading the shop's orders"))
        return add_orders(progress=run.progress)


def add_orders(*, progress: Progress | None = None, total: int = 0, dry_run: bool = False) -> BackfillReport:
    """`backfill` inside a job that the caller runs; `total` is the expected number of lines, 0 when unknown."""
    report = BackfillReport()
    lines = _numbered(get_source().purchases())
    for batch in batches(lines, BATCH):
        with transaction.atomic():
            _add(batch, report, dry_run)
        report.lines += len(batch)
        if progress is not None:
            progress(report.lines, max(total, report.lines) if total else 0)
    return report


def batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """The items in lists of at most `size`."""
    iterator = iter(items)
    while batch := list(islice(iterator, size)):
        yield batch


class LineNumbers:
    """Numbers equal lines of one order 0, 1, 2 ..., so that two pieces bought in two lines are two events.

    Remembers the last 10,000 orders: the lines of an order stand together, or nearly so.
    """

    def __init__(self) -> None:
        self._orders: OrderedDict[str, Counter[tuple[str, str]]] = OrderedDict()

    def event_id(self, order_id: str, product_key: str, kind: str) -> uuid.UUID:
        """The id of the next such line's event."""
        seen = self._orders.setdefault(order_id, Counter())
        self._orders.move_to_end(order_id)
        if len(self._orders) > _ORDERS_REMEMBERED:
            self._orders.popitem(last=False)
        line = seen[product_key, kind]
        seen[product_key, kind] += 1
        return order_line_id(order_id, product_key, kind, line)


def order_owner(order_id: str, *, user: str = "", external: str = "") -> Owner:
    """Who placed an order; a guest is known by the order alone."""
    return Owner(user, external, f"order\n{order_id}")


def retained_since() -> datetime:
    """Events before this moment are past their retention."""
    return timezone.now() - timedelta(days=settings.EVENT_RETENTION_DAYS)


def storable_price(price: Decimal | None) -> Decimal | None:
    """The price, or None when it is larger than an event can hold."""
    return price if price is not None and abs(price) < _MAX_PRICE else None


def existing_products(keys: Iterable[Any]) -> dict[str, Any]:
    """The keys of products that exist, by their text."""
    field = get_product_model()._meta.pk
    wanted = []
    for key in set(keys):
        try:
            wanted.append(field.to_python(key))
        except ValidationError:
            continue  # no key of a product
    found = get_product_model()._default_manager.filter(pk__in=wanted).values_list("pk", flat=True)
    return {str(key): key for key in found}


class _Line(NamedTuple):
    record: PurchaseRecord
    kind: str
    event_id: uuid.UUID


def _numbered(records: Iterable[PurchaseRecord]) -> Iterator[_Line]:
    numbers = LineNumbers()
    for record in records:
        if record.quantity:
            kind = InteractionKind.REFUND if record.quantity < 0 else InteractionKind.PURCHASE
            yield _Line(record, kind, numbers.event_id(record.order_id, record.product_id, kind))


def _add(lines: Sequence[_Line], report: BackfillReport, dry_run: bool) -> None:
    known = interactions.stored_order_lines([line.event_id for line in lines])
    new = [line for line in lines if line.event_id not in known]
    products = existing_products(line.record.product_id for line in new)
    storable = [line for line in new if line.record.product_id in products]
    now, oldest = timezone.now(), retained_since()
    report.known += len(lines) - len(new)
    report.unknown_products += len(new) - len(storable)
    report.added += len(storable)
    report.expired += sum(line.record.occurred_at is not None and line.record.occurred_at < oldest for line in storable)
    if dry_run or not storable:
        return
    owners = {line.event_id: _owner(line.record) for line in storable}
    visitors = identify(set(owners.values()))
    rows = [
        Interaction(
            visitor_id=visitors[owners[line.event_id]],
            product_id=products[line.record.product_id],
            kind=line.kind,
            occurred_at=min(line.record.occurred_at or now, now),
            quantity=line.record.quantity,
            price=storable_price(line.record.price),
            order_id=line.record.order_id[:_ORDER_ID_LENGTH],
            client_id=line.event_id,
        )
        for line in storable
    ]
    attributing.attribute(rows)
    inserting.insert(rows)


def _owner(record: PurchaseRecord) -> Owner:
    return order_owner(record.order_id, user=record.user_id, external=record.external_user)
