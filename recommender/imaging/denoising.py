"""Takes a camera's noise out of a picture and leaves its edges. NumPy only."""

import numpy as np

from recommender.core.types import Float32, Picture

_REACH = 2
"""The window has 5 x 5 pixels."""
_LEAST = 1.0
"""Standard deviation of the noise, in levels, below which a picture is clean."""


def denoise(picture: Picture) -> Picture:
    """The picture with each channel's noise averaged away where nothing else happens; a clean one as it is.

    y = m + max(v - s^2, 0) / max(v, s^2) * (x - m) with the mean m and variance v of 5 x 5 pixels around x (Lee 1980;
    the local Wiener filter), and s the channel's standard deviation of noise (`noise`).
    """
    channels = [picture.pixels[..., channel].astype(np.float32) for channel in range(3)]
    levels = [noise(channel) for channel in channels]
    if max(levels) < _LEAST:
        return picture
    pairs = zip(channels, levels, strict=True)
    calm = [_filtered(channel, level) if level >= _LEAST else channel for channel, level in pairs]
    return Picture(np.stack(calm, axis=-1).round().clip(0, 255).astype(np.uint8), picture.mask)


def noise(levels: Float32) -> float:
    """The standard deviation of a channel's noise, >= 0, in its own units; 0 below 3 x 3 pixels.

    The median of the absolute differences of two Laplacians, which edges and slopes hardly move (after Immerkaer 1996,
    who takes their mean): median |x * N| / (0.6745 * 6) with N = [[1, -2, 1], [-2, 4, -2], [1, -2, 1]].

    Args:
        levels: float32, shape (height, width).
    """
    if min(levels.shape) < 3:
        return 0.0
    across = levels[:, :-2] - 2 * levels[:, 1:-1] + levels[:, 2:]
    both = across[:-2] - 2 * across[1:-1] + across[2:]
    return float(np.median(np.abs(both)) / (0.6745 * 6))


def _filtered(levels: Float32, noise_level: float) -> Float32:
    mean = _mean(levels)
    variance = np.maximum(_mean(np.square(levels)) - np.square(mean), 0)
    floor = np.float32(noise_level**2)
    kept: Float32 = mean + np.maximum(variance - floor, 0) / np.maximum(variance, floor) * (levels - mean)
    return kept


def _mean(field: Float32) -> Float32:
    """The mean of the window around each pixel, float32, shape as `field`; the rim is repeated outwards."""
    height, width = field.shape
    padded = np.pad(field, _REACH, mode="edge")
    window = range(2 * _REACH + 1)
    rows = np.sum([padded[shift : shift + height] for shift in window], axis=0)
    both = np.sum([rows[:, shift : shift + width] for shift in window], axis=0)
    return np.asarray(both / len(window) ** 2, np.float32)
