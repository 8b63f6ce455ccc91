"""Small copies of the shop's pictures for the admin, whatever the shop's own storage can show."""

from __future__ import annotations

from typing import NamedTuple

from recommender.conf import settings
from recommender.exceptions import ImageRefusedError
from recommender.imaging.decode import sanitise
from recommender.models import ImageEmbedding
from recommender.sources import get_source

SIDE = 160
"""The longer side of a thumbnail in pixels: twice what is shown, for fine screens."""

_TYPES = {".jpg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}


class Thumbnail(NamedTuple):
    """A picture file of our own making."""

    content: bytes
    content_type: str


def thumbnail(row: ImageEmbedding) -> Thumbnail | None:
    """The row's picture, small; None when the product has it no more, or it cannot be read."""
    product = get_source().queryset().filter(pk=row.product_id).first()
    if product is None:
        return None
    image = next((image for image in get_source().images(product) if image.key == row.image_key), None)
    if image is None:
        return None
    try:
        with image.open() as file:
            data = file.read(settings.IMAGE_MAX_BYTES + 1)
        content, suffix = sanitise(
            data, max_bytes=settings.IMAGE_MAX_BYTES, max_pixels=settings.IMAGE_MAX_PIXELS, max_side=SIDE
        )
    except (OSError, ImageRefusedError):
        return None
    return Thumbnail(content, _TYPES[suffix])
