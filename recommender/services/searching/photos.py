"""A shopper's picture becomes a vector, in memory and in bounded numbers; the picture itself goes no further."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from recommender.conf import settings
from recommender.core.recognition import as_photo
from recommender.core.types import Float32, Picture
from recommender.engines.framing import clutter
from recommender.exceptions import RegionRefusedError, SearchBusyError
from recommender.imaging.decode import decode
from recommender.imaging.fingerprint import fingerprint
from recommender.imaging.isolation import isolate
from recommender.imaging.shades import shades
from recommender.services import serving
from recommender.services.engines import get_encoder

PHOTO_SIDE = 640
"""Longer side of the photo that is looked at: twice what the encoder sees, so that a product in half of it is sharp."""
REGION_SIDE = 1024
"""The same where only a part of it is meant."""
_MIN_SHARE = 0.02
_MIN_PIXELS = 16
_CALM = 0.3
"""Clutter up to which a photo shows one product on some ground, which can be cut out; above it, a scene."""


@dataclass(frozen=True)
class Region:
    """The part of a picture that is meant, in shares of its width and height as it is seen, upright."""

    left: float
    top: float
    width: float
    height: float

    @classmethod
    def parse(cls, text: str) -> Region | None:
        """The region written as "left,top,width,height"; None for no text.

        Raises:
            RegionRefusedError: for what is no region within the picture.
        """
        if not text.strip():
            return None
        try:
            values = [float(part) for part in text.split(",")]
        except ValueError:
            values = []
        if len(values) != 4 or not np.isfinite(values).all():
            raise RegionRefusedError
        region = cls(*values)
        rounding = 1e-3
        if (
            min(region.left, region.top) < -rounding
            or min(region.width, region.height) < _MIN_SHARE
            or max(region.left + region.width, region.top + region.height) > 1 + rounding
        ):
            raise RegionRefusedError
        return region

    def cut(self, picture: Picture) -> Picture:
        """That part of a picture.

        Raises:
            RegionRefusedError: when hardly a pixel is in it.
        """
        height, width = picture.pixels.shape[:2]
        left, right = (round(np.clip(share, 0, 1) * width) for share in (self.left, self.left + self.width))
        top, bottom = (round(np.clip(share, 0, 1) * height) for share in (self.top, self.top + self.height))
        if min(right - left, bottom - top) < _MIN_PIXELS:
            raise RegionRefusedError
        window = (slice(top, bottom), slice(left, right))
        mask = None if picture.mask is None else picture.mask[window]
        return Picture(picture.pixels[window], None if mask is None or not mask.any() else mask)


@dataclass(frozen=True, eq=False)
class Glance:
    """What was seen of a picture; all that is kept of it.

    Attributes:
        vector: float32, shape (d,), weighted for photos (`core.recognition.as_photo`).
        fingerprint: its perceptual hash.
        encoder_version: whose vector it is.
    """

    vector: Float32
    fingerprint: int
    encoder_version: str


def look(data: bytes, *, filename: str = "", region: Region | None = None) -> Glance:
    """What a picture, or a region of it, shows.

    Raises:
        ImageRefusedError: for what is not accepted as a picture.
        RegionRefusedError: when the region holds hardly a pixel.
        SearchBusyError: when too many pictures are being looked at in this process.
        EngineUnavailableError: when the encoder cannot work here.
    """
    with _slot():
        picture = decode(
            data,
            filename=filename,
            max_bytes=settings.IMAGE_MAX_BYTES,
            max_pixels=settings.IMAGE_MAX_PIXELS,
            max_side=REGION_SIDE if region else PHOTO_SIDE,
        )
        picture = region.cut(picture) if region else picture
        snapshot = serving.current().snapshot
        return glance(picture, snapshot.encoder_version if snapshot is not None else "")


def glance(photo: Picture, encoder_version: str = "") -> Glance:
    """What a decoded photo shows to an encoder, the live one by default: cut out of a calm ground, then encoded."""
    encoder = get_encoder(encoder_version)
    grey = shades(photo)
    product = isolate(photo) if clutter(photo, grey) < _CALM else photo
    vector = as_photo(encoder.encode([product]), encoder.blocks)[0]
    return Glance(vector, fingerprint(photo, grey), encoder.version)


@contextmanager
def _slot() -> Iterator[None]:
    """A place among the pictures that this process looks at together."""
    slots = _slots(settings.PHOTO_CONCURRENCY)
    if not slots.acquire(timeout=settings.PHOTO_WAIT_SECONDS):
        raise SearchBusyError
    try:
        yield
    finally:
        slots.release()


@lru_cache(maxsize=1)
def _slots(n: int) -> threading.BoundedSemaphore:
    return threading.BoundedSemaphore(n)
