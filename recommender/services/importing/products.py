"""Rows of products.csv become products, in batches, each row whole or not at all; unchanged rows are passed over."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction

from recommender.datasets.folder import DatasetFolder
from recommender.datasets.tables import OnError, RowError
from recommender.engines.base import Progress
from recommender.models import ImportedProduct
from recommender.services import embedding
from recommender.sources import REFUSALS, ProductRecord, get_source

Deliver = Callable[[Sequence[Any]], object]
Refuse = Callable[[int, Exception], None]

BATCH = 128
"""Rows that are written, or after a kill not written, together."""

BATCH_PICTURES = 64
"""Pictures take longer than rows: with so many of them a batch is full too."""


@dataclass
class ProductsReport:
    """What became of the rows of products.csv: rows = added + updated + unchanged, and those refused."""

    rows: int = 0
    added: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0

    @property
    def kept(self) -> int:
        """How many rows are products of the shop now."""
        return self.added + self.updated + self.unchanged


class _Known(NamedTuple):
    digest: str
    product_key: Any


class _Changed(NamedTuple):
    record: ProductRecord
    digest: str
    is_new: bool


def import_products(
    folder: DatasetFolder,
    report: ProductsReport,
    *,
    limit: int | None,
    skip_images: bool,
    dry_run: bool,
    on_error: OnError,
    progress: Progress | None,
    deliver: Deliver | None = None,
) -> dict[str, Any]:
    """Create or update the products of a folder, a batch a transaction, and count into `report`.

    Args:
        folder: where products.csv is.
        report: counted into.
        limit: read at most this many rows.
        skip_images: products without pictures; those that are there stay as they are.
        dry_run: read and count only.
        on_error: called with each row that is left out.
        progress: called with (rows done, rows).
        deliver: called after each commit with the keys of the products whose pictures wait to be embedded.

    Returns:
        Primary keys by the id in the data set, of these and of all products imported before. A dry run gives the rows
        that it would have created the key None.
    """
    known = {row[0]: _Known(row[1], row[2]) for row in _rows()}
    keys: dict[str, Any] = {external_id: row.product_key for external_id, row in known.items()}
    name = folder.file_name("products")

    def refuse(line: int, error: Exception) -> None:
        on_error(RowError(name, line, _message(error)))

    total = folder.count("products")
    total = total if limit is None else min(total, limit)
    done = 0
    if progress is not None:
        progress(0, total)  # the first batch may take a while
    for records in _batches(islice(folder.products(), limit)):
        changed = list(_changed(records, known, report, untouched=skip_images, refuse=refuse))
        stored = _store(changed, keys, report, dry_run=dry_run, refuse=refuse)
        if stored and deliver is not None:
            deliver(stored)
        done += len(records)
        if progress is not None:
            progress(min(done, total), total)
    return keys


def _batches(records: Iterable[ProductRecord]) -> Iterator[list[ProductRecord]]:
    batch: list[ProductRecord] = []
    pictures: set[Path] = set()
    for record in records:
        if batch and (len(batch) >= BATCH or len(pictures.union(record.images)) > BATCH_PICTURES):
            yield batch
            batch, pictures = [], set()
        batch.append(record)
        pictures.update(record.images)
    if batch:
        yield batch


def _changed(
    records: Sequence[ProductRecord],
    known: Mapping[str, _Known],
    report: ProductsReport,
    *,
    untouched: bool,
    refuse: Refuse,
) -> Iterator[_Changed]:
    """The rows that are not in the shop as they stand here; the others are counted."""
    for given in records:
        record = replace(given, images=()) if untouched else given
        before = known.get(record.product_id)
        try:
            digest = _digest(record)
        except ValidationError as error:
            refuse(record.line, error)
            continue
        if before is None or (before.digest != digest and not untouched):
            yield _Changed(record, digest, before is None)
        else:
            report.rows += 1
            report.unchanged += 1


def _store(
    changed: Sequence[_Changed], keys: dict[str, Any], report: ProductsReport, *, dry_run: bool, refuse: Refuse
) -> list[Any]:
    """Write a batch, and return the primary keys of what was written."""
    outcomes = [keys.get(row.record.product_id) for row in changed] if dry_run else _write(changed)
    stored = []
    for row, outcome in zip(changed, outcomes, strict=True):
        if isinstance(outcome, Exception):
            refuse(row.record.line, outcome)
            continue
        report.rows += 1
        report.added += row.is_new
        report.updated += not row.is_new
        keys[row.record.product_id] = outcome
        if not dry_run:
            stored.append(outcome)
    return stored


def _rows() -> Any:
    return ImportedProduct.objects.values_list("external_id", "digest", "product_id").iterator(chunk_size=5000)


def _write(rows: Sequence[_Changed]) -> list[Any]:
    """Each row's primary key, or why it was refused. The requests for their pictures are in the same commit."""
    if not rows:
        return []
    try:
        with transaction.atomic():
            outcomes = [
                outcome if isinstance(outcome, Exception) else outcome.pk
                for outcome in get_source().upsert_many([row.record for row in rows])
            ]
            kept = [(row, key) for row, key in zip(rows, outcomes, strict=True) if not isinstance(key, Exception)]
            ImportedProduct.objects.bulk_create(
                [
                    ImportedProduct(external_id=row.record.product_id, product_id=key, digest=row.digest)
                    for row, key in kept
                ],
                update_conflicts=True,
                unique_fields=["external_id"],
                update_fields=["product", "digest"],
            )
            embedding.request([key for _, key in kept])
    except REFUSALS as error:
        # What only the database refuses spoils the whole batch: one by one they tell which row it is.
        return [error] if len(rows) == 1 else [_write([row])[0] for row in rows]
    return outcomes


def _digest(record: ProductRecord) -> str:
    """SHA-256 of the row and of its pictures' content.

    Raises:
        ValidationError: when a picture cannot be read.
    """
    row = {
        "id": record.product_id,
        "title": record.title,
        "brand": record.brand,
        "category": record.category,
        "color": record.color,
        "price": str(record.price),
        "attributes": dict(record.attributes),
        "images": [image.name for image in record.images],
    }
    digest = hashlib.sha256(json.dumps(row, sort_keys=True).encode())
    for image in record.images:
        try:
            with image.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        except OSError as error:
            raise ValidationError(f"The picture {image.name} cannot be opened: {error.strerror}") from error
    return digest.hexdigest()


def _message(error: Exception) -> str:
    """One line that says what is wrong, with the field's name where it is known."""
    if isinstance(error, ValidationError):
        if hasattr(error, "error_dict"):
            parts = [f"{name}: {' '.join(messages)}" for name, messages in error.message_dict.items()]
            return "; ".join(part.removeprefix("__all__: ") for part in parts)
        return "; ".join(error.messages)
    return " ".join(str(error).split())
