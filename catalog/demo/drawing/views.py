"""The pictures of a phone: a pair of back and lit front, the back alone, and a three-quarter view."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np

from catalog.demo.drawing.back import draw_back, silhouette
from catalog.demo.drawing.backdrop import Shadow, shadow
from catalog.demo.drawing.frame import draw_bent_edge, draw_frame, draw_key_bumps, face_inset
from catalog.demo.drawing.front import draw_front
from catalog.demo.drawing.pose import Pose
from catalog.demo.drawing.shadow import cast_up_left
from catalog.demo.drawing.sheet import Sheet, polygon
from catalog.demo.look import Look

View = Literal["front", "back", "angle"]
VIEWS: tuple[View, ...] = ("front", "back", "angle")

STAGE = 184.0
WIDE, TIGHT = (4.6, 0.30), (1.3, 0.34)
"""Blur in millimetres and opacity of the two shadows of a phone."""


class Scene(NamedTuple):
    """A drawing on a transparent page and the shadows to lay under it."""

    svg: str
    shadows: tuple[Shadow, ...]


def compose(look: Look, view: View) -> Scene:
    """One view, on a square page."""
    if view == "front":
        return _unfolded(look) if look.fold == "book" else _pair(look)
    return _back(look) if view == "back" else _angle(look)


def _pair(look: Look) -> Scene:
    sheet = Sheet(STAGE, STAGE)
    shift = 0.32 * look.body.width
    behind, before = Pose((STAGE / 2 - shift, STAGE / 2 - 5.4)), Pose((STAGE / 2 + shift, STAGE / 2 - 1.0))
    outline = silhouette(look)
    draw_key_bumps(sheet, behind, look.body, look.colour.frame, -1)
    clear = look.body.radius + 2.0
    left, top = np.subtract(before.centre, behind.centre) - (look.body.width / 2, look.body.height / 2)
    draw_back(sheet, behind, look, (float(left) + clear, float(top) + clear))
    with sheet.group(clip_path=sheet.clip(polygon(outline.moved(*behind.centre).points))):
        cast_up_left(
            sheet, outline.moved(before.centre[0] + 0.5, before.centre[1] + 1.2).box, look.body.radius, 10.0, 0.6
        )
    _draw_lit(sheet, before, look)
    return Scene(sheet.svg(), (*_shadows(look, behind), *_shadows(look, before)))


def _unfolded(look: Look) -> Scene:
    sheet = Sheet(STAGE, STAGE)
    pose = Pose((STAGE / 2, STAGE / 2 - 3))
    _draw_lit(sheet, pose, look)
    return Scene(sheet.svg(), _shadows(look, pose))


def _back(look: Look) -> Scene:
    sheet = Sheet(STAGE, STAGE)
    pose = Pose((STAGE / 2, STAGE / 2 - 3))
    draw_key_bumps(sheet, pose, look.body, look.colour.frame, -1)
    draw_back(sheet, pose, look)
    return Scene(sheet.svg(), _shadows(look, pose))


def _angle(look: Look) -> Scene:
    stage = STAGE * (1.12 if look.fold == "book" else 1.06)
    sheet = Sheet(stage, stage)
    pose = Pose((stage / 2 - 2, stage / 2 - 4), yaw=31, pitch=17, roll=13)
    draw_back(sheet, pose, look)
    return Scene(sheet.svg(), _shadows(look, pose, (4.5, 7.5), stage))


def _draw_lit(sheet: Sheet, pose: Pose, look: Look) -> None:
    outline = silhouette(look)
    draw_key_bumps(sheet, pose, look.body, look.colour.frame, 1)
    draw_frame(sheet, pose, outline, look.body, look.colour.frame, look.finish)
    face = outline.inset(face_inset(look.body))
    with sheet.group(transform=pose.plane(look.body.thickness / 2)):
        draw_front(sheet, look, face)
    draw_bent_edge(sheet, pose, outline, look.body, 0.8)


def _shadows(
    look: Look, pose: Pose, fall: tuple[float, float] = (1.4, 3.6), stage: float = STAGE
) -> tuple[Shadow, ...]:
    outline = silhouette(look).inset(0.8)
    flat = pose.project(np.column_stack([outline.points, np.full(len(outline.points), -look.body.thickness / 2)]))
    across, down = fall
    near = (0.25 * across, 0.35 * down)
    return shadow(flat + fall, stage, *WIDE), shadow(flat + near, stage, *TIGHT)
