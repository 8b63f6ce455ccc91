"""A soft colour histogram in hue, saturation and value, exact to the pixel's 8 bits.

Phones are mostly near-black, grey and near-white, and what tells two such colours apart is a tint of a few levels. A
cylinder of hue, saturation (relative to brightness) and value separates those; a Lab histogram of the same size, or one
of colours rounded to 5 bits, does not.
"""

from functools import lru_cache
from hashlib import shake_256

import numpy as np
from numpy.typing import NDArray

from recommender.core.types import Float32, Pixels

_HUES, _SATURATIONS, _VALUES = 10, 5, 5

BINS = _HUES * _SATURATIONS * _VALUES
"""The length of a histogram."""

_FINE = (24, 16, 16)

FINISH = 704
"""The length of a finish."""


def hsv(pixels: Pixels) -> Float32:
    """Hue, saturation and value of sRGB pixels.

    Args:
        pixels: uint8, shape (..., 3).

    Returns:
        float32, same shape: hue in [0, 1), 0 for greys; saturation in [0, 1], 0 for black; value in [0, 1].
    """
    levels = pixels.astype(np.float32)
    red, green, blue = levels[..., 0], levels[..., 1], levels[..., 2]
    value = levels.max(axis=-1)
    chroma = value - levels.min(axis=-1)
    divisor = np.maximum(chroma, 1)
    hue = np.where(
        value == red,
        (green - blue) / divisor % 6,
        np.where(value == green, (blue - red) / divisor + 2, (red - green) / divisor + 4),
    )
    return np.stack([hue / 6 % 1, chroma / np.maximum(value, 1), value / 255], axis=-1).astype(np.float32)


def histogram(pixels: Pixels, weights: Float32) -> Float32:
    """The share of each colour, every pixel shared trilinearly among the eight bins around it.

    Args:
        pixels: uint8, shape (n, 3).
        weights: how much each pixel counts, float32, shape (n,), non-negative.

    Returns:
        float32, shape (BINS,), non-negative, summing to 1; uniform when no pixel counts.
    """
    total = float(weights.sum())
    if total <= 0:
        return np.full(BINS, 1 / BINS, np.float32)
    colours = hsv(pixels)
    hue = _two_bins(colours[:, 0] * _HUES, _HUES, circular=True)
    saturation = _two_bins(colours[:, 1] * (_SATURATIONS - 1), _SATURATIONS)
    value = _two_bins(colours[:, 2] * (_VALUES - 1), _VALUES)
    counts = np.zeros(BINS)
    for h, h_share in hue:
        for s, s_share in saturation:
            column, share = (h * _SATURATIONS + s) * _VALUES, h_share * s_share * weights
            for v, v_share in value:
                counts += np.bincount(column + v, share * v_share, minlength=BINS)
    return (counts / total).astype(np.float32)


def _two_bins(position: Float32, n: int, *, circular: bool = False) -> list[tuple[NDArray[np.intp], Float32]]:
    """The bins below and above each position, with the shares that fall to them."""
    low = position.astype(np.intp)
    if not circular:
        low = np.minimum(low, n - 2)
    share = position - low.astype(np.float32)
    return [(low % n, 1 - share), ((low + 1) % n, share)]


def finish(pixels: Pixels, weights: Float32) -> Float32:
    """A fingerprint of the exact colours: a fine HSV histogram, projected to `FINISH` columns.

    Each pixel falls into one of 24 x 16 x 16 hard bins, so that only nearly equal colours share one. The square roots
    of the shares have unit length, and their inner product is the Bhattacharyya coefficient: light and shade spread a
    colour over many bins, and no single one of them decides. They are multiplied by fixed random signs, which inner
    products survive with a standard error of about 1 / sqrt(704) (Johnson and Lindenstrauss 1984; Achlioptas 2003).

    Args:
        pixels: uint8, shape (n, 3).
        weights: how much each pixel counts, float32, shape (n,), non-negative.

    Returns:
        float32, shape (FINISH,), of unit length; zeros when no pixel counts.
    """
    hue, saturation, value = np.minimum(hsv(pixels) * _FINE, np.subtract(_FINE, 1)).astype(np.int64).T
    bins = (hue * _FINE[1] + saturation) * _FINE[2] + value
    occupied, place = np.unique(bins[weights > 0], return_inverse=True)
    if not occupied.size:
        return np.zeros(FINISH, np.float32)
    counts = np.bincount(place, weights=weights[weights > 0])
    projected = np.sqrt(counts / counts.sum()) @ _signs()[occupied].astype(np.float64)
    length = float(np.linalg.norm(projected))
    return np.asarray(projected / length if length > 0 else projected, np.float32)


@lru_cache(maxsize=1)
def _signs() -> NDArray[np.int8]:
    """Random signs, int8, shape (bins, FINISH); from a hash, which no library version changes."""
    n_bins = int(np.prod(_FINE))
    bits = np.unpackbits(np.frombuffer(shake_256(b"finish-1").digest(n_bins * FINISH // 8), np.uint8))
    return (2 * bits.astype(np.int8) - 1).reshape(n_bins, FINISH)
