"""The back of a phone: frame, panel, camera plates, lenses, mark."""

from __future__ import annotations

from functools import partial

import numpy as np

from catalog.demo.drawing import lettering
from catalog.demo.drawing.cameras import Arrangement
from catalog.demo.drawing.colour import darken, lighten, linear, luminance, mix
from catalog.demo.drawing.finish import paint
from catalog.demo.drawing.folding import arrangement, draw_panel, plain_part
from catalog.demo.drawing.frame import draw_bent_edge, draw_frame, draw_wall, face_inset
from catalog.demo.drawing.lens import draw_lens, draw_light, draw_sensor
from catalog.demo.drawing.light import glass, metal
from catalog.demo.drawing.logos import MARKS
from catalog.demo.drawing.outline import Outline, chamfered, rounded
from catalog.demo.drawing.pose import Pose
from catalog.demo.drawing.shadow import cast
from catalog.demo.drawing.sheet import Box, Sheet, polygon
from catalog.demo.drawing.solid import Level, arc, band
from catalog.demo.look import Body, Colour, Look

NOTHING = (np.inf, np.inf)
GLOSSY = ("gloss", "aurora", "ceramic")


def silhouette(look: Look) -> Outline:
    """The outer outline of the slab, about the origin."""
    body = look.body
    if look.finish == "armour":
        return chamfered(body.width, body.height, body.radius, 5.0)
    return rounded(body.width, body.height, body.radius, body.exponent)


def draw_back(sheet: Sheet, pose: Pose, look: Look, hidden: tuple[float, float] = NOTHING) -> None:
    """Draw the back, seen in a pose whose z axis leaves the back.

    `hidden` is the corner (x, y) beyond which something stands before it: no paint is spent there.
    """
    body, colour = look.body, look.colour
    outline = silhouette(look)
    gloss = 1.0 if look.finish in GLOSSY else 0.35
    draw_frame(sheet, pose, outline, body, colour.frame, look.finish)
    draw_wall(sheet, pose, body, colour.frame)
    face = outline.inset(face_inset(body))
    cameras = arrangement(look)
    with sheet.group(transform=pose.plane(body.thickness / 2)):
        draw_panel(sheet, look, face, hidden)
    draw_bent_edge(sheet, pose, outline, body, gloss)
    with sheet.group(transform=pose.plane(body.thickness / 2)):
        if look.finish == "armour":
            _armour_lines(sheet, body, colour)
        if look.finish == "leather":
            _seam(sheet, face, colour)
        _cast_shadows(sheet, cameras)
        _mark(sheet, look, plain_part(look, face))
    draw_cameras(sheet, pose, look, cameras)


def draw_cameras(sheet: Sheet, pose: Pose, look: Look, cameras: Arrangement) -> None:
    """Draw plates, lenses and lights on the back."""
    floor = look.body.thickness / 2
    top = floor + cameras.height
    for plate in cameras.plates:
        _plate(sheet, pose, look, plate, floor, top)
    ring = {"metal": look.colour.frame, "black": "#2b2c31", "gold": "#d9b06c", "bright": "#dfe2e8"}[look.cameras.ring]
    for number, lens in enumerate(sorted(cameras.lenses, key=lambda lens: (lens.y, lens.x))):
        draw_lens(sheet, pose, lens, top, ring, look.seed + number)
    for light in cameras.lights:
        draw_light(sheet, pose, light, top if cameras.plates and _over(cameras, light.x, light.y) else floor)
    for sensor in cameras.sensors:
        draw_sensor(sheet, pose, sensor, top if cameras.plates else floor)


def _over(cameras: Arrangement, x: float, y: float) -> bool:
    return any(left <= x <= left + w and up <= y <= up + h for left, up, w, h in (p.box for p in cameras.plates))


def _plate(sheet: Sheet, pose: Pose, look: Look, outline: Outline, floor: float, top: float) -> None:
    colour = look.colour
    levels = [Level(0.0, floor, 0), *arc(0.9, top - 0.75, top, 5)]
    inside = outline.inset(0.88)
    if look.cameras.plate == "metal":
        band(sheet, pose, outline, levels, partial(metal, tint=linear(colour.frame), roughness=0.22))
        plain = Colour(colour.name, colour.name_zh, colour.group, colour.frame, colour.frame, colour.frame)
        with sheet.group(transform=pose.plane(top)):
            paint(sheet, polygon(inside.points), inside.box, plain, "metal")
        return
    if look.cameras.plate == "glass":
        band(
            sheet,
            pose,
            outline,
            levels,
            partial(metal, tint=linear(mix(colour.frame, "#303238", 0.35)), roughness=0.15),
        )
        with sheet.group(transform=pose.plane(top)):
            black = Colour("", "", "black", "#17181c", "#2a2c34", "#000000")
            paint(sheet, polygon(inside.points), inside.box, black, "gloss")
        return
    gloss = 1.0 if look.finish in GLOSSY else 0.5
    band(sheet, pose, outline, levels, partial(glass, base=linear(darken(colour.base, 0.06)), gloss=gloss))
    with sheet.group(transform=pose.plane(top)):
        toned = Colour("", "", colour.group, darken(colour.base, 0.07), darken(colour.accent, 0.05), colour.frame)
        paint(sheet, polygon(inside.points), inside.box, toned, "gloss" if look.finish in GLOSSY else "frost")


