"""Closed outlines as points with outward normals: what a frame, a panel or a camera island is cut from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]

CORNER_POINTS = 13
EDGE_PITCH = 5.0
CIRCLE_POINTS = 64


@dataclass(frozen=True)
class Outline:
    """A convex closed curve, y downwards, in millimetres.

    Attributes:
        points: float64, shape (n, 2).
        normals: float64, shape (n, 2), outward, unit length.
    """

    points: Float
    normals: Float

    def inset(self, distance: float) -> Outline:
        """The parallel curve `distance` further in (out when negative)."""
        return Outline(self.points - self.normals * distance, self.normals)

    def moved(self, x: float, y: float) -> Outline:
        """The curve shifted by (x, y)."""
        return Outline(self.points + np.array([x, y]), self.normals)

    def without(self, right: float, below: float) -> Outline:
        """The curve without the corner beyond x = right and y = below: for fills of which that part is hidden."""
        hidden = (self.points[:, 0] > right) & (self.points[:, 1] > below)
        points = self.points.copy()
        points[hidden, 0] = right
        return Outline(points, self.normals)

    @property
    def box(self) -> tuple[float, float, float, float]:
        """x, y, width, height."""
        low, high = self.points.min(axis=0), self.points.max(axis=0)
        return float(low[0]), float(low[1]), float(high[0] - low[0]), float(high[1] - low[1])


def rounded(width: float, height: float, radius: float, exponent: float = 2.0) -> Outline:
    """A rounded rectangle about the origin; its corners are superellipses |x|^e + |y|^e = r^e (2 is a circle)."""
    radius = min(radius, width / 2, height / 2)
    turn = np.linspace(0, np.pi / 2, CORNER_POINTS)
    cosine, sine = np.cos(turn), np.sin(turn)
    corner = radius * np.stack([cosine ** (2 / exponent), sine ** (2 / exponent)], axis=1)
    slope = np.stack([cosine ** (2 - 2 / exponent), sine ** (2 - 2 / exponent)], axis=1)
    slope /= np.linalg.norm(slope, axis=1, keepdims=True)
    inner = np.array([width / 2 - radius, height / 2 - radius])
    points, normals = [], []
    for quarter in range(4):
        angle = quarter * np.pi / 2
        rotation = np.round([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
        reach = inner if quarter % 2 == 0 else inner[::-1]
        points.append((corner + reach) @ rotation)
        normals.append(slope @ rotation)
    return _closed(points, normals)


def circle(radius: float) -> Outline:
    """A circle about the origin."""
    angle = np.linspace(0, 2 * np.pi, CIRCLE_POINTS, endpoint=False)
    normals = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return Outline(normals * radius, normals)


def chamfered(width: float, height: float, cut: float, radius: float = 1.2) -> Outline:
    """A rectangle about the origin with its corners cut at 45 degrees and the eight edges softened by `radius`."""
    x, y = width / 2, height / 2
    corners = np.array(
        [
            (x, y - cut),
            (x - cut, y),
            (cut - x, y),
            (-x, y - cut),
            (-x, cut - y),
            (cut - x, -y),
            (x - cut, -y),
            (x, cut - y),
        ]
    )
    return softened(corners, radius)


def softened(corners: Float, radius: float) -> Outline:
    """A convex polygon (clockwise on the page, shape (n, 2)) with corners rounded by `radius`."""
    previous, following = np.roll(corners, 1, axis=0), np.roll(corners, -1, axis=0)
    before = (corners - previous) / np.linalg.norm(corners - previous, axis=1, keepdims=True)
    after = (following - corners) / np.linalg.norm(following - corners, axis=1, keepdims=True)
    points, normals = [], []
    for corner, ahead, behind in zip(corners, after, before, strict=True):
        start, end = np.array([behind[1], -behind[0]]), np.array([ahead[1], -ahead[0]])
        share = np.linspace(0, 1, 6)[:, None]
        fan = start * (1 - share) + end * share
        fan /= np.linalg.norm(fan, axis=1, keepdims=True)
        bisector = (start + end) / np.linalg.norm(start + end)
        centre = corner - bisector * radius / float(bisector @ start)
        points.append(centre + fan * radius)
        normals.append(fan)
    return _closed(points, normals)


def _closed(points: list[Float], normals: list[Float]) -> Outline:
    """Join corner pieces, filling the straight edges between them with points so that light can vary along an edge."""
    all_points, all_normals = [], []
    for index, piece in enumerate(points):
        following = (index + 1) % len(points)
        gap = float(np.linalg.norm(points[following][0] - piece[-1]))
        share = np.linspace(0, 1, round(gap / EDGE_PITCH) + 2)[1:-1, None]
        straight = piece[-1] * (1 - share) + points[following][0] * share
        turned = normals[index][-1] * (1 - share) + normals[following][0] * share
        all_points += [piece, straight]
        all_normals += [normals[index], turned / np.linalg.norm(turned, axis=1, keepdims=True)]
    return Outline(np.concatenate(all_points), np.concatenate(all_normals))
