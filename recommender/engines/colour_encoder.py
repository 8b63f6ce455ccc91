"""The light encoder: colour, by NumPy and Pillow alone. For hosts without LiteRT, or where colour is what counts."""

from collections.abc import Sequence

import numpy as np

from recommender.core import colour
from recommender.core.types import Block, Float32, Picture
from recommender.engines.base import Encoder
from recommender.engines.framing import crop_to_product, is_scene, shrink

_WORK_SIDE = 96
"""Longer side of the picture whose colours are counted."""

_SCENE_SPREAD = 0.26
"""Standard deviation of the weight that a scene's middle gets, as a share of its longer side."""

_SCENE_DOUBT = 0.5
"""How far a scene's colours are drawn towards all colours alike: half of what is in sight is not the product."""


def colour_block(picture: Picture) -> Float32:
    """The product's colours as a unit vector, float32, shape (colour.BINS,).

    block_b = sqrt(share of colour b), so the cosine of two pictures is the Bhattacharyya coefficient of their colours.
    The plain background is not counted. In a scene the middle counts most, and as much of it is unknown, its shares are
    averaged with uniform ones.
    """
    small = shrink(crop_to_product(picture), _WORK_SIDE)
    if small.mask is None or is_scene(picture):
        shares = colour.histogram(small.pixels.reshape(-1, 3), _middle(*small.pixels.shape[:2]))
        shares = shares * (1 - _SCENE_DOUBT) + _SCENE_DOUBT / colour.BINS
    else:
        product = small.pixels[small.mask]
        shares = colour.histogram(product, np.ones(len(product), np.float32))
    root = np.sqrt(shares)
    return np.asarray(root / np.linalg.norm(root), np.float32)


def _middle(height: int, width: int) -> Float32:
    """A Gaussian over the pixels, float32, shape (height * width,)."""
    spread = _SCENE_SPREAD * max(height, width)
    down, across = (np.exp(-((np.arange(n) - (n - 1) / 2) ** 2) / (2 * spread**2)) for n in (height, width))
    return np.outer(down, across).ravel().astype(np.float32)


class ColourEncoder(Encoder):
    """One block, "colour": a soft histogram of the product without its plain background."""

    @property
    def version(self) -> str:
        """Changes with the histogram's layout."""
        return "colour-1"

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The single block."""
        return (Block("colour", 0, colour.BINS, 1.0),)

    def encode(self, pictures: Sequence[Picture]) -> Float32:
        """Unit vectors, float32, shape (n, d), in the order of the pictures."""
        vectors = np.empty((len(pictures), self.dimension), np.float32)
        for row, picture in enumerate(pictures):
            vectors[row] = colour_block(picture)
        return vectors
