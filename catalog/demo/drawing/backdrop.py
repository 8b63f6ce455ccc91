"""The white page and the shadows that phones throw on it, as pixels: the same for every colour of a family."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from catalog.demo.drawing.sheet import Float

COARSE = 3
"""Shadows are soft: they are computed on every third pixel and enlarged."""


class Shadow(NamedTuple):
    """A blurred silhouette.

    Attributes:
        points: corners as x, y pairs in shares of the page's side.
        sigma: blur in shares of the page's side.
        opacity: of the unblurred middle.
    """

    points: tuple[tuple[float, float], ...]
    sigma: float
    opacity: float


def shadow(points: Float, side: float, sigma: float, opacity: float) -> Shadow:
    """A shadow from millimetres, points of shape (n, 2), on a page `side` millimetres wide."""
    return Shadow(tuple((round(x, 4), round(y, 4)) for x, y in (points / side).tolist()), sigma / side, opacity)


@lru_cache(maxsize=12)
def backdrop(size: int, shadows: tuple[Shadow, ...]) -> Image.Image:
    """A white page, RGBA, size x size pixels, with shadows. Shared by callers: do not draw on it."""
    small = -(-size // COARSE)
    light = Image.new("L", (small, small), 255)
    for points, sigma, opacity in shadows:
        mask = Image.new("L", (small * 2, small * 2), 255)
        corners = [(x * small * 2, y * small * 2) for x, y in points]
        ImageDraw.Draw(mask).polygon(corners, fill=round(255 * (1 - opacity)))
        soft = mask.resize((small, small), Image.Resampling.BOX).filter(ImageFilter.GaussianBlur(sigma * small))
        light = ImageChops.multiply(light, soft)
    return light.resize((size, size), Image.Resampling.BICUBIC).convert("RGBA")
