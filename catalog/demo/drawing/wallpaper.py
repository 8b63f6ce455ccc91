"""Wallpapers: abstract pictures in a phone's own hues, different for every family by its seed."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from catalog.demo.drawing.colour import darken, lighten, mix, saturate
from catalog.demo.drawing.sheet import Box, Sheet, Stop, polygon
from catalog.demo.look import Wallpaper

Hues = tuple[str, str, str, str]
Float = NDArray[np.float64]

PETAL = "M0 0C.42 -.25 .36 -.85 0 -1C-.30 -.8 -.22 -.3 0 0Z"


def hues(base: str, accent: str) -> Hues:
    """Deep, main, accent and light: the four colours a wallpaper is made of."""
    main = saturate(mix(base, accent, 0.45), 1.5)
    bright = saturate(accent, 1.45)
    return darken(mix(main, "#101a4a", 0.35), 0.5), main, bright, lighten(bright, 0.6)


def hang(sheet: Sheet, box: Box, kind: Wallpaper, palette: Hues, seed: int) -> None:
    """Draw a wallpaper over box (x, y, width, height); the caller clips."""
    _PAINTERS[kind](sheet, box, palette, np.random.default_rng(seed))


def _ground(sheet: Sheet, box: Box, top: str, bottom: str, middle: str | None = None) -> None:
    x, y, width, height = box
    stops = [(0.0, top), (0.5, middle), (1.0, bottom)] if middle else [(0.0, top), (1.0, bottom)]
    sheet.rect(box, fill=sheet.linear(stops, (x, y), (x + 0.25 * width, y + height)))


def _wave(box: Box, level: float, swell: float, cycles: float, phase: float, steps: int = 48) -> Float:
    x, y, width, height = box
    share = np.linspace(0, 1, steps)
    rise = np.sin(2 * np.pi * cycles * share + phase) + 0.4 * np.sin(4.4 * np.pi * cycles * share + 2.1 * phase)
    return np.stack([x + share * width, y + (level + swell * rise) * height], axis=1)


def _below(box: Box, line: Float) -> str:
    x, y, width, height = box
    return polygon(np.concatenate([line, [(x + width, y + height), (x, y + height)]]))


def _dunes(sheet: Sheet, box: Box, palette: Hues, random: np.random.Generator) -> None:
    deep, main, accent, light = palette
    _ground(sheet, box, mix(accent, main, 0.3), light, lighten(accent, 0.3))
    x, y, width, height = box
    sun = (x + width * random.uniform(0.3, 0.75), y + height * 0.46)
    sheet.circle(
        sun,
        0.17 * width,
        fill=sheet.radial([(0, "#fffdf5", 0.95), (0.7, "#fff3dd", 0.85), (1, "#fff3dd", 0.75)], sun, 0.17 * width),
    )
    for i in range(6):
        share = i / 5
        level = 0.50 + 0.085 * i
        line = _wave(box, level, 0.030 + 0.006 * i, random.uniform(0.5, 0.9), random.uniform(0, 6.3))
        near = mix(lighten(accent, 0.25), deep, share)
        top = y + (level - 0.06) * height
        fill = sheet.linear(
            [(0, lighten(near, 0.25)), (0.5, near), (1, darken(near, 0.25))],
            (x, top),
            (x + 0.35 * width, top + 0.28 * height),
        )
        sheet.path(_below(box, line), fill=fill)


def _silk(sheet: Sheet, box: Box, palette: Hues, random: np.random.Generator) -> None:
    deep, main, accent, light = palette
    _ground(sheet, box, darken(deep, 0.2), deep)
    turn, count = random.uniform(0, 6.3), 44

    def line(share: float) -> Float:
        return _wave(box, 0.16 + 0.80 * share, 0.06 + 0.05 * np.sin(3.1 * share + turn), 0.55, turn + 2.6 * share)

    for i in range(count):
        share = i / (count - 1)
        hue = mix(main, accent, min(1.0, 1.5 * share)) if share < 0.66 else mix(accent, light, 2.0 * (share - 0.66))
        fold = 0.5 + 0.5 * np.sin(10.5 * share + turn)
        colour = mix(mix(deep, hue, 0.35), lighten(hue, 0.30), float(fold**1.5))
        sheet.path(polygon(np.concatenate([line(share), line(share + 1.35 / count)[::-1]])), fill=colour)
    x, y, width, height = box
    sheen = [(0, deep, 0.55), (0.4, "#ffffff", 0.0), (0.6, "#ffffff", 0.16), (1, deep, 0.45)]
    sheet.rect(box, fill=sheet.linear(sheen, (x, y), (x + width, y + 0.3 * height)))


def _orbs(sheet: Sheet, box: Box, palette: Hues, random: np.random.Generator) -> None:
    deep, main, accent, light = palette
    _ground(sheet, box, lighten(accent, 0.62), mix(main, light, 0.35), lighten(accent, 0.35))
    x, y, width, height = box
    spots = [
        (0.2, 0.36, 0.36),
        (0.86, 0.52, 0.44),
        (0.30, 0.72, 0.52),
        (0.9, 0.92, 0.34),
        (0.1, 0.98, 0.3),
        (0.66, 0.28, 0.16),
    ]
    for i, (across, down, size) in enumerate(spots):
        centre = (x + width * (across + random.uniform(-0.08, 0.08)), y + height * (down + random.uniform(-0.04, 0.04)))
        radius = size * width
        tone = (main, accent, mix(main, accent, 0.5))[i % 3]
        under = (centre[0] + 0.1 * radius, centre[1] + 0.22 * radius)
        sheet.circle(under, radius * 1.1, fill=sheet.radial([(0.6, deep, 0.45), (1, deep, 0.0)], under, radius * 1.1))
        stops = [
            (0, lighten(tone, 0.55)),
            (0.35, lighten(tone, 0.12)),
            (0.8, darken(tone, 0.25)),
            (0.95, darken(tone, 0.4)),
            (1, mix(tone, light, 0.3)),
        ]
        focus = (centre[0] - 0.32 * radius, centre[1] - 0.38 * radius)
        sheet.circle(centre, radius, fill=sheet.radial(stops, focus, radius * 1.45))


def _petals(sheet: Sheet, box: Box, palette: Hues, random: np.random.Generator) -> None:
    deep, main, accent, light = palette
    _ground(sheet, box, darken(deep, 0.1), mix(deep, main, 0.5))
    x, y, width, height = box
    centre = (x + width * random.uniform(0.35, 0.65), y + height * random.uniform(0.58, 0.68))
    start = random.uniform(0, 60)
    for layer, (length, petals) in enumerate(((0.98, 9), (0.68, 7), (0.42, 6))):
        tone = (mix(main, accent, 0.25), accent, light)[layer]
        stops: list[Stop] = [(0, darken(tone, 0.45), 0.95), (0.6, tone, 0.9), (1, lighten(tone, 0.45), 0.95)]
        fill = sheet.linear(stops, (0, 0), (0.1, -1))
        for i in range(petals):
            turn = f"rotate({start + 360 * i / petals + 13 * layer:.2f}) scale({length * width:.3f})"
            place = f"translate({centre[0]:.2f} {centre[1]:.2f}) {turn}"
            edge = lighten(tone, 0.5)
            sheet.path(PETAL, fill=fill, stroke=edge, stroke_width=0.002, stroke_opacity=0.5, transform=place)
    heart: list[Stop] = [(0, "#fffaf0"), (0.5, light, 0.8), (1, light, 0.0)]
    sheet.circle(centre, 0.13 * width, fill=sheet.radial(heart, centre, 0.13 * width))


def _discs(sheet: Sheet, box: Box, palette: Hues, random: np.random.Generator) -> None:
    deep, main, accent, light = palette
    _ground(sheet, box, darken(deep, 0.15), mix(main, accent, 0.3), mix(deep, main, 0.6))
    x, y, width, height = box
    spots = ((0.95, 0.30, 0.62), (0.05, 0.50, 0.58), (0.85, 0.66, 0.55), (0.15, 0.86, 0.62), (0.95, 0.98, 0.40))
    for i, (across, down, size) in enumerate(spots):
        cx, cy = x + width * (across + random.uniform(-0.10, 0.10)), y + height * (down + random.uniform(-0.03, 0.03))
        radius = size * (width * height / 2) ** 0.5 * 0.9
        tone = (accent, main, light, accent, light)[i]
        turn = np.radians(random.uniform(40, 140))
        reach = (float(np.cos(turn)) * radius, float(np.sin(turn)) * radius)
        stops = [(0, lighten(tone, 0.35), 0.95), (0.35, tone, 0.75), (0.8, tone, 0.12), (1, tone, 0.0)]
        fill = sheet.linear(stops, (cx - reach[0], cy - reach[1]), (cx + reach[0], cy + reach[1]))
        sheet.circle((cx, cy), radius, fill=fill)


def _facets(sheet: Sheet, box: Box, palette: Hues, random: np.random.Generator) -> None:
    deep, main, accent, light = palette
    x, y, width, height = box
    rows, columns = 10, 5
    grid = np.stack(np.meshgrid(np.linspace(-0.1, 1.1, columns + 1), np.linspace(-0.06, 1.06, rows + 1)), axis=-1)
    grid = (grid + random.uniform(-0.055, 0.055, grid.shape) * (1.4, 0.75)) * (width, height) + (x, y)
    for row in range(rows):
        for column in range(columns):
            a, b, c, d = grid[row, column], grid[row, column + 1], grid[row + 1, column + 1], grid[row + 1, column]
            for triangle in ((a, b, c), (a, c, d)) if (row + column) % 2 else ((a, b, d), (b, c, d)):
                down = float((np.mean(triangle, axis=0)[1] - y) / height)
                across = float((np.mean(triangle, axis=0)[0] - x) / width)
                heat = float(np.exp(-(((down - 0.62) / 0.2) ** 2 + ((across - 0.5) / 0.5) ** 2)))
                tone = mix(mix(darken(deep, 0.35), main, min(1, 0.25 + heat * 0.7)), accent, heat**2)
                tone = (
                    lighten(tone, 0.25 * random.random() * (0.3 + heat))
                    if random.random() < 0.6
                    else darken(tone, 0.3 * random.random())
                )
                sheet.path(polygon(np.array(triangle)), fill=tone, stroke=tone, stroke_width=0.1)
    core = (x + 0.5 * width, y + 0.62 * height)
    sheet.circle(
        core,
        0.45 * width,
        fill=sheet.radial([(0, light, 0.45), (0.5, accent, 0.15), (1, accent, 0.0)], core, 0.45 * width),
    )


def _peaks(sheet: Sheet, box: Box, palette: Hues, random: np.random.Generator) -> None:
    deep, main, accent, _ = palette
    _ground(sheet, box, mix(accent, deep, 0.25), lighten(accent, 0.62), lighten(accent, 0.18))
    x, y, width, height = box
    moon = (x + width * random.uniform(0.6, 0.78), y + height * 0.40)
    sheet.circle(moon, 0.10 * width, fill="#ffffff", fill_opacity=0.9)
    for i in range(5):
        level, steps = 0.55 + 0.095 * i, 16
        ridge = np.cumsum(random.normal(0, 0.55, steps)) + random.normal(0, 0.35, steps)
        ridge -= np.linspace(ridge[0], ridge[-1], steps)
        ridge = ridge / (np.abs(ridge).max() + 1e-9) * 0.055
        line = np.stack([x + np.linspace(0, 1, steps) * width, y + (level + ridge) * height], axis=1)
        tone = mix(mix(lighten(accent, 0.35), main, 0.4), deep, i / 4)
        fill = sheet.linear(
            [(0, tone), (1, lighten(tone, 0.28))], (x, y + (level - 0.05) * height), (x, y + (level + 0.22) * height)
        )
        sheet.path(_below(box, line), fill=fill)


def _contours(sheet: Sheet, box: Box, palette: Hues, random: np.random.Generator) -> None:
    deep, main, accent, light = palette
    _ground(sheet, box, deep, darken(mix(deep, main, 0.7), 0.1))
    x, y, width, height = box
    centre = np.array([x + width * random.uniform(0.2, 0.8), y + height * random.uniform(0.55, 0.75)])
    angle = np.linspace(0, 2 * np.pi, 90, endpoint=False)
    phases = random.uniform(0, 6.3, 3)
    wobble = sum(0.10 / n * np.sin(n * angle + phase) for n, phase in zip((2, 3, 5), phases, strict=True))
    rings = 15
    for i in range(rings, 0, -1):
        share = i / rings
        radius = 1.55 * width * share * (1 + wobble * (0.6 + share))
        points = centre + radius[:, None] * np.stack([np.cos(angle), 1.15 * np.sin(angle)], axis=1)
        tone = mix(
            mix(light, accent, min(1, share * 2.2)),
            mix(main, deep, max(0.0, share * 1.5 - 0.5)),
            min(1.0, share * 1.15),
        )
        start = (float(centre[0] - radius.max()), float(centre[1] - radius.max()))
        fill = sheet.linear(
            [(0, lighten(tone, 0.42)), (0.5, tone), (1, darken(tone, 0.42))],
            start,
            (float(centre[0]), float(centre[1] + radius.max())),
        )
        sheet.path(polygon(points), fill=fill, stroke=lighten(tone, 0.5), stroke_width=0.14, stroke_opacity=0.7)


def _planet(sheet: Sheet, box: Box, palette: Hues, random: np.random.Generator) -> None:
    deep, main, accent, light = palette
    _ground(sheet, box, "#05060c", darken(deep, 0.35))
    x, y, width, height = box
    for across, down, size in random.random((46, 3)):
        sheet.circle(
            (x + across * width, y + down * height),
            0.08 + 0.16 * size**3,
            fill="#ffffff",
            fill_opacity=0.25 + 0.6 * size,
        )
    radius = 0.92 * width
    centre = (x + width * random.uniform(0.35, 0.65), y + 0.95 * height)
    sheet.circle(
        centre,
        1.35 * radius,
        fill=sheet.radial([(0.66, accent, 0.75), (0.8, accent, 0.22), (1, accent, 0.0)], centre, 1.35 * radius),
    )
    sheet.circle(
        centre,
        radius,
        fill=sheet.linear(
            [(0, light), (0.10, accent), (0.32, main), (0.7, darken(deep, 0.3))],
            (centre[0] - 0.2 * radius, centre[1] - radius),
            (centre[0] + 0.2 * radius, centre[1] + 0.4 * radius),
        ),
    )
    sheet.circle(centre, radius * 0.997, fill="none", stroke="#ffffff", stroke_width=0.35, stroke_opacity=0.55)


def _blocks(sheet: Sheet, box: Box, palette: Hues, random: np.random.Generator) -> None:
    deep, main, accent, light = palette
    _ground(sheet, box, lighten(main, 0.5), light)
    x, y, width, height = box
    side = width / 3
    tones = (main, accent, light, lighten(accent, 0.3), lighten(main, 0.25), mix(main, deep, 0.4))
    rows = int(height // side) + 1
    for row in range(rows):
        for column in range(3):
            left, top = x + column * side, y + row * side
            back, front = random.permutation(len(tones))[:2]
            sheet.rect((left, top, side + 0.05, side + 0.05), fill=tones[back])
            quarter = int(random.integers(6))
            turn = f"translate({left + side / 2:.2f} {top + side / 2:.2f}) rotate({90 * (quarter % 4)})"
            half = side / 2
            shape = (
                f"M{-half:.2f} {-half:.2f}A{side:.2f} {side:.2f} 0 0 1 {half:.2f} {half:.2f}H{-half:.2f}Z"
                if quarter < 4
                else f"M{-half:.2f} 0A{half:.2f} {half:.2f} 0 0 1 {half:.2f} 0Z"
            )
            sheet.path(
                shape,
                fill=sheet.linear(
                    [(0, lighten(tones[front], 0.12)), (1, darken(tones[front], 0.12))], (0, -half), (0, half)
                ),
                transform=turn,
            )


_PAINTERS: dict[Wallpaper, Callable[[Sheet, Box, Hues, np.random.Generator], None]] = {
    "dunes": _dunes,
    "silk": _silk,
    "orbs": _orbs,
    "petals": _petals,
    "discs": _discs,
    "facets": _facets,
    "peaks": _peaks,
    "contours": _contours,
    "planet": _planet,
    "blocks": _blocks,
}
