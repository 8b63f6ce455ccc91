"""Pictures to vectors: each product's pictures are read, guarded, encoded and stored once per content and encoder."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from recommender.engines.base import Encoder
from recommender.models import ImageEmbedding
from recommender.services.backfilling import batches
from recommender.services.engines import encoder_of, follow_live, is_outdated
from recommender.services.looking import look, record_if_live
from recommender.services.reweighing import derive, source_of
from recommender.sources import SourceImage, get_source
from recommender.storage import changes, embeddings, encoders

Status = ImageEmbedding.Status

BATCH = 16
"""Products that are looked at together: by one task, or between two reports of progress."""

SWEEP_AFTER = timedelta(seconds=60)
"""Work that has waited this long was probably never delivered."""


@dataclass
class EmbeddingReport:
    """What became of the pictures looked at.

    Attributes:
        embedded: given a vector by the encoder.
        derived: given one without being read: made of the vector that an encoder with other block weights has.
        unchanged: whose vector was there already.
        failed: without a vector.
        removed: vectors of pictures that are gone.
    """

    embedded: int = 0
    derived: int = 0
    unchanged: int = 0
    failed: int = 0
    removed: int = 0

    def __add__(self, other: EmbeddingReport) -> EmbeddingReport:
        return EmbeddingReport(
            self.embedded + other.embedded,
            self.derived + other.derived,
            self.unchanged + other.unchanged,
            self.failed + other.failed,
            self.removed + other.removed,
        )


def request(product_keys: Iterable[Any], *, create: bool = True) -> None:
    """Note, in the caller's transaction, that these products' pictures have to be looked at.

    With `create` False only products that were looked at before: some may be on their way out.
    """
    keys = list(product_keys)
    live = follow_live().version
    embeddings.mark_pending(keys, live, create=create)
    for version in beside(live):
        embeddings.mark_pending(keys, version, create=create)


def beside(live: str = "") -> list[str]:
    """The encoders that pictures are embedded by besides the live one: a candidate, and the one to roll back to."""
    live = live or follow_live().version
    return [row.version for row in encoders.kept() if row.version != live and not is_outdated(row.version)]


def withdraw(product_keys: Iterable[Any]) -> None:
    """Note, in the caller's transaction, that these products are gone: shelves drop them at once."""
    changes.record(product_keys, deleted=True)


def embed(product_keys: Iterable[Any], encoder_version: str = "") -> EmbeddingReport:
    """Bring the vectors of these products up to date. Safe to repeat, to run twice at once, and to kill at any moment.

    Args:
        product_keys: keys of products.
        encoder_version: whose vectors; those of the live encoder by default. One that is given up does nothing.

    Raises:
        EngineUnavailableError: when the encoder cannot work here; the pictures go on waiting.
    """
    report = EmbeddingReport()
    live = follow_live()
    encoder = encoder_of(encoder_version) if encoder_version else live
    if encoder is None:
        return report
    for keys in batches(product_keys, BATCH):
        report += _embed(keys, encoder)
    return report


def overdue(limit: int = 10_000, encoder_version: str = "") -> list[Any]:
    """Products whose pictures wait although nobody works on them: requests lost on the way, or never made."""
    version = encoder_version or follow_live().version
    waiting = embeddings.waiting(version, older_than=timezone.now() - SWEEP_AFTER)
    return (waiting + list(embeddings.never_seen(version)[:limit]))[:limit]


def _embed(keys: list[Any], encoder: Encoder) -> EmbeddingReport:
    report = EmbeddingReport()
    with transaction.atomic():
        rows = embeddings.of_products(keys, encoder.version, lock=True)
        # Read under the lock: a request that comes later finds the rows as this look leaves them.
        products = {product.pk: product for product in get_source().queryset().filter(pk__in=keys)}
        pictures = {key: list(get_source().images(product)) for key, product in products.items()}
        report.removed = _reconcile(pictures, rows, encoder.version)
        texts = {str(key) for key in products}
        if gone := [key for key in keys if str(key) not in texts]:
            record_if_live(gone, encoder.version, deleted=True)
    rows = embeddings.of_products(products, encoder.version)
    if (source := source_of(encoder)) is not None:
        derived = derive(rows, source, encoder)
        rows = [row for row in rows if row.pk not in derived]
        report.derived = len(derived)
    for sights in look(pictures, rows, encoder):
        report.embedded += sum(sight.vector is not None for sight in sights)
        report.unchanged += sum(sight.is_unchanged for sight in sights)
        report.failed += sum(bool(sight.error) for sight in sights)
    return report


def _reconcile(pictures: Mapping[Any, Sequence[SourceImage]], rows: Sequence[Any], version: str) -> int:
    """A row for each picture and none for others; one empty row for a product without pictures.

    Returns:
        How many vectors went.
    """
    wanted = {(key, image.key) for key, images in pictures.items() for image in images}
    bare = {(key, "") for key, images in pictures.items() if not images}
    named = {(row.product_id, row.image_key): row for row in rows}
    gone = [row for name, row in named.items() if name not in wanted | bare]
    ImageEmbedding.objects.filter(pk__in=[row.pk for row in gone]).delete()
    if new := [name for name in wanted | bare if name not in named]:
        embeddings.add(new, version)
    if bare:
        ImageEmbedding.objects.filter(
            product__in=[key for key, _ in bare], image_key="", encoder_version=version
        ).exclude(status=Status.EMPTY).update(status=Status.EMPTY, updated_at=timezone.now())
    lost = [row for row in gone if row.has_vector]
    if lost:
        record_if_live({row.product_id for row in lost}, version)
    return len(lost)
