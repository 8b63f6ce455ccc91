"""The metal frame around a slab and the curved edge of its glass."""

from __future__ import annotations

from functools import partial

from catalog.demo.drawing.colour import darken, lighten, linear
from catalog.demo.drawing.light import clear_coat, metal
from catalog.demo.drawing.outline import Outline
from catalog.demo.drawing.pose import Pose
from catalog.demo.drawing.sheet import Sheet
from catalog.demo.drawing.solid import Level, arc, band, sheen
from catalog.demo.look import Body, Edge, Finish

ROUGH: dict[Finish, float] = {
    "gloss": 0.10, "aurora": 0.10, "ceramic": 0.06, "frost": 0.55,
    "metal": 0.50, "leather": 0.25, "fibre": 0.45, "armour": 0.80,
}  # fmt: skip


def profile(body: Body) -> list[Level]:
    """The frame's cross-section from the far face round to the near one at z = thickness / 2."""
    half = body.thickness / 2
    edges: dict[Edge, tuple[float, float, int]] = {
        "round": (1.9, 0.85 * half, 6),
        "flat": (0.75, 0.75, 4),
        "curved": (1.0, 0.55 * half, 5),
        "chamfer": (1.5, 1.5, 2),
    }
    width, rise, steps = edges[body.edge]
    near = arc(width, half - rise, half, steps)
    far = [Level(level.inset, -level.height, -level.elevation) for level in reversed(near)]
    return far + near


def face_inset(body: Body) -> float:
    """How far the glass face lies within the outer outline."""
    return profile(body)[-1].inset - 0.05


def draw_frame(sheet: Sheet, pose: Pose, outline: Outline, body: Body, tint: str, finish: Finish) -> None:
    """Draw the metal."""
    shade = partial(metal, tint=linear(tint), roughness=ROUGH[finish])
    band(sheet, pose, outline, profile(body), shade)


def draw_bent_edge(sheet: Sheet, pose: Pose, outline: Outline, body: Body, gloss: float) -> None:
    """Light the rim of the glass where it bends down to the frame."""
    start = face_inset(body)
    width, fall, low, steps = {
        "round": (1.6, 0.25, 35.0, 5),
        "flat": (0.6, 0.10, 40.0, 4),
        "curved": (5.4, 0.50, 30.0, 11),
        "chamfer": (0.6, 0.10, 40.0, 4),
    }[body.edge]
    half = body.thickness / 2
    levels = arc(width, half - fall, half, steps, start=low)
    sheen(sheet, pose, outline.inset(start), levels, partial(clear_coat, gloss=gloss))


def draw_wall(sheet: Sheet, pose: Pose, body: Body, tint: str) -> None:
    """The keys and antenna gaps on the right-hand wall, where it is visible."""
    if pose.rotation[2, 0] < 0.05:
        return
    half, top = body.thickness / 2, -body.height / 2
    with sheet.group(transform=pose.wall(body.width / 2, 0)):
        for y in (top + 0.135 * body.height, -top - 0.115 * body.height):
            sheet.rect((-half + 0.9, y, 2 * half - 1.8, 1.0), fill=darken(tint, 0.28), fill_opacity=0.75)
    with sheet.group(transform=pose.wall(body.width / 2 + 0.35, 0)):
        for y, length in ((top + 0.225 * body.height, 21.0), (top + 0.40 * body.height, 11.0)):
            wide = min(2.6, 0.36 * body.thickness)
            box = (-wide / 2, y, wide, length)
            sheet.rect(
                (box[0] - 0.3, y - 0.3, wide + 0.6, length + 0.6),
                wide / 2 + 0.3,
                fill=darken(tint, 0.55),
                fill_opacity=0.8,
            )
            fill = sheet.linear(
                [(0, lighten(tint, 0.45)), (0.5, lighten(tint, 0.15)), (1, darken(tint, 0.25))],
                (-wide / 2, 0),
                (wide / 2, 0),
            )
            sheet.rect(box, wide / 2, fill=fill)


def draw_key_bumps(sheet: Sheet, pose: Pose, body: Body, tint: str, side: int) -> None:
    """The keys as slivers beyond the silhouette of a straight view; `side` is 1 for right, -1 for left."""
    top = -body.height / 2
    with sheet.group(transform=pose.plane()):
        for y, length in ((top + 0.225 * body.height, 21.0), (top + 0.40 * body.height, 11.0)):
            x = side * body.width / 2 - (0.0 if side > 0 else 0.55)
            fill = sheet.linear(
                [(0, darken(tint, 0.35)), (0.2, lighten(tint, 0.35)), (0.8, tint), (1, darken(tint, 0.45))],
                (0, y),
                (0, y + length),
            )
            sheet.rect((x - 0.1, y, 0.65, length), 0.3, fill=fill)
