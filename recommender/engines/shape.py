"""The "shape" block: where the product's edges are and which way they run. NumPy and Pillow."""

from functools import lru_cache

import numpy as np
from PIL import Image

from recommender.core.types import Float32, Picture
from recommender.engines.projections import UNKNOWN, doubted, projection

_SIDE = 64
_CELLS = 8
_ANGLES = 9
DIRECTIONS = 64

FEATURES = _CELLS * _CELLS * _ANGLES
LENGTH = DIRECTIONS + UNKNOWN


def shape_block(framed: Picture, doubt: float) -> Float32:
    """The block, float32, shape (LENGTH,), of unit length; the last `UNKNOWN` columns are "unknown"."""
    return doubted(projection("shape")(edges(framed)), doubt)


def edges(framed: Picture) -> Float32:
    """A histogram of oriented gradients (Dalal & Triggs 2005) of the letterboxed product, float32, shape (FEATURES,).

    Each pixel's square-rooted gradient is shared among the two nearest of 9 angles, without sign, and among the four
    nearest of 8 x 8 cells. Square roots again keep one long edge from being all that counts.
    """
    small = Image.fromarray(framed.pixels).convert("L").resize((_SIDE, _SIDE), Image.Resampling.BOX)
    levels = np.asarray(small, np.float32)
    down, across = np.zeros_like(levels), np.zeros_like(levels)
    down[1:-1], across[:, 1:-1] = levels[2:] - levels[:-2], levels[:, 2:] - levels[:, :-2]
    strength = np.sqrt(np.hypot(down, across))
    angle = np.arctan2(down, across) * np.float32(_ANGLES / np.pi) % _ANGLES
    lower = angle.astype(np.intp) % _ANGLES
    share = angle - np.floor(angle)
    votes = np.zeros((_SIDE * _SIDE, _ANGLES), np.float32)
    pixels = np.arange(_SIDE * _SIDE)
    votes[pixels, lower.ravel()] = (strength * (1 - share)).ravel()
    votes[pixels, (lower.ravel() + 1) % _ANGLES] += (strength * share).ravel()
    rows = _sharing() @ votes.reshape(_SIDE, -1)
    cells = np.einsum("cx,rxa->rca", _sharing(), rows.reshape(_CELLS, _SIDE, _ANGLES), optimize=True)
    return np.asarray(np.sqrt(cells).ravel(), np.float32)


@lru_cache(maxsize=1)
def _sharing() -> Float32:
    """How much of each line of pixels falls to each line of cells, float32, shape (cells, pixels)."""
    place = (np.arange(_SIDE) + 0.5) * _CELLS / _SIDE - 0.5
    return np.asarray(np.maximum(1 - np.abs(place[None] - np.arange(_CELLS)[:, None]), 0), np.float32)
