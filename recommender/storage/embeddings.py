"""Image embeddings: the durable requests for work, and vectors in bulk."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
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
        # Locked in the order in which workers lock them: else two of us might wait for each other.
        known = set(rows.order_by("pk").select_for_update().values_list("product_id", flat=True))
        rows.update(status=Status.PENDING, attempts=0, updated_at=timezone.now())
        if create:
            ImageEmbedding.objects.bulk_create(
                [ImageEmbedding(product_id=key, encoder_version=encoder_version) for key in keys if key not in known],
                ignore_conflicts=True,
            )


def mark_all_pending(encoder_version: str) -> None:
    """Ask for all to be looked at that the encoder ever looked at. Of those that did not change the vectors stay."""
    rows = ImageEmbedding.objects.filter(encoder_version=encoder_version)
    rows.update(status=Status.PENDING, attempts=0, updated_at=timezone.now())


def forget(encoder_versions: Iterable[str]) -> int:
    """Delete the rows of these encoders; return how many went."""
    return ImageEmbedding.objects.filter(encoder_version__in=list(encoder_versions)).delete()[0]


def of_products(product_keys: Iterable[Any], encoder_version: str, *, lock: bool = False) -> list[Any]:
    """These products' rows without their vectors; `has_vector` tells whether there is one.

    With `lock` a request for one of them waits until the caller's transaction ends.
    """
    rows = ImageEmbedding.objects.filter(product__in=list(product_keys), encoder_version=encoder_version)
    rows = rows.defer("vector").annotate(has_vector=Q(vector__isnull=False)).order_by("pk")
    return list(rows.select_for_update() if lock else rows)


def add(names: Iterable[tuple[Any, str]], encoder_version: str) -> None:
    """Rows that wait for these (product key, picture key), where there are none yet."""
    ImageEmbedding.objects.bulk_create(
        [ImageEmbedding(product_id=key, image_key=image, encoder_version=encoder_version) for key, image in names],
        ignore_conflicts=True,
    )


def begin(rows: Sequence[ImageEmbedding], hashes: Sequence[str]) -> None:
    """Count an attempt at these contents before it is made: a picture may kill the process that reads it."""
    now = timezone.now()
    again = {row.pk for row, content_hash in zip(rows, hashes, strict=True) if row.content_hash == content_hash}
    for row, content_hash in zip(rows, hashes, strict=True):
        row.attempts = row.attempts + 1 if row.pk in again else 1
        row.content_hash, row.updated_at = content_hash, now
    begun = {"status": Status.PENDING, "vector": None, "updated_at": now}
    with transaction.atomic():
        fresh = [row for row in rows if row.pk not in again]
        ImageEmbedding.objects.bulk_update(fresh, ["content_hash"])
        ImageEmbedding.objects.filter(pk__in=[row.pk for row in fresh]).update(attempts=1, **begun)
        if again:
            ImageEmbedding.objects.filter(pk__in=again).update(attempts=F("attempts") + 1, **begun)


def take_back(rows: Iterable[ImageEmbedding]) -> None:
    """Uncount an attempt that never reached the picture."""
    begun = ImageEmbedding.objects.filter(pk__in=[row.pk for row in rows], attempts__gt=0)
    begun.update(attempts=F("attempts") - 1)


def untouched(rows: Iterable[ImageEmbedding]) -> set[int]:
    """Lock these rows, and tell which of them nobody has asked for or begun since they were read or begun."""
    known = {row.pk: row.updated_at for row in rows}
    found = ImageEmbedding.objects.filter(pk__in=known).order_by("pk").select_for_update()
    return {pk for pk, updated_at in found.values_list("pk", "updated_at") if known[pk] == updated_at}


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


class Tally(NamedTuple):
    """How many products an encoder has looked at, shall look at, and has not heard of; one may be of the first two."""

    done: int
    waiting: int
    unseen: int


def tallies(encoder_versions: Collection[str]) -> dict[str, Tally]:
    """By encoder its `Tally`; three queries for any number of encoders."""
    products = get_source().queryset().order_by()
    rows = ImageEmbedding.objects.filter(encoder_version__in=encoder_versions).order_by().values("encoder_version")
    by_status = rows.annotate(
        done=Count("product_id", distinct=True, filter=~Q(status=Status.PENDING)),
        waiting=Count("product_id", distinct=True, filter=Q(status=Status.PENDING)),
    )
    seen = rows.filter(product__in=products.values("pk")).annotate(n=Count("product_id", distinct=True))
    known = dict(seen.values_list("encoder_version", "n"))
    counted = {
        version: (done, waiting)
        for version, done, waiting in by_status.values_list("encoder_version", "done", "waiting")
    }
    total = products.count()
    return {
        version: Tally(*counted.get(version, (0, 0)), total - known.get(version, 0)) for version in encoder_versions
    }


def without_sight(encoder_version: str, product_keys: Sequence[Any]) -> set[str]:
    """Those of these products that the encoder has looked at, waits to look at no more, and saw nothing of."""
    rows = ImageEmbedding.objects.filter(encoder_version=encoder_version, product__in=product_keys)
    found: dict[str, bool] = {}
    for key, status in rows.order_by().values_list("product_id", "status"):
        found[str(key)] = found.get(str(key), True) and status in (Status.FAILED, Status.EMPTY)
    return {key for key, is_settled in found.items() if is_settled}


def count_by_status(encoder_version: str) -> dict[str, int]:
    """How many pictures stand where, every status named; a product without pictures counts once under "empty"."""
    rows = (
        ImageEmbedding.objects.filter(encoder_version=encoder_version)
        .values_list("status")
        .annotate(n=Count("pk"))
        .order_by()
    )
    return dict.fromkeys(Status.values, 0) | dict(rows)


def with_same_files(product_key: Any, encoder_version: str) -> set[str]:
    """Keys of the other products that have one of this product's files, byte for byte; one query."""
    rows = ImageEmbedding.objects.filter(encoder_version=encoder_version)
    own = rows.filter(product=product_key).exclude(content_hash="").values("content_hash")
    others = rows.filter(content_hash__in=own).exclude(product=product_key)
    return {str(key) for key in others.order_by().values_list("product_id", flat=True).distinct()}


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


