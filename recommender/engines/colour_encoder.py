"""The light encoder: colour alone, NumPy alone. For hosts without LiteRT, and where colour is what counts."""

from collections.abc import Sequence

import numpy as np

from recommender.core import colour
from recommender.core.types import Block, Float32, Picture
from recommender.engines.base import Encoder
from recommender.engines.framing import shrink

WORK_SIDE = 128
"""Longer side of the picture whose colours are counted."""


def colour_block(picture: Picture) -> Float32:
    """The product's colour histogram, float32, shape (n_bins,), of unit length."""
    small = shrink(picture, WORK_SIDE)
    return colour.histogram(small.pixels, small.mask)


class ColourEncoder(Encoder):
    """One block, "colour": a soft Lab histogram of the product without its plain background."""

    @property
    def version(self) -> str:
        """Changes with the histogram's layout."""
        return "colour-1"

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The single block."""
        return (Block("colour", 0, colour.n_bins(), 1.0),)

    def encode(self, pictures: Sequence[Picture]) -> Float32:
        """Unit vectors, float32, shape (n, d)."""
        vectors = np.empty((len(pictures), self.dimension), np.float32)
        for row, picture in enumerate(pictures):
            vectors[row] = colour_block(picture)
        return vectors
