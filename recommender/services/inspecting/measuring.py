"""Measures every picture's size and sharpness, once a content."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from recommender.conf import settings
from recommender.engines.base import Progress
from recommender.exceptions import ImageRefusedError
from recommender.imaging.decode import decode
from recommender.imaging.guard import open_guarded
from recommender.imaging.quality import measure, miniature
from recommender.models import ImageEmbedding, PictureMeasure
from recommender.services.backfilling import batches
from recommender.sources import get_source
from recommender.storage import findings

_BATCH = 100


def measured(rows: Sequence[ImageEmbedding], progress: Progress | None = None) -> dict[str, PictureMeasure]:
    """The measures of these pictures by content; pictures that cannot be read are absent."""
    known = findings.measures()
    missing = {row.content_hash: row for row in rows if row.content_hash not in known}
    done = 0
    for part in batches(list(missing.values()), _BATCH):
        fresh = list(_measure(part))
        known |= {one.content_hash: one for one in fresh}
        findings.keep_measures(fresh, {row.content_hash for row in rows})
        done += len(part)
        if progress:
            progress(done, len(missing))
    return known


def _measure(rows: Sequence[ImageEmbedding]) -> Iterator[PictureMeasure]:
    wanted = {(row.product_id, row.image_key): row for row in rows}
    products = get_source().queryset().filter(pk__in={row.product_id for row in rows})
    for product in products:
        for image in get_source().images(product):
            row = wanted.get((product.pk, image.key))
            if row is not None and (found := _measured(row.content_hash, image)) is not None:
                yield found


def _measured(content_hash: str, image: Any) -> PictureMeasure | None:
    try:
        with image.open() as file:
            data = file.read(settings.IMAGE_MAX_BYTES + 1)
        most, pixels = settings.IMAGE_MAX_BYTES, settings.IMAGE_MAX_PIXELS
        # As stored: decoding scales large pictures down.
        width, height = open_guarded(data, max_bytes=most, max_pixels=pixels).size
        picture = decode(data, max_bytes=most, max_pixels=pixels)
    except (OSError, ImageRefusedError):
        return None
    quality = measure(picture)
    return PictureMeasure(
        content_hash=content_hash,
        width=width,
        height=height,
        sharpness=quality.sharpness,
        contrast=quality.contrast,
        miniature=miniature(picture).tobytes(),
    )
