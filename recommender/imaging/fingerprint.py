"""A perceptual hash: 64 bits that stay nearly the same when a picture is scaled, compressed or lit otherwise."""

import numpy as np
from PIL import Image

from recommender.core.types import Picture
from recommender.imaging.shades import shades

BITS = 64
SAME = 6
"""At most so many different bits between copies of one picture; unrelated pictures differ in about 32."""


def fingerprint(picture: Picture, grey: Image.Image | None = None) -> int:
    """The difference hash (dHash): for 8 x 8 cells, whether brightness grows to the right; in [-2^63, 2^63).

    Args:
        picture: any.
        grey: its `shades`, where the caller has them.
    """
    cells = (grey or shades(picture)).resize((9, 8), Image.Resampling.BOX)
    grows = np.diff(np.asarray(cells, np.int16), axis=1) > 0
    return int.from_bytes(np.packbits(grows).tobytes(), "big", signed=True)


def differing_bits(left: int, right: int) -> int:
    """How many bits of two fingerprints differ, 0..64."""
    differing: int = (left ^ right) & ((1 << BITS) - 1)
    return differing.bit_count()
