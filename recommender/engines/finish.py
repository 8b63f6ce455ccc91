"""The composite encoder's colour block: the exact colours of the product, its finish."""

import numpy as np

from recommender.core import colour
from recommender.core.types import Float32, Picture
from recommender.engines.framing import clutter, crop_to_product, shrink

_WORK_SIDE = 96
"""Longer side of the picture whose colours are counted."""

_SCENE_DOUBT = 0.9
"""Share of a scene's block that says "unknown": most of what is in sight is not the product."""

LENGTH = colour.FINISH + 1


def finish_block(picture: Picture) -> Float32:
    """The product's exact colours as a unit vector, float32, shape (LENGTH,).

    Beside a network that sees the design, colour has to tell one finish from another: black from graphite, rose from
    gold. So bins are fine and hard, and only nearly equal colours count; `ColourEncoder`, which has no network beside
    it, compares more softly. The plain background is not counted. In a scene a share of the whole, growing with its
    clutter, goes to the last column, "unknown", which products on plain ground leave empty.
    """
    small = shrink(crop_to_product(picture), _WORK_SIDE)
    weights = np.ones(small.pixels.shape[:2], np.float32)
    if small.mask is not None and small.mask.any():
        weights = weights * small.mask
    features = colour.finish(small.pixels.reshape(-1, 3), weights.ravel())
    doubt = np.float32(_SCENE_DOUBT * clutter(picture))
    return np.append(np.sqrt(1 - doubt) * features, np.sqrt(doubt)).astype(np.float32)
