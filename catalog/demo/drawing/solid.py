"""Bodies as bands of small facets between parallel outlines: frames, glass edges, camera islands, lens rings."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from catalog.demo.drawing.colour import codes
from catalog.demo.drawing.outline import Outline
from catalog.demo.drawing.pose import Pose
from catalog.demo.drawing.sheet import Sheet

Float = NDArray[np.float64]
Shader = Callable[[Float, Float], Float]
"""(normals (m, 3), positions (m, 2)) -> linear RGB (m, 3)."""

Shade = Callable[[Float, Float], Float]
"""(normals (m, 3), positions (m, 2)) -> light in [-1, 1], shape (m,): above 0 towards white, below towards black."""

LAP = 0.12
QUAD = "M{:.2f} {:.2f}L{:.2f} {:.2f}L{:.2f} {:.2f}L{:.2f} {:.2f}Z"


class Level(NamedTuple):
    """One line of a body's cross-section: how far in from the outline, how high, and where its surface looks.

    Attributes:
        inset: millimetres towards the inside.
        height: z in millimetres.
        elevation: degrees; 0 looks sideways, 90 at the viewer.
    """

    inset: float
    height: float
    elevation: float


def band(sheet: Sheet, pose: Pose, outline: Outline, levels: Sequence[Level], shade: Shader) -> None:
    """Draw the visible facets between consecutive levels of a convex body.

    Each facet reaches a hair under the next ones: neighbours would else show a seam of background.
    """
    for normals, positions, quads in _facets(pose, outline, levels, LAP):
        for fill, quad in zip(codes(shade(normals, positions)), quads, strict=True):
            sheet.add(f'<path d="{QUAD.format(*quad)}" fill="{fill}"/>')


def sheen(sheet: Sheet, pose: Pose, outline: Outline, levels: Sequence[Level], shade: Shade) -> None:
    """Lighten and darken what is already drawn, facet by facet; without anti-aliasing, which would show every seam."""
    with sheet.group(shape_rendering="crispEdges"):
        for normals, positions, quads in _facets(pose, outline, levels, 0.0):
            for value, quad in zip(shade(normals, positions).tolist(), quads, strict=True):
                tone = f'fill-opacity="{min(abs(value), 0.95):.3f}" fill="{"#fff" if value > 0 else "#000"}"'
                sheet.add(f'<path d="{QUAD.format(*quad)}" {tone}/>')


def _facets(
    pose: Pose, outline: Outline, levels: Sequence[Level], lap: float
) -> Iterator[tuple[Float, Float, list[list[float]]]]:
    """Per band, the visible facets: normals (m, 3), centres in units of the size (m, 2), sheet corners (m, 8)."""
    size = float(np.abs(outline.points).max())
    along = _unit(_halfway(outline.normals))
    rings = [
        np.column_stack([outline.inset(level.inset).points, np.full(len(along), level.height)]) for level in levels
    ]
    for outer, inner, ring, following in zip(levels, levels[1:], rings, rings[1:], strict=False):
        elevation = np.radians((outer.elevation + inner.elevation) / 2)
        normals = pose.turn(np.column_stack([along * np.cos(elevation), np.full(len(along), np.sin(elevation))]))
        visible = normals[:, 2] > 0.01
        if not visible.any():
            continue
        corners = pose.project(np.concatenate([ring, following])).reshape(2, -1, 2)
        ahead = np.roll(corners, -1, axis=1)
        ahead = ahead + lap * _unit(ahead - corners)
        sink = lap * _unit(corners[1] - corners[0])
        quads = np.stack([corners[0], ahead[0], ahead[1] + sink, corners[1] + sink], axis=1)[visible]
        yield normals[visible], pose.turn(_halfway(ring))[visible, :2] / size, quads.reshape(-1, 8).tolist()


def arc(width: float, low: float, high: float, steps: int, start: float = 0.0, end: float = 90.0) -> list[Level]:
    """A quarter-round edge of the given inset width rising from `low` to `high`."""
    angles = np.linspace(start, end, steps)
    share_in = (np.cos(np.radians(start)) - np.cos(np.radians(angles))) / (
        np.cos(np.radians(start)) - np.cos(np.radians(end))
    )
    share_up = (np.sin(np.radians(angles)) - np.sin(np.radians(start))) / (
        np.sin(np.radians(end)) - np.sin(np.radians(start))
    )
    return [
        Level(width * inwards, low + (high - low) * upwards, float(angle))
        for inwards, upwards, angle in zip(share_in.tolist(), share_up.tolist(), angles.tolist(), strict=True)
    ]


def _halfway(rows: Float) -> Float:
    return (rows + np.roll(rows, -1, axis=0)) / 2


def _unit(rows: Float) -> Float:
    return np.asarray(rows / (np.linalg.norm(rows, axis=-1, keepdims=True) + 1e-9))