def perceptual_hashes(encoder_version: str, product_keys: Sequence[Any]) -> Iterator[tuple[str, int]]:
    """Products' keys, each with the perceptual hash of one of its pictures; one query, and none for no products."""
    if not product_keys:
        return
    rows = ImageEmbedding.objects.filter(
        product__in=product_keys, encoder_version=encoder_version, vector__isnull=False
    )
    for key, hashed in rows.order_by().values_list("product_id", "perceptual_hash"):
        if hashed is not None:
            yield str(key), hashed


def views(
    encoder_version: str, dimension: int, product_keys: Sequence[Any]
) -> Iterator[tuple[str, Float32 | None, list[int | None]]]:
    """Each product's key, the vectors of its pictures, and their perceptual hashes; two queries at most.

    Vectors are float32, shape (views, d). Those of a picture that several products share are read once. That of an only
    picture is not read: None stands for it, as the product's own vector is the same.
    """
    rows = ImageEmbedding.objects.filter(
        product__in=product_keys, encoder_version=encoder_version, vector__isnull=False
    ).order_by("product_id", "position", "image_key")
    found: dict[str, list[tuple[str | int, int | None]]] = {}
    stored: dict[str | int, int] = {}
    for key, pk, content_hash, hashed in rows.values_list("product_id", "pk", "content_hash", "perceptual_hash"):
        content = content_hash or pk
        stored[content] = pk
        found.setdefault(str(key), []).append((content, hashed))
    of_several = {content for pictures in found.values() if len(pictures) > 1 for content, _ in pictures}
    places, vectors = _by_row(dimension, [stored[content] for content in of_several])
    for name, pictures in found.items():
        if len(pictures) == 1:
            yield name, None, [hashed for _, hashed in pictures]
        elif known := [(places[pk], hashed) for content, hashed in pictures if (pk := stored[content]) in places]:
            yield name, vectors[[place for place, _ in known]], [hashed for _, hashed in known]


def _by_row(dimension: int, keys: Collection[int]) -> tuple[dict[int, int], Float32]:
    """The vectors of these rows, float32, shape (n, d), and where each stands; those of another dimension left out."""
    rows = ImageEmbedding.objects.filter(pk__in=keys, vector__isnull=False).values_list("pk", "vector")
    found = {pk: raw for pk, raw in rows if raw is not None and len(raw) == 4 * dimension} if keys else {}
    vectors = np.frombuffer(b"".join(found.values()), "<f4").reshape(-1, dimension).astype(np.float32, copy=False)
    return {pk: place for place, pk in enumerate(found)}, vectors
