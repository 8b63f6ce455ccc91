"""Colour arithmetic in linear light, so that shading neither dulls nor yellows a tint."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]


def linear(code: str) -> Float:
    """The linear-light RGB of "#rrggbb", float64, shape (3,), in [0, 1]."""
    encoded = np.array([int(code[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def codes(rgb: Float) -> list[str]:
    """The "#rrggbb" codes of linear RGB rows, shape (m, 3); values outside [0, 1] are clipped."""
    clipped = np.clip(rgb, 0, 1)
    encoded = np.where(clipped <= 0.0031308, clipped * 12.92, 1.055 * clipped ** (1 / 2.4) - 0.055)
    return ["#{:02x}{:02x}{:02x}".format(*row) for row in np.rint(encoded * 255).astype(int).tolist()]


def code(rgb: Float) -> str:
    """The "#rrggbb" code of one linear RGB triple."""
    return codes(rgb[None])[0]


def mix(first: str, second: str, share: float) -> str:
    """`first` with `share` of it replaced by `second`."""
    return code(linear(first) * (1 - share) + linear(second) * share)


def lighten(colour: str, share: float) -> str:
    """The colour moved towards white by `share`, by perceived and not by linear lightness."""
    return mix(colour, "#ffffff", share**1.6)


def darken(colour: str, share: float) -> str:
    """The colour with `share` of its perceived lightness taken away, keeping its hue."""
    return code(linear(colour) * (1 - share) ** 2.2)


def saturate(colour: str, factor: float) -> str:
    """The colour with its distance to grey of equal luminance multiplied by `factor`."""
    rgb = linear(colour)
    grey = luminance(colour)
    return code(grey + (rgb - grey) * factor)


def luminance(colour: str) -> float:
    """The relative luminance (Rec. 709), in [0, 1]."""
    return float(linear(colour) @ np.array([0.2126, 0.7152, 0.0722]))
