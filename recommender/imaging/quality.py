"""How good a picture is to look at: how sharp its edges are, and whether it shows anything. NumPy and Pillow only."""

from typing import NamedTuple

import numpy as np
from PIL import Image

from recommender.core.types import Picture, Pixels

_SIDE = 512
_EDGES = 99.95
"""The percentile of steps between neighbours that counts as an edge: a sharp outline is one step wide, so few are."""


MINIATURE = 16
"""Pixels a side of a miniature."""


class Quality(NamedTuple):
    """What was measured of a picture.

    Attributes:
        sharpness: the step of brightness across the sharpest edges, as a share of the picture's range, in [0, 1]. An
            edge blurred by a Gaussian of s pixels has 0.4 / s at most.
        contrast: the range of brightness without the outer percent, in [0, 255].
    """

    sharpness: float
    contrast: float


def measure(picture: Picture) -> Quality:
    """The quality of a decoded picture, measured at up to 512 pixels a side."""
    image = Image.fromarray(picture.pixels).convert("L")
    image.thumbnail((_SIDE, _SIDE), Image.Resampling.BOX)
    levels = np.asarray(image, np.float32)
    low, high = np.percentile(levels, (0.5, 99.5))
    contrast = float(high - low)
    if contrast < 1 or min(levels.shape) < 2:
        return Quality(0.0, contrast)
    steps = np.concatenate([np.abs(np.diff(levels, axis=axis)).ravel() for axis in (0, 1)])
    return Quality(float(min(1.0, np.percentile(steps, _EDGES) / contrast)), contrast)


def miniature(picture: Picture) -> Pixels:
    """The whole picture squeezed to 16 x 16 colours, uint8, shape (768,), to tell copies from mere look-alikes."""
    small = Image.fromarray(picture.pixels).resize((MINIATURE, MINIATURE), Image.Resampling.BOX)
    return np.asarray(small).reshape(-1)
