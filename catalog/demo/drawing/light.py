"""The studio: how bright the surroundings are in each direction, and what a surface makes of it.

Axes: x to the right, y down, z towards the viewer. Two soft boxes, a white table and a dark horizon give metal its
look; a polished surface shows the surroundings in the mirror direction, a rough one their blurred average.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]

VIEW = np.array([0.0, 0.0, 1.0])


def surroundings(directions: Float, softness: float = 0.0) -> Float:
    """Radiance from unit directions, shape (m, 3) -> (m,), about [0.05, 1.6]; `softness` 0 is sharp, 1 blurred."""
    x, y, z = directions.T
    room = 0.50 + 0.16 * z - 0.20 * y
    table = 0.30 * _step(y, 0.55, 0.95, softness)
    horizon = -0.34 * _bump(y, 0.28, 0.20 + 0.3 * softness)
    key = 0.95 * _bump(x + 0.62, 0.0, 0.30 + 0.35 * softness) * _step(-y, -0.35, 0.55, softness)
    fill = 0.55 * _bump(x - 0.78, 0.0, 0.16 + 0.3 * softness)
    top = 0.50 * _step(-y, 0.62, 0.92, softness)
    return np.asarray(np.clip(room + table + horizon + (key + fill + top) * (1 - 0.45 * softness), 0.05, 1.6))


def metal(normals: Float, positions: Float, tint: Float, roughness: float) -> Float:
    """Linear RGB of metal facets, shape (m, 3): the tint times what it mirrors, whitened where that is very bright.

    Args:
        normals: unit, shape (m, 3).
        positions: facet centres in units of the object's size, shape (m, 2); bends reflections along straight edges.
        tint: linear RGB, shape (3,).
        roughness: in [0, 1].
    """
    radiance = surroundings(_mirrored(normals, 0.22 * positions), roughness)[:, None]
    glow = np.clip(radiance - 0.95, 0, None) * (1 - 0.6 * roughness)
    return np.asarray(tint * radiance**1.25 * 1.12 + glow * 0.85)


def glass(normals: Float, positions: Float, base: Float, gloss: float) -> Float:
    """Linear RGB of facets of coloured glass, shape (m, 3): a dark body under a clear coat (Schlick, F0 = 0.045)."""
    facing = np.clip(normals[:, 2:3], 0, 1)
    fresnel = 0.045 + 0.955 * (1 - facing) ** 5
    body = base * (0.52 + 0.48 * facing + 0.20 * (-normals[:, 0:1] - normals[:, 1:2]).clip(-0.6, 1))
    coat = surroundings(_mirrored(normals, 0.22 * positions), 0.15)[:, None] ** 2
    return np.asarray(body * (1 - 0.5 * fresnel * gloss) + coat * (0.10 + fresnel) * 0.55 * gloss)


def clear_coat(normals: Float, positions: Float, gloss: float) -> Float:
    """How much a bent clear edge brightens (above 0) or dims (below 0) what lies beneath it, shape (m,).

    Fresnel's share of the mirrored surroundings, less the light that a slope away from the key loses.
    """
    facing = np.clip(normals[:, 2], 0, 1)
    fresnel = 0.045 + 0.955 * (1 - facing) ** 3
    mirror = fresnel * surroundings(_mirrored(normals, 0.15 * positions), 0.2) ** 1.5 * gloss
    slope = (1 - facing) * (0.35 + 0.55 * (normals[:, 0] + normals[:, 1]))
    return np.clip(mirror - slope, -0.7, 0.9)


def _mirrored(normals: Float, bend: Float) -> Float:
    """Where a viewer on the z axis looks after reflection: r = 2 (n . v) n - v, bent by (m, 2) and made unit."""
    directions = 2 * normals[:, 2:3] * normals - VIEW
    directions[:, :2] += bend
    return np.asarray(directions / np.linalg.norm(directions, axis=1, keepdims=True))


def _step(value: Float, low: float, high: float, softness: float) -> Float:
    middle, half = (low + high) / 2, (high - low) / 2 + 0.4 * softness
    share = np.clip((value - middle + half) / (2 * half), 0, 1)
    return share * share * (3 - 2 * share)


def _bump(value: Float, centre: float, width: float) -> Float:
    return np.asarray(np.exp(-(((value - centre) / width) ** 2)))
