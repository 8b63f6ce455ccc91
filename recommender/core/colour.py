"""Colour as people see it: CIE L*a*b* and a soft colour histogram whose neighbouring bins overlap."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.core.types import Bool, Float32, Int64, Pixels

_TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
_WHITE = _TO_XYZ.sum(axis=1)

_BITS = 5
"""Bits a channel: 32,768 colours are told apart, which is finer than the histogram's bins."""

_STEP = np.array([14.3, 24.0, 24.0])
"""Distance of the bins' centres along L, a and b."""


class _Table(NamedTuple):
    """What each of the 2^15 quantised colours is: its Lab value, and the eight bins around it with their shares."""

    lab: Float32
    bins: Int64
    shares: Float32
    n_bins: int


def lab(pixels: Pixels) -> Float32:
    """CIE L*a*b* (D65) of sRGB pixels quantised to 5 bits a channel.

    Args:
        pixels: uint8, shape (..., 3).

    Returns:
        float32, same shape: L in [0, 100], a and b within about [-110, 110].
    """
    return _table().lab[_code(pixels)]


def n_bins() -> int:
    """The length of a colour histogram."""
    return _table().n_bins


def histogram(pixels: Pixels, mask: Bool | None = None) -> Float32:
    """How much of each colour is in the product: a Lab histogram, each pixel shared trilinearly among eight bins.

    h_b = sqrt(share of bin b), so that the product of two histograms is their Bhattacharyya coefficient.

    Args:
        pixels: uint8, shape (height, width, 3).
        mask: bool, shape (height, width), True where the product is; None or all False means everywhere.

    Returns:
        float32, shape (n_bins(),), non-negative, of unit length.
    """
    codes = _code(pixels)
    chosen = codes[mask] if mask is not None and mask.any() else codes.ravel()
    table = _table()
    counts = np.bincount(chosen, minlength=len(table.bins))
    present = np.flatnonzero(counts)
    amounts = table.shares[present] * counts[present, None]
    shares = np.bincount(table.bins[present].ravel(), amounts.ravel(), minlength=table.n_bins) / len(chosen)
    return np.sqrt(shares).astype(np.float32)


def _code(pixels: Pixels) -> NDArray[np.uint16]:
    parts = pixels.astype(np.uint16) // np.uint16(2 ** (8 - _BITS))
    return parts @ np.array([4**_BITS, 2**_BITS, 1], np.uint16)


@lru_cache(maxsize=1)
def _table() -> _Table:
    levels = np.arange(2**_BITS)
    grid = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), axis=-1).reshape(-1, 3)
    # Level 31 stands for 255 and level 0 for 0, so that white and black stay white and black.
    colours = _lab_of(grid / levels[-1])
    low = np.floor(colours / _STEP).astype(int)
    inside = colours / _STEP - low
    corners = np.stack(np.meshgrid([0, 1], [0, 1], [0, 1], indexing="ij"), axis=-1).reshape(8, 3)
    shares = np.prod(np.where(corners[None] == 1, inside[:, None], 1 - inside[:, None]), axis=2)
    nodes = (low[:, None] + corners[None]).reshape(-1, 3)
    # Only bins that some sRGB colour reaches exist.
    _, bins = np.unique(nodes, axis=0, return_inverse=True)
    bins = bins.reshape(-1, 8)
    return _Table(colours.astype(np.float32), bins, shares.astype(np.float32), int(bins.max()) + 1)


def _lab_of(rgb: NDArray[np.float64]) -> NDArray[np.float64]:
    """CIE L*a*b* of sRGB values in [0, 1] (IEC 61966-2-1, CIE 15)."""
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    xyz = linear @ (_TO_XYZ / _WHITE[:, None]).T
    x, y, z = np.moveaxis(np.where(xyz > 216 / 24389, np.cbrt(xyz), (24389 / 27 * xyz + 16) / 116), -1, 0)
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)
