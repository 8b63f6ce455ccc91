"""What foldables add: a hinge, an outer screen on the back, a crease on the inner one."""

from __future__ import annotations

from dataclasses import replace

from catalog.demo.drawing import lettering
from catalog.demo.drawing.cameras import Arrangement, arrange
from catalog.demo.drawing.colour import darken, lighten
from catalog.demo.drawing.finish import paint
from catalog.demo.drawing.outline import Outline, rounded
from catalog.demo.drawing.sheet import Box, Sheet, polygon
from catalog.demo.drawing.wallpaper import hang, hues
from catalog.demo.look import Look

HINGE = 2.6


def arrangement(look: Look) -> Arrangement:
    """The cameras on the part of the back that carries them: the left half of an unfolded book."""
    if look.fold != "book":
        return arrange(look.cameras, look.body)
    half = arrange(look.cameras, replace(look.body, width=look.body.width / 2))
    return half.moved(-look.body.width / 4)


def plain_part(look: Look, face: Outline) -> Box:
    """The part of the back that shows the finish: x, y, width, height."""
    x, y, width, height = face.box
    if look.fold == "book":
        return x, y, width / 2 - HINGE / 2, height
    if look.fold == "flip":
        return x, y + height / 2 + HINGE / 2, width, height / 2 - HINGE / 2
    return x, y, width, height


def draw_panel(sheet: Sheet, look: Look, face: Outline, hidden: tuple[float, float]) -> None:
    """Paint the back, but for what is hidden beyond a corner: all of it, or around the hinge and the outer screen."""
    if not look.fold:
        paint(sheet, polygon(face.without(*hidden).points), face.box, look.colour, look.finish)
        return
    x, y, width, height = face.box
    part = plain_part(look, face)
    with sheet.group(clip_path=sheet.clip(polygon(face.points))):
        sheet.rect(face.box, fill="#0a0b0d")
        data = polygon(rounded(part[2], part[3], 1.2).moved(part[0] + part[2] / 2, part[1] + part[3] / 2).points)
        paint(sheet, data, part, look.colour, look.finish)
        if look.fold == "book":
            _outer_screen(
                sheet, look, (x + width / 2 + HINGE / 2 + 1.3, y + 1.3, width / 2 - HINGE / 2 - 2.6, height - 2.6)
            )
        else:
            _outer_screen(sheet, look, (x + 1.6, y + 1.6, width - 3.2, height / 2 - HINGE / 2 - 3.2))
        _hinge(sheet, look, face.box)


def draw_crease(sheet: Sheet, look: Look, box: Box) -> None:
    """The faint valley across an inner screen."""
    if not look.fold:
        return
    x, y, width, height = box
    stops = [(0, "#000000", 0.0), (0.46, "#000000", 0.12), (0.52, "#ffffff", 0.11), (1, "#ffffff", 0.0)]
    if look.fold == "book":
        at = x + width / 2
        sheet.rect((at - 4, y, 8, height), fill=sheet.linear(stops, (at - 4, 0), (at + 4, 0)))
    else:
        at = y + height / 2
        sheet.rect((x, at - 4, width, 8), fill=sheet.linear(stops, (0, at - 4), (0, at + 4)))


def _outer_screen(sheet: Sheet, look: Look, box: Box) -> None:
    x, y, width, height = box
    radius = max(look.body.radius - 2.4, 3.0)
    lit = rounded(width, height, radius, look.body.exponent).moved(x + width / 2, y + height / 2)
    with sheet.group(clip_path=sheet.clip(polygon(lit.points))):
        hang(sheet, box, look.wallpaper, hues(look.colour.base, look.colour.accent), look.seed + 1)
        sheet.rect(box, fill="#000000", fill_opacity=0.14)
    if look.fold == "flip":
        lettering.write(sheet, "10:08", (x + 6, y + height - 20), 11.0, 1.0, "#ffffff", 0.24, anchor=0)
        lettering.write(sheet, "FRI 18 OCT", (x + 6.2, y + height - 6.4), 2.2, 0.3, "#ffffff", anchor=0)
    else:
        lettering.write(sheet, "10:08", (x + width / 2, y + 0.14 * height), 10.5, 1.0, "#ffffff", 0.24)
        lettering.write(sheet, "FRI 18 OCT", (x + width / 2, y + 0.14 * height + 14), 2.1, 0.28, "#ffffff")
        sheet.circle((x + width / 2, y + 3.6), 1.6, fill="#050507")


def _hinge(sheet: Sheet, look: Look, box: Box) -> None:
    x, y, width, height = box
    tint = look.colour.frame
    stops = [
        (0, darken(tint, 0.6)),
        (0.2, lighten(tint, 0.25)),
        (0.45, lighten(tint, 0.6)),
        (0.75, darken(tint, 0.2)),
        (1, darken(tint, 0.65)),
    ]
    if look.fold == "book":
        at = x + width / 2 - HINGE / 2
        sheet.rect((at, y, HINGE, height), fill=sheet.linear(stops, (at, 0), (at + HINGE, 0)))
    else:
        at = y + height / 2 - HINGE / 2
        sheet.rect((x, at, width, HINGE), fill=sheet.linear(stops, (0, at), (0, at + HINGE)))
