"""The "texture" block: materials and small parts, as a middle layer of the network sees them, wherever they are."""

import numpy as np

from recommender.core.types import Bool, Float32
from recommender.engines.efficientnet_lite0 import MIDDLE_FEATURES, MIDDLE_GRID
from recommender.engines.projections import UNKNOWN, doubted, projection

DIRECTIONS = 128
_LEAST = 1e-4
"""Weight of a cell without any of the product: a product too thin for the mask still has a texture."""

LENGTH = DIRECTIONS + UNKNOWN


def texture_block(middle: Float32, mask: Bool, doubt: float) -> Float32:
    """The block, float32, shape (LENGTH,), of unit length; the last `UNKNOWN` columns are "unknown"."""
    return doubted(projection("texture")(statistics(middle, mask)), doubt)


def statistics(middle: Float32, mask: Bool) -> Float32:
    """Mean and standard deviation of each channel over the product, float32, shape (2 * MIDDLE_FEATURES,).

    Where something is does not count, only how much of it there is: the statistics of style (Huang & Belongie 2017).

    Args:
        middle: float32, shape (MIDDLE_GRID, MIDDLE_GRID, MIDDLE_FEATURES).
        mask: bool, shape (s, s), where the product is in the framed picture; s a multiple of MIDDLE_GRID.
    """
    step = len(mask) // MIDDLE_GRID
    shares = mask.reshape(MIDDLE_GRID, step, MIDDLE_GRID, step).mean(axis=(1, 3), dtype=np.float32) + _LEAST
    weights = (shares / shares.sum()).ravel()
    cells = middle.reshape(-1, MIDDLE_FEATURES)
    mean = weights @ cells
    spread = np.sqrt(np.maximum(weights @ np.square(cells) - np.square(mean), 0))
    return np.concatenate([mean, spread]).astype(np.float32)
