"""The lit front: black glass, wallpaper, the lock screen, and the selfie camera."""

from __future__ import annotations

from catalog.demo.drawing import lettering
from catalog.demo.drawing.folding import draw_crease
from catalog.demo.drawing.outline import Outline, rounded
from catalog.demo.drawing.sheet import Box, Sheet, number, polygon
from catalog.demo.drawing.wallpaper import hang, hues
from catalog.demo.look import Look

INK = "#ffffff"
TIMES = ("9:24", "10:08", "7:45", "12:36", "8:52", "6:30")
DAYS = ("MON 6 MAY", "FRI 18 OCT", "SAT 21 JUNE", "TUE 3 SEPT", "SUN 9 FEB", "WED 12 NOV")


def screen_box(look: Look, width: float, height: float) -> Box:
    """The lit area of a front of the given size, about the origin."""
    bezel = look.body.bezel
    return -width / 2 + bezel, -height / 2 + bezel, width - 2 * bezel, height - 2 * bezel


def draw_front(sheet: Sheet, look: Look, glass: Outline) -> None:
    """Fill the front glass with the lit screen."""
    data = polygon(glass.points)
    _, _, width, height = glass.box
    sheet.path(data, fill="#060708")
    box = screen_box(look, width, height)
    radius = max(look.body.radius - look.body.bezel - 1.0, 2.0)
    lit = rounded(box[2], box[3], radius, look.body.exponent)
    palette = hues(look.colour.base, look.colour.accent)
    with sheet.group(clip_path=sheet.clip(polygon(lit.points))):
        hang(sheet, box, look.wallpaper, palette, look.seed)
        x, y, w, h = box
        top, foot = (x, y, w, 0.42 * h), (x, y + 0.84 * h, w, 0.16 * h)
        sheet.rect(top, fill=sheet.linear([(0, "#000000", 0.32), (1, "#000000", 0.0)], (x, y), (x, y + top[3])))
        sheet.rect(foot, fill=sheet.linear([(0, "#000000", 0.0), (1, "#000000", 0.30)], (x, foot[1]), (x, y + h)))
        draw_crease(sheet, look, box)
        _lock_screen(sheet, look, box)
    _camera(sheet, look, box)
    sheet.path(data, fill="none", stroke="#ffffff", stroke_width=0.16, stroke_opacity=0.22)


def _lock_screen(sheet: Sheet, look: Look, box: Box) -> None:
    x, y, w, h = box
    time, day = TIMES[look.seed % len(TIMES)], DAYS[look.seed // 7 % len(DAYS)]
    big = min(w * 0.20, 14.5)
    middle = x + w / 2
    if look.clock == "stacked":
        hour, minute = time.split(":")
        lettering.write(sheet, hour.rjust(2, "0"), (middle, y + 0.125 * h), big * 1.35, 1.5, INK, 0.22)
        lettering.write(sheet, minute, (middle, y + 0.125 * h + big * 1.72), big * 1.35, 1.5, INK, 0.22)
        lettering.write(sheet, day, (middle, y + 0.125 * h + big * 3.5), 2.2, 0.3, INK)
    elif look.clock == "left":
        lettering.write(sheet, time, (x + 7, y + 0.115 * h), big * 0.86, 1.05, INK, 0.24, anchor=0)
        lettering.write(sheet, day, (x + 7, y + 0.115 * h + big * 1.15), 2.2, 0.3, INK, anchor=0)
    else:
        lettering.write(sheet, day, (middle, y + 0.105 * h), 2.3, 0.3, INK)
        lettering.write(sheet, time, (middle, y + 0.105 * h + 5.4), big, 1.15, INK, 0.24)
    _status(sheet, box, look)
    for side in (-1, 1):
        centre = (middle + side * (w / 2 - 9.5), y + h - 12.5)
        sheet.circle(centre, 4.3, fill="#0b0d12", fill_opacity=0.38)
        if side < 0:
            sheet.path(f"M{centre[0] - 0.9:.2f} {centre[1] - 2.1:.2f}h1.800l-.3 1.500v2.500h-1.200v-2.500Z", fill=INK)
        else:
            sheet.rect((centre[0] - 1.9, centre[1] - 1.2, 3.8, 2.7), 0.6, fill=INK)
            sheet.circle((centre[0], centre[1] + 0.15), 0.8, fill="#333842")
    sheet.rect((middle - 0.17 * w, y + h - 2.6, 0.34 * w, 0.7), 0.35, fill=INK, fill_opacity=0.9)


def _status(sheet: Sheet, box: Box, look: Look) -> None:
    x, y, w, _ = box
    inset = max(4.6, look.body.radius * 0.55)
    top, right = y + 2.6, x + w - inset
    lettering.write(sheet, TIMES[look.seed % len(TIMES)], (x + inset, top), 1.9, 0.34, INK, 0.26, anchor=0)
    sheet.rect((right - 3.9, top + 0.1, 3.5, 1.75), 0.5, fill="none", stroke=INK, stroke_width=0.2, stroke_opacity=0.8)
    sheet.rect((right - 3.6, top + 0.4, 2.3, 1.15), 0.25, fill=INK)
    sheet.rect((right - 0.25, top + 0.7, 0.3, 0.55), 0.12, fill=INK, fill_opacity=0.8)
    for i in range(4):
        tall = 0.6 + 0.42 * i
        sheet.rect((right - 8.3 + 0.72 * i, top + 1.9 - tall, 0.48, tall), 0.12, fill=INK)


def _camera(sheet: Sheet, look: Look, box: Box) -> None:
    x, y, w, _ = box
    down = y + 3.6
    if look.cutout == "island":
        sheet.rect((x + w / 2 - 9.0, down - 2.5, 18.0, 5.0), 2.5, fill="#020203")
        centre = (x + w / 2 + 6.2, down)
    else:
        centre = (x + w / 2, down)
    r = 1.75
    sheet.circle(centre, r, fill="#030304")
    sheet.circle(
        centre, 0.58 * r, fill=sheet.radial([(0, "#2d4a8f"), (0.6, "#131a33"), (1, "#050609")], centre, 0.6 * r)
    )
    sheet.path(
        f"M{number(centre[0] - 0.7)} {number(centre[1] - 0.3)}a.8 .8 0 0 1 .6 -.5",
        stroke="#ffffff",
        stroke_width=0.14,
        fill="none",
        stroke_opacity=0.6,
    )