def _cast_shadows(sheet: Sheet, cameras: Arrangement) -> None:
    for plate in cameras.plates:
        cast(sheet, plate.inset(0.5).moved(0.8, 1.4), 3.4, 0.55)
    if not cameras.plates:
        for lens in cameras.lenses:
            at, reach = (lens.x + 0.9, lens.y + 1.3), lens.radius * 1.22
            sheet.circle(at, reach, fill=sheet.radial([(0.72, "#000000", 0.45), (1, "#000000", 0.0)], at, reach))


def _mark(sheet: Sheet, look: Look, part: Box) -> None:
    """The maker's mark and name: engraved tone on tone, polished."""
    x, y, width, height = part
    base = look.colour.base
    dark = luminance(base) < 0.45
    strong = lighten(base, 0.52) if dark else darken(base, 0.34)
    faint = lighten(base, 0.30) if dark else darken(base, 0.20)
    middle, at, size = x + width / 2, y + (0.45 if look.fold == "flip" else 0.61) * height, 0.0115 * min(width, 80.0)
    fill = sheet.linear([(0, strong), (0.5, faint), (1, strong)], (-5, -5), (5, 5))
    sheet.path(
        MARKS[look.brand],
        fill="#000000",
        fill_opacity=0.18,
        transform=f"translate({middle + 0.25:.2f} {at + 0.3:.2f}) scale({size:.3f})",
    )
    sheet.path(MARKS[look.brand], fill=fill, transform=f"translate({middle:.2f} {at:.2f}) scale({size:.3f})")
    lettering.write(sheet, look.brand.upper(), (middle, y + 0.895 * height), 2.1, 0.36, strong, 0.42)


def _seam(sheet: Sheet, face: Outline, colour: Colour) -> None:
    data = polygon(face.inset(1.7).points)
    sheet.path(data, fill="none", stroke=darken(colour.base, 0.35), stroke_width=0.5, stroke_opacity=0.55)
    sheet.path(
        data,
        fill="none",
        stroke=lighten(colour.base, 0.4),
        stroke_width=0.42,
        stroke_dasharray="1.6 1.1",
        stroke_linecap="round",
        stroke_opacity=0.85,
    )


def _armour_lines(sheet: Sheet, body: Body, colour: Colour) -> None:
    x, y = body.width / 2, body.height / 2
    light, dark = lighten(colour.base, 0.3), darken(colour.base, 0.4)
    for side in (-1, 1):
        across, down = side * np.array([x - 3, x - 8, x - 8, x - 3]), y * np.array([-0.28, -0.20, 0.50, 0.58])
        ridge = polygon(np.stack([across, down], axis=1))
        sheet.path(
            ridge, fill=sheet.linear([(0, colour.accent), (1, darken(colour.accent, 0.3))], (0, -0.3 * y), (0, 0.6 * y))
        )
        sheet.path(ridge, fill="none", stroke=dark, stroke_width=0.35)
    for right, below in ((-1, -1), (1, -1), (-1, 1), (1, 1)):
        at = (right * (x - 11.0), below * (y - 11.0))
        sheet.circle(
            at, 1.7, fill=sheet.linear([(0, light), (1, dark)], (at[0] - 1.5, at[1] - 1.5), (at[0] + 1.5, at[1] + 1.5))
        )
        sheet.circle(
            at,
            1.25,
            fill=sheet.linear([(0, "#4b4d52"), (1, "#a4a7ad")], (at[0] - 1, at[1] - 1), (at[0] + 1, at[1] + 1)),
        )
        sheet.path(
            f"M{at[0] - 0.8:.2f} {at[1]:.2f}h1.600M{at[0]:.2f} {at[1] - 0.8:.2f}v1.600",
            stroke="#2d2e32",
            stroke_width=0.35,
        )
    for i in range(4):
        sheet.rect((-0.26 * x, 0.70 * y + 2.1 * i, 0.52 * x, 0.8), 0.4, fill=dark, fill_opacity=0.55)
