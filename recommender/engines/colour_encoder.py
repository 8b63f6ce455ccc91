"""The light encoder: colour, by NumPy and Pillow alone. For hosts without LiteRT, or where colour is what counts."""

from collections.abc import Sequence

import numpy as np

from recommender.core import colour
from recommender.core.fourier import fourier_features
from recommender.core.types import Block, Float32, Picture, Pixels
from recommender.engines.base import Encoder
from recommender.engines.framing import clutter, shrink
from recommender.engines.steps import DEFAULT_STEPS, apply_steps, find_steps, steps_digest

_WORK_SIDE = 96
"""Longer side of the picture whose colours are counted."""

_SCENE_SPREAD = 0.26
"""Standard deviation of the weight that a scene's middle gets, as a share of its longer side."""

_SCENE_DOUBT = 0.9
"""Share of a scene's block that says "unknown": most of what is in sight is not the product."""

_BANDS = 3
"""Horizontal bands whose colours are also counted one by one: where a colour is."""

_FREQUENCIES = 352
_KERNEL_WIDTH = 0.5
"""Of the Gaussian kernel on square roots of shares, whose distances are in [0, sqrt(2)]."""

LENGTH = 2 * _FREQUENCIES + 1


def colour_block(picture: Picture) -> Float32:
    """The product's colours as a unit vector, float32, shape (LENGTH,).

    x = the square roots of the colours' shares, in the whole and in each of three bands, scaled to length 1; the cosine
    of two pictures estimates exp(-|x - y|^2 / (2 * 0.5^2)). A plain Bhattacharyya coefficient x . y falls off slowly:
    then everything dark resembles every dark phone, and drowns what the other blocks say. The kernel lets only nearly
    equal colours count.

    The plain background is not counted. In a scene the middle counts most, and a share of the whole, growing with its
    clutter, goes to the last column, "unknown", which products on plain ground leave empty: colours then weigh less
    between a shopper's photo and a product, and as much as ever between two products.
    """
    small = shrink(picture, _WORK_SIDE)
    scene = clutter(picture)
    weights = _middle(*small.pixels.shape[:2]) if scene else np.ones(small.pixels.shape[:2], np.float32)
    if small.mask is not None and small.mask.any():
        weights = weights * small.mask
    features = fourier_features(_roots(small.pixels, weights), n_frequencies=_FREQUENCIES, width=_KERNEL_WIDTH)
    doubt = np.float32(_SCENE_DOUBT * scene)
    return np.append(np.sqrt(1 - doubt) * features, np.sqrt(doubt))


def _roots(pixels: Pixels, weights: Float32) -> Float32:
    """Square roots of the colours' shares in the whole and in each band, float32, shape (4 * BINS,), of unit length."""
    parts = []
    for rows in np.array_split(np.arange(len(pixels)), _BANDS):
        within = weights[rows].ravel()
        parts.append(colour.histogram(pixels[rows].reshape(-1, 3), within) * (within.sum() / weights.sum()))
    shares = np.concatenate([np.sum(parts, axis=0), *parts])
    return np.asarray(np.sqrt(shares / 2), np.float32)


def _middle(height: int, width: int) -> Float32:
    """A Gaussian over the pixels, float32, shape (height, width)."""
    spread = _SCENE_SPREAD * max(height, width)
    down, across = (np.exp(-((np.arange(n) - (n - 1) / 2) ** 2) / (2 * spread**2)) for n in (height, width))
    return np.outer(down, across).astype(np.float32)


class ColourEncoder(Encoder):
    """One block, "colour": a soft histogram of the product without its plain background.

    Args:
        steps: dotted paths of functions from picture to picture, applied in this order before colours are counted.

    Raises:
        ValueError: for a path to no such function.
    """

    def __init__(self, *, steps: Sequence[str] = DEFAULT_STEPS) -> None:
        self._steps = find_steps(steps)
        self._steps_digest = steps_digest(steps)

    @property
    def version(self) -> str:
        """Changes with the histogram's layout, and with image steps that are not the default."""
        return f"colour-4{self._steps_digest}"

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The single block."""
        return (Block("colour", 0, LENGTH, 1.0),)

    def encode(self, pictures: Sequence[Picture]) -> Float32:
        """Unit vectors, float32, shape (n, d), in the order of the pictures.

        Raises:
            ValueError: when an image step returns no picture.
        """
        vectors = np.empty((len(pictures), self.dimension), np.float32)
        for row, picture in enumerate(pictures):
            vectors[row] = colour_block(apply_steps(self._steps, picture))
        return vectors
