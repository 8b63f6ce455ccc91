"""How an encoder frames a picture: cropped to the product, zoomed, letterboxed. Pictures to pictures."""

import numpy as np
from PIL import Image

from recommender.core.types import Bool, Picture, Pixels

_CALM, _BUSY = 10.0, 16.0
"""Mean step of brightness between neighbours at 64 x 64. Of photos taken in shops 2 % are calmer than the first and
half busier than the second; most close-ups of a product are calmer than the first."""

_GROUNDLESS_DOUBT = 0.97


def has_plain_ground(picture: Picture) -> bool:
    """Whether the product is known from what surrounds it."""
    return picture.mask is not None and not bool(picture.mask.all())


def form_doubt(picture: Picture) -> float:
    """How much of a picture's texture and shape may be anything's, in [0, 1]: see `projections.doubted`.

    Nearly all where the product is not told from what surrounds it, nothing where it is.
    """
    return 0.0 if has_plain_ground(picture) else _GROUNDLESS_DOUBT


def clutter(picture: Picture, grey: Image.Image | None = None) -> float:
    """How far the product stands among other things: 0 on plain ground or filling a calm frame, 1 in a busy scene.

    Args:
        picture: any.
        grey: it in shades of grey, mode "L", where the caller has that.
    """
    if has_plain_ground(picture):
        return 0.0
    small = (grey or Image.fromarray(picture.pixels).convert("L")).resize((64, 64), Image.Resampling.BOX)
    levels = np.asarray(small, np.float32)
    step = (np.abs(np.diff(levels, axis=0)).mean() + np.abs(np.diff(levels, axis=1)).mean()) / 2
    return float(np.clip((step - _CALM) / (_BUSY - _CALM), 0, 1))


def shrink(picture: Picture, side: int) -> Picture:
    """The picture scaled down so that its longer side is at most `side`; a smaller one is returned as it is."""
    height, width = picture.pixels.shape[:2]
    if max(height, width) <= side:
        return picture
    size = _fitted(width, height, side)
    mask = None if picture.mask is None else _scaled_mask(picture.mask, size)
    return Picture(_scaled(picture.pixels, size), mask)


def crop_to_product(picture: Picture, margin: float = 0.05) -> Picture:
    """The part of the picture that holds the mask, with a margin of this share of its longer side."""
    if picture.mask is None or not picture.mask.any():
        return picture
    rows = np.flatnonzero(picture.mask.any(axis=1))
    columns = np.flatnonzero(picture.mask.any(axis=0))
    pad = round(margin * int(max(rows[-1] - rows[0], columns[-1] - columns[0])))
    window = (
        slice(max(0, rows[0] - pad), rows[-1] + 1 + pad),
        slice(max(0, columns[0] - pad), columns[-1] + 1 + pad),
    )
    return Picture(picture.pixels[window], picture.mask[window])


def zoom(picture: Picture, share: float = 0.75) -> Picture:
    """The middle of the picture: this share of its width and of its height."""
    height, width = picture.pixels.shape[:2]
    top, left = round(height * (1 - share) / 2), round(width * (1 - share) / 2)
    window = (slice(top, height - top), slice(left, width - left))
    return Picture(picture.pixels[window], None if picture.mask is None else picture.mask[window])


def square(picture: Picture, side: int) -> Picture:
    """The picture letterboxed: scaled to fit a `side` x `side` square, centred on white that is outside the mask."""
    height, width = picture.pixels.shape[:2]
    size = _fitted(width, height, side)
    left, top = (side - size[0]) // 2, (side - size[1]) // 2
    window = (slice(top, top + size[1]), slice(left, left + size[0]))
    pixels = np.full((side, side, 3), 255, np.uint8)
    pixels[window] = _scaled(picture.pixels, size)
    mask = np.zeros((side, side), np.bool_)
    mask[window] = True if picture.mask is None else _scaled_mask(picture.mask, size)
    return Picture(pixels, mask)


def _fitted(width: int, height: int, side: int) -> tuple[int, int]:
    scale = side / max(width, height)
    return max(1, round(width * scale)), max(1, round(height * scale))


def _scaled(pixels: Pixels, size: tuple[int, int]) -> Pixels:
    return np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC, reducing_gap=2.0))


def _scaled_mask(mask: Bool, size: tuple[int, int]) -> Bool:
    return np.asarray(Image.fromarray(mask).resize(size, Image.Resampling.NEAREST))
