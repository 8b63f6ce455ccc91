"""Rows of products.csv become products, each whole or not at all; unchanged rows are passed over."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import DataError, IntegrityError, transaction

from recommender.datasets.folder import DatasetFolder
from recommender.datasets.tables import OnError, RowError
from recommender.engines.base import Progress
from recommender.exceptions import RecommenderError
from recommender.models import ImportedProduct
from recommender.sources import ProductRecord, get_source


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


def import_products(
    folder: DatasetFolder,
    report: ProductsReport,
    *,
    limit: int | None,
    skip_images: bool,
    dry_run: bool,
    on_error: OnError,
    progress: Progress | None,
) -> dict[str, Any]:
    """Create or update the products of a folder, and count into `report`.

    Returns:
        Primary keys by the id in the data set, of these and of all products imported before. A dry run gives the rows
        that it would have created the key None.
    """
    known = {row[0]: _Known(row[1], row[2]) for row in _rows()}
    keys: dict[str, Any] = {external_id: row.product_key for external_id, row in known.items()}
    total = folder.count("products")
    total = total if limit is None else min(total, limit)
    for done, record in enumerate(islice(folder.products(), limit), start=1):
        before = known.get(record.product_id)
        if skip_images:
            record = replace(record, images=())
        try:
            keys[record.product_id] = _import_row(record, before, report, untouched=skip_images, dry_run=dry_run)
            report.rows += 1
        except (ValidationError, ValueError, RecommenderError, DataError, IntegrityError) as error:
            on_error(RowError(folder.file_name("products"), record.line, _message(error)))
        if progress is not None:
            progress(min(done, total), total)
    return keys


def _rows() -> Any:
    return ImportedProduct.objects.values_list("external_id", "digest", "product_id").iterator(chunk_size=5000)


def _import_row(
    record: ProductRecord, before: _Known | None, report: ProductsReport, *, untouched: bool, dry_run: bool
) -> Any:
    digest = _digest(record)
    if before is not None and (untouched or before.digest == digest):
        report.unchanged += 1
        return before.product_key
    key = before.product_key if before is not None else None
    if not dry_run:
        with transaction.atomic():
            key = get_source().upsert(record).pk
            ImportedProduct.objects.update_or_create(
                external_id=record.product_id, defaults={"product_id": key, "digest": digest}
            )
    if before is None:
        report.added += 1
    else:
        report.updated += 1
    return key


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
