"""Pictures to vectors: each product's pictures are read, guarded, encoded and stored once per content and encoder."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeAlias

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from recommender.conf import settings
from recommender.core.types import Float32
from recommender.engines.base import Encoder
from recommender.exceptions import ImageRefusedError
from recommender.imaging.decode import decode
from recommender.models import ImageEmbedding
from recommender.services.engines import get_encoder
from recommender.sources import SourceImage, get_source
from recommender.storage import changes, embeddings

logger = logging.getLogger(__name__)

Status = ImageEmbedding.Status

UNCHANGED = None

Sight: TypeAlias = tuple[ImageEmbedding, Float32 | str | None]
"""A picture's row as it was, and its new vector, the reason of a failure, or UNCHANGED."""

SWEEP_AFTER = timedelta(seconds=60)
"""Work that has waited this long was probably never delivered."""


@dataclass
class EmbeddingReport:
    """What became of the pictures looked at."""

    embedded: int = 0
    unchanged: int = 0
    failed: int = 0
    removed: int = 0

    def __add__(self, other: EmbeddingReport) -> EmbeddingReport:
        return EmbeddingReport(
            self.embedded + other.embedded,
            self.unchanged + other.unchanged,
            self.failed + other.failed,
            self.removed + other.removed,
        )


def request(product_keys: Iterable[Any], *, create: bool = True) -> None:
    """Note, in the caller's transaction, that these products' pictures have to be looked at.

    With `create` False only products that were looked at before: some may be on their way out.
    """
    embeddings.mark_pending(product_keys, get_encoder().version, create=create)


def withdraw(product_keys: Iterable[Any]) -> None:
    """Note, in the caller's transaction, that these products are gone: shelves drop them at once."""
    changes.record(product_keys, deleted=True)


def embed(product_keys: Iterable[Any]) -> EmbeddingReport:
    """Bring the vectors of these products up to date. Safe to repeat and to run twice at once."""
    report = EmbeddingReport()
    for key in product_keys:
        report += _embed_product(key)
    return report


def overdue(limit: int = 10_000) -> list[Any]:
    """Products whose pictures wait although nobody works on them: requests lost on the way, or never made."""
    version = get_encoder().version
    waiting = embeddings.waiting(version, older_than=timezone.now() - SWEEP_AFTER)
    return (waiting + list(embeddings.never_seen(version)[:limit]))[:limit]


def _embed_product(key: Any) -> EmbeddingReport:
    product = get_source().queryset().filter(pk=key).first()
    if product is None:
        changes.record([key], deleted=True)
        return EmbeddingReport()
    encoder = get_encoder()
    rows = embeddings.of_product(key, encoder.version)
    images = list(get_source().images(product))
    report = EmbeddingReport(removed=_remove_gone(key, rows, images, encoder.version))
    seen = [_look_at(key, image, rows.get(image.key), encoder) for image in images]
    with transaction.atomic():
        for row, outcome in seen:
            report += _store(row, outcome)
        if (
            report.embedded
            or report.removed
            or any(row.vector is not None and isinstance(outcome, str) for row, outcome in seen)
        ):
            changes.record([key])
    return report


def _remove_gone(key: Any, rows: dict[str, ImageEmbedding], images: list[SourceImage], version: str) -> int:
    """Drop rows of pictures that are gone; keep one empty row for a product that has none."""
    names = {image.key for image in images}
    gone = [row.pk for name, row in rows.items() if name not in names and (name or names)]
    removed_vectors = sum(row.vector is not None for row in rows.values() if row.pk in set(gone))
    ImageEmbedding.objects.filter(pk__in=gone).delete()
    if not names:
        ImageEmbedding.objects.update_or_create(
            product_id=key, image_key="", encoder_version=version, defaults={"status": Status.EMPTY}
        )
    return removed_vectors


def _look_at(key: Any, image: SourceImage, row: ImageEmbedding | None, encoder: Encoder) -> Sight:
    """The picture's row and its new vector, or UNCHANGED, or why there is none."""
    row = (
        row
        or ImageEmbedding.objects.get_or_create(product_id=key, image_key=image.key, encoder_version=encoder.version)[0]
    )
    row.position = image.position
    try:
        with image.open() as file:
            data = file.read(settings.IMAGE_MAX_BYTES + 1)
    except OSError as error:
        return row, f"The file cannot be read: {error}"
    content_hash = hashlib.sha256(data).hexdigest()
    if row.content_hash == content_hash:
        if row.vector is not None:
            return row, UNCHANGED
        if row.attempts >= settings.EMBED_MAX_ATTEMPTS:
            return row, row.error or "The worker died each time it read this picture."
    _begin(row, content_hash)
    try:
        picture = decode(data, max_bytes=settings.IMAGE_MAX_BYTES, max_pixels=settings.IMAGE_MAX_PIXELS)
    except ImageRefusedError as error:
        return row, str(error)
    return row, encoder.encode([picture])[0]


def _begin(row: ImageEmbedding, content_hash: str) -> None:
    """Count the attempt before it is made, in a commit of its own: a picture may kill the process that reads it."""
    attempts: Any = F("attempts") + 1 if row.content_hash == content_hash else 1
    ImageEmbedding.objects.filter(pk=row.pk).update(
        content_hash=content_hash, attempts=attempts, status=Status.PENDING, vector=None, updated_at=timezone.now()
    )


def _store(row: ImageEmbedding, outcome: Float32 | str | None) -> EmbeddingReport:
    values: dict[str, Any] = {
        "position": row.position,
        "error": "",
        "status": Status.READY,
        "updated_at": timezone.now(),
    }
    report = EmbeddingReport(embedded=1)
    if outcome is UNCHANGED:
        values |= {"attempts": 0}
        report = EmbeddingReport(unchanged=1)
    elif isinstance(outcome, str):
        logger.warning("Picture %s of product %s was not embedded: %s", row.image_key, row.product_id, outcome)
        values |= {"status": Status.FAILED, "error": outcome[:500]}
        report = EmbeddingReport(failed=1)
    else:
        values |= {"vector": embeddings.to_bytes(outcome)}
    ImageEmbedding.objects.filter(pk=row.pk).update(**values)
    return report
