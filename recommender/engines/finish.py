"""The composite encoder's colour block: the exact colours of the product, its finish."""

import numpy as np

from recommender.core import colour
from recommender.core.types import Float32, Picture
from recommender.engines.framing import has_plain_ground, shrink
from recommender.engines.projections import UNKNOWN, doubted

_WORK_SIDE = 96
"""Longer side of the picture whose colours are counted."""

_GROUNDLESS_DOUBT, _SCENE_DOUBT = 0.7, 0.97
"""Share of the block that says "unknown" where there is no plain ground, and in a scene: most of what is in sight there
is not the product."""

LENGTH = colour.FINISH + UNKNOWN


def finish_block(framed: Picture, doubt: float) -> Float32:
    """The product's exact colours as a unit vector, float32, shape (LENGTH,); the last `UNKNOWN` columns are "unknown".

    Beside a network that sees the design, colour has to tell one finish from another: black from graphite, rose from
    gold. So bins are fine and hard, and only nearly equal colours count; `ColourEncoder`, which has no network beside
    it, compares more softly. The plain background is not counted.

    Args:
        framed: the product, cropped and letterboxed.
        doubt: see `projections.doubted`.
    """
    small = shrink(framed, _WORK_SIDE)
    weights = np.ones(small.pixels.shape[:2], np.float32)
    if small.mask is not None and small.mask.any():
        weights = weights * small.mask
    return doubted(colour.finish(small.pixels.reshape(-1, 3), weights.ravel()), doubt)


def colour_doubt(picture: Picture, scene: float) -> float:
    """How much of a picture's colours may be anything's: none on plain ground, most without, more in a scene."""
    return 0.0 if has_plain_ground(picture) else max(_GROUNDLESS_DOUBT, _SCENE_DOUBT * scene)
