"""The one guarded decode for every door: bytes from outside in, an upright sRGB picture or a refusal out."""

from io import BytesIO
from typing import Any

import numpy as np
from PIL import Image

from recommender.core.types import Bool, Picture
from recommender.imaging.guard import MAX_BYTES, MAX_PIXELS, open_guarded, sniff
from recommender.imaging.pixels import upright_srgb
from recommender.imaging.separation import separate

MAX_SIDE = 1024
"""Encoders look at a few hundred pixels a side; more only costs memory."""

_STORED_SIDE = 3072
_SAVE_OPTIONS: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 90, "optimize": True},
    "PNG": {"optimize": True},
    "WebP": {"quality": 90},
}
_EXTENSION = {"JPEG": ".jpg", "PNG": ".png", "WebP": ".webp"}


def decode(
    data: bytes,
    *,
    filename: str = "",
    max_bytes: int = MAX_BYTES,
    max_pixels: int = MAX_PIXELS,
    max_side: int | None = MAX_SIDE,
) -> Picture:
    """The picture in a JPEG, PNG or WebP file: upright by EXIF, sRGB by its ICC profile, flattened on white.

    Its mask says where the product is, so that encoders need not guess: see `separate`.

    Args:
        data: the file's content. Read at most `max_bytes + 1` bytes of an upload: that suffices to refuse it.
        filename: the name it came with; an extension must agree with the content, none is fine.
        max_bytes: the largest accepted file.
        max_pixels: the largest accepted width * height in the file.
        max_side: the returned picture's longer side is scaled down to this; None keeps the size.

    Raises:
        ImageRefusedError: for anything else than such a picture; its `reason` is a `Refusal`.
    """
    image = open_guarded(data, filename=filename, max_bytes=max_bytes, max_pixels=max_pixels)
    pixels = upright_srgb(image, max_side)
    return separate(Picture(np.asarray(_on_white(pixels)), _opaque(pixels)))


def sanitise(
    data: bytes,
    *,
    filename: str = "",
    max_bytes: int = MAX_BYTES,
    max_pixels: int = MAX_PIXELS,
    max_side: int | None = _STORED_SIDE,
) -> tuple[bytes, str]:
    """The same picture as a new file built from raw pixels, and the extension it should carry, such as ".jpg".

    Nothing but pixels survives: no EXIF, GPS position, XMP, ICC profile, comment or appended data. The format and
    transparency stay; the picture is upright and sRGB.

    Raises:
        ImageRefusedError: as `decode`.
    """
    content = str(sniff(data))
    pixels = upright_srgb(open_guarded(data, filename=filename, max_bytes=max_bytes, max_pixels=max_pixels), max_side)
    # A new image carries no `info`, which Pillow would write back into the file.
    bare = Image.new(pixels.mode, pixels.size)
    bare.paste(pixels, (0, 0))
    pixels.close()
    if content == "JPEG":
        bare = _on_white(bare)
    out = BytesIO()
    bare.save(out, format=content, **_SAVE_OPTIONS[content])
    return out.getvalue(), _EXTENSION[content]


def _opaque(pixels: Image.Image) -> Bool | None:
    """Where a picture with transparency can be seen."""
    return np.asarray(pixels.getchannel("A")) >= 128 if pixels.mode == "RGBA" else None


def _on_white(pixels: Image.Image) -> Image.Image:
    if pixels.mode != "RGBA":
        return pixels
    ground = Image.new("RGB", pixels.size, "white")
    ground.paste(pixels, mask=pixels.getchannel("A"))
    return ground
