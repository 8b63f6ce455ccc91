"""Rows of interactions.csv become events: through the shop's own orders where it keeps them, else directly.

A purchase that became an order of the shop is read back from there, like every other order. So its event has the same
id whether an import or a backfill stores it first, and whatever name the shop gave the order.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from recommender.datasets.folder import DatasetFolder
from recommender.datasets.tables import OnError, RowError
from recommender.engines.base import Progress
from recommender.exceptions import DatasetError
from recommender.models import Interaction, InteractionKind
from recommender.services import backfilling
from recommender.services.backfilling import LineNumbers, batches, existing_products, order_owner, storable_price
from recommender.services.identifying import Owner, identify
from recommender.sources import InteractionRecord, get_source
from recommender.storage import inserting, interactions

_NAMESPACE = uuid.UUID("b3b9a3c0-2f0b-5b0e-9d0a-51c4a9a7c9d1")
_ORDER_KINDS = (InteractionKind.PURCHASE, InteractionKind.REFUND)


@dataclass
class HistoryReport:
    """What became of the history's rows.

    Attributes:
        rows: how many were read.
        order_lines: new lines among the shop's own orders.
        added: new events.
        known: rows and order lines whose event was there already.
        unknown_products: rows of products that the shop does not have.
        refused: broken rows.
        expired: of the new events, those older than `EVENT_RETENTION_DAYS`, which the next purge deletes.
    """

    rows: int = 0
    order_lines: int = 0
    added: int = 0
    known: int = 0
    unknown_products: int = 0
    refused: int = 0
    expired: int = 0

    @property
    def kept(self) -> int:
        """How many events stand for these rows now."""
        return self.added + self.known


class _Row(NamedTuple):
    record: InteractionRecord
    product_key: Any
    event_id: uuid.UUID


class HistoryImport:
    """One run over a folder's history."""

    def __init__(
        self,
        folder: DatasetFolder,
        keys: Mapping[str, Any],
        report: HistoryReport,
        *,
        dry_run: bool,
        on_error: OnError,
    ) -> None:
        """Prepare a run.

        Args:
            folder: where the history is.
            keys: products' primary keys by their id in the data set.
            report: counted into.
            dry_run: count only.
            on_error: called with each row that is left out.
        """
        self._folder = folder
        self._keys = keys
        self._report = report
        self._dry_run = dry_run
        self._on_error = on_error
        self._numbers = LineNumbers()
        self._now = timezone.now()
        self._oldest = backfilling.retained_since()
        self._n_order_rows = 0
        source = get_source()
        self.makes_orders = source.can("import_history") and source.can("purchases")

    def read(self, name: str, *, limit: int | None, progress: Progress | None) -> None:
        """Import one file, "interactions" or "test"."""
        total = self._folder.count(name)
        total = total if limit is None else min(total, limit)
        records = self._folder.interactions() if name == "interactions" else self._folder.test()
        done = 0
        for batch in batches(islice(records, limit), backfilling.BATCH):
            self._import(name, batch)
            done += len(batch)
            if progress is not None:
                progress(min(done, total), total)

    def read_orders(self, progress: Progress | None) -> None:
        """Make events of the orders that the shop has now."""
        found = backfilling.add_orders(progress=progress, total=self._n_order_rows)
        self._report.added += found.added
        self._report.known += found.known
        self._report.expired += found.expired

    def _import(self, name: str, records: Sequence[InteractionRecord]) -> None:
        self._report.rows += len(records)
        orders: list[InteractionRecord] = []
        events: list[_Row] = []
        keys = self._product_keys(records)
        for record in records:
            if record.kind not in InteractionKind.values:
                kinds = ", ".join(InteractionKind.values)
                message = f"kind is {record.kind!r}; the kinds are {kinds}"
                self._on_error(RowError(self._folder.file_name(name), record.line, message))
            elif record.product_id not in keys:
                self._report.unknown_products += 1
            elif self.makes_orders and record.kind in _ORDER_KINDS and record.product_id in self._keys:
                orders.append(record)
            else:
                events.append(_Row(record, keys[record.product_id], self._event_id(record, keys)))
        self._n_order_rows += len(orders)
        if self._dry_run:
            self._report.added += len(orders) + len(events)
            return
        if orders:
            self._report.order_lines += self._make_orders(orders)
        self._store(events)

    def _product_keys(self, records: Sequence[InteractionRecord]) -> Mapping[str, Any]:
        """Products by the ids of the rows; in a folder without products.csv, an id may be a primary key."""
        if self._folder.has("products"):
            return self._keys
        wanted = {record.product_id for record in records}
        return existing_products(wanted) | {name: self._keys[name] for name in wanted if name in self._keys}

    def _make_orders(self, records: list[InteractionRecord]) -> int:
        try:
            return get_source().import_history(records)
        except ValidationError as error:
            raise DatasetError(
                f"The shop refused the orders of rows {records[0].line} to {records[-1].line}: "
                f"{'; '.join(error.messages)}"
            ) from error

    def _event_id(self, record: InteractionRecord, keys: Mapping[str, Any]) -> uuid.UUID:
        """An order line's event is known by its order; any other row's by its content and place in the file."""
        if record.order_id and record.kind in _ORDER_KINDS:
            return self._numbers.event_id(record.order_id, str(keys[record.product_id]), record.kind)
        when = record.occurred_at.isoformat() if record.occurred_at else ""
        parts = (record.user_id, record.product_id, record.kind, when, record.order_id, str(record.line))
        return uuid.uuid5(_NAMESPACE, "\n".join(parts))

    def _store(self, rows: Sequence[_Row]) -> None:
        known = interactions.stored_order_lines([row.event_id for row in rows if row.record.kind in _ORDER_KINDS])
        new = [row for row in rows if row.event_id not in known]
        owners = {row.event_id: _owner(row) for row in new}
        with transaction.atomic():
            visitors = identify(set(owners.values()))
            added = inserting.insert([self._event(row, visitors[owners[row.event_id]]) for row in new])
        self._report.added += added
        self._report.known += len(rows) - added
        self._report.expired += sum(_is_older(row.record, self._oldest) for row in new) if added else 0

    def _event(self, row: _Row, visitor: uuid.UUID) -> Interaction:
        record = row.record
        return Interaction(
            visitor_id=visitor,
            product_id=row.product_key,
            kind=record.kind,
            occurred_at=min(record.occurred_at or self._now, self._now),
            quantity=record.quantity,
            price=storable_price(record.price),
            order_id=record.order_id,
            client_id=row.event_id,
        )


def _owner(row: _Row) -> Owner:
    """Who did it: the shopper of the history; for a guest the order, and without one the row alone."""
    if row.record.order_id:
        return order_owner(row.record.order_id, external=row.record.user_id)
    return Owner(external=row.record.user_id, guest=f"row\n{row.event_id}")


def _is_older(record: InteractionRecord, moment: Any) -> bool:
    return record.occurred_at is not None and record.occurred_at < moment
