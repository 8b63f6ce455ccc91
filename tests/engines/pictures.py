"""Pictures for encoders: drawn phones on plain ground, and scenes."""

import numpy as np

from recommender.core.types import Picture


def phone(colour, size=(160, 120), box=(20, 30, 140, 90)):
    """A rounded slab with a camera, in a colour, on white, its mask set."""
    pixels = np.full((*size, 3), 255, np.uint8)
    mask = np.zeros(size, np.bool_)
    top, left, bottom, right = box
    pixels[top:bottom, left:right] = colour
    mask[top:bottom, left:right] = True
    pixels[top + 8 : top + 28, left + 8 : left + 28] = 20
    return Picture(pixels, mask)


def scene(seed=0, size=(96, 128)):
    """Noise: no ground anywhere."""
    pixels = np.random.default_rng(seed).integers(0, 256, (*size, 3), dtype=np.uint8)
    return Picture(pixels, np.ones(size, np.bool_))


def odd_ones():
    """Shapes and masks at the edge of what is allowed."""
    grey = np.full((40, 30, 3), 128, np.uint8)
    return [
        Picture(np.zeros((1, 1, 3), np.uint8)),
        Picture(np.full((1, 900, 3), 255, np.uint8)),
        Picture(np.full((700, 2, 3), 7, np.uint8)),
        Picture(grey),
        Picture(grey, np.zeros((40, 30), np.bool_)),
        Picture(grey, np.eye(40, 30, dtype=np.bool_)),
        scene(),
    ]
