"""Image embeddings: the durable requests for work, and vectors in bulk."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from recommender.core.types import Float32
from recommender.models import ImageEmbedding
from recommender.sources import get_source

Status = ImageEmbedding.Status


def mark_pending(product_keys: Iterable[Any], encoder_version: str, *, create: bool = True) -> None:
    """Ask for these products to be looked at, within the caller's transaction. Old vectors stay until replaced.

    Args:
        product_keys: keys of products.
        encoder_version: the encoder that shall look.
        create: also ask for products without any row; False while the product itself may be on its way out.
    """
    keys = list(product_keys)
    with transaction.atomic():
        rows = ImageEmbedding.objects.filter(product__in=keys, encoder_version=encoder_version)
        rows.update(status=Status.PENDING, attempts=0, updated_at=timezone.now())
        if create:
            known = set(rows.values_list("product_id", flat=True))
            ImageEmbedding.objects.bulk_create(
                [ImageEmbedding(product_id=key, encoder_version=encoder_version) for key in keys if key not in known],
                ignore_conflicts=True,
            )


def of_product(product_key: Any, encoder_version: str) -> dict[str, ImageEmbedding]:
    """A product's rows by picture key."""
    rows = ImageEmbedding.objects.filter(product=product_key, encoder_version=encoder_version)
    return {row.image_key: row for row in rows}


def waiting(encoder_version: str, *, older_than: datetime) -> list[Any]:
    """Products with work that nobody has touched since `older_than`, oldest first."""
    rows = ImageEmbedding.objects.filter(
        encoder_version=encoder_version, status=Status.PENDING, updated_at__lt=older_than
    ).order_by("updated_at")
    return list(dict.fromkeys(rows.values_list("product_id", flat=True)))


def never_seen(encoder_version: str) -> QuerySet[Any]:
    """Products that have no row of this encoder at all, as keys."""
    seen = ImageEmbedding.objects.filter(product=OuterRef("pk"), encoder_version=encoder_version)
    return get_source().queryset().filter(~Exists(seen)).order_by("pk").values_list("pk", flat=True)


def count_by_status(encoder_version: str) -> dict[str, int]:
    """How many pictures stand where, every status named; a product without pictures counts once under "empty"."""
    rows = (
        ImageEmbedding.objects.filter(encoder_version=encoder_version)
        .values_list("status")
        .annotate(n=Count("pk"))
        .order_by()
    )
    return dict.fromkeys(Status.values, 0) | dict(rows)


def to_bytes(vector: Float32) -> bytes:
    """The stored form of a vector: little-endian float32."""
    return np.ascontiguousarray(vector, dtype="<f4").tobytes()


def vectors(
    encoder_version: str, dimension: int, product_keys: Sequence[Any] | None = None
) -> Iterator[tuple[str, Float32]]:
    """Each product's key and the vectors of its pictures, main picture first, float32 (views, d), by ascending key.

    Rows of another length are left out: a changed dimension never mixes with the old.
    """
    rows = ImageEmbedding.objects.filter(Q(encoder_version=encoder_version), vector__isnull=False)
    if product_keys is not None:
        rows = rows.filter(product__in=product_keys)
    values = rows.order_by("product_id", "position", "image_key").values_list("product_id", "vector")
    key: Any = None
    views: list[Float32] = []
    for product_id, raw in values.iterator(chunk_size=2000):
        if product_id != key:
            if views:
                yield str(key), np.stack(views)
            key, views = product_id, []
        vector = np.frombuffer(bytes(raw or b""), dtype="<f4").astype(np.float32, copy=False)
        if vector.shape == (dimension,):
            views.append(vector)
    if views:
        yield str(key), np.stack(views)
