"""From a decoder's many pixel layouts to upright sRGB, in bounded memory."""

from io import BytesIO

import numpy as np
from PIL import Image, ImageCms
from PIL.ExifTags import Base
from PIL.ImageFile import ImageFile

from recommender.imaging.guard import guarded

_BAND_PIXELS = 1_000_000
_SUPPORT = 3
"""Of the Lanczos filter: how far beyond its edges, in pixels of the result, a band needs the picture."""

_SRGB = ImageCms.createProfile("sRGB")
_MODE_OF_PROFILE = {"RGB ": "RGB", "GRAY": "L", "CMYK": "CMYK"}

# EXIF orientation -> the transposition that undoes it.
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def upright_srgb(image: ImageFile, max_side: int | None) -> Image.Image:
    """The picture's pixels as "RGB", or "RGBA" where it has transparency: decoded, scaled, sRGB, upright.

    Peak memory is one decoded copy, a band of rows and the result: large pictures are made smaller band by band before
    anything else touches them, and JPEG is decoded at a fraction of its size where that is enough.

    Args:
        image: opened by `open_guarded`; its metadata is left behind, and its pixels are gone afterwards.
        max_side: scale down so that the longer side has at most this many pixels; None keeps the size.

    Raises:
        ImageRefusedError: when the pixels cannot be decoded.
    """
    with guarded():
        if max_side and max(image.size) > max_side:
            scale = max_side / max(image.size)
            image.draft(image.mode, (int(image.width * scale) + 1, int(image.height * scale) + 1))
        image.load()
        profile = image.info.get("icc_profile")
        orientation = _orientation(image)
        small = _smaller(image, max_side) if max_side else _plain(image)
        if small is not image:
            image.close()
        pixels = _to_srgb(small, profile)
        if max_side and max(pixels.size) > max_side:
            pixels.thumbnail((max_side, max_side), Image.Resampling.LANCZOS, reducing_gap=None)
        return pixels.transpose(_UPRIGHT[orientation]) if orientation in _UPRIGHT else pixels


def _smaller(image: Image.Image, max_side: int) -> Image.Image:
    """The picture in a plain 8-bit mode (L, RGB, RGBA or CMYK), at most about twice as large as wanted."""
    factor = max(image.size) // (2 * max_side)
    if factor > 1:
        return _reduced(image, factor)
    if max(image.size) > max_side and image.width * image.height > 4 * _BAND_PIXELS:
        return _resized(image, max_side / max(image.size))
    return _plain(image)


def _resized(image: Image.Image, scale: float) -> Image.Image:
    """The picture scaled down, band by band: what Pillow gives at once, without its copies of the whole."""
    width, height = max(1, round(image.width * scale)), max(1, round(image.height * scale))
    step = image.height / height
    rows = max(1, int(_BAND_PIXELS / image.width / step))
    target: Image.Image | None = None
    for top in range(0, height, rows):
        bottom = min(top + rows, height)
        first = max(0, int((top - _SUPPORT) * step) - 1)
        last = min(image.height, int((bottom + _SUPPORT) * step) + 2)
        band = _plain(image.crop((0, first, image.width, last)))
        box = (0, top * step - first, image.width, min(bottom * step, image.height) - first)
        small = band.resize((width, bottom - top), Image.Resampling.LANCZOS, box)
        if target is None:
            target = Image.new(small.mode, (width, height))
        target.paste(small, (0, top))
    assert target is not None  # noqa: S101 - a picture has at least one row # nosec B101
    return target


def _reduced(image: Image.Image, factor: int) -> Image.Image:
    """The picture in a plain 8-bit mode, each side divided by `factor`."""
    rows = max(1, _BAND_PIXELS // image.width // factor) * factor
    target: Image.Image | None = None
    for top in range(0, image.height, rows):
        band = image.crop((0, top, image.width, min(top + rows, image.height)))
        small = _plain(band).reduce(factor)
        if target is None:
            target = Image.new(small.mode, (small.width, -(-image.height // factor)))
        target.paste(small, (0, top // factor))
    assert target is not None  # noqa: S101 - a picture has at least one row # nosec B101
    return target


def _plain(image: Image.Image) -> Image.Image:
    if image.mode in ("I;16", "I;16B", "I;16L", "I"):
        # Pillow's own conversion clips 16-bit grey at 255, which turns such a picture white.
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if image.has_transparency_data:
        return image.convert("RGBA")
    if image.mode in ("L", "RGB", "CMYK"):
        return image
    return image.convert("L" if image.mode == "1" else "RGB")


def _to_srgb(pixels: Image.Image, profile: bytes | None) -> Image.Image:
    if pixels.mode == "RGB" and not profile:
        return pixels
    alpha = pixels.getchannel("A") if pixels.mode == "RGBA" else None
    colour = _through_profile(pixels, profile) if profile else pixels.convert("RGB")
    if alpha is not None:
        colour.putalpha(alpha)
    return colour


def _through_profile(pixels: Image.Image, profile: bytes) -> Image.Image:
    """The pixels converted by their ICC profile; by mode alone where the profile is broken or does not fit."""
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        mode = _MODE_OF_PROFILE[source.profile.xcolor_space]
        if (mode == "CMYK") != (pixels.mode == "CMYK"):
            return pixels.convert("RGB")
        transform = ImageCms.buildTransform(source, _SRGB, mode, "RGB")
        converted = ImageCms.applyTransform(pixels.convert(mode), transform)
    except (ImageCms.PyCMSError, OSError, KeyError, ValueError, TypeError):
        return pixels.convert("RGB")
    return converted if converted is not None else pixels.convert("RGB")


def _orientation(image: ImageFile) -> int:
    try:
        return int(image.getexif().get(Base.Orientation, 1))
    except Exception:  # noqa: BLE001 - broken EXIF raises anything and is no reason to refuse the picture
        return 1
