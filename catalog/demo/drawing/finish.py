"""Painting the back: what glass, ceramic, metal, leather, woven fibre and rubber make of a colour."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from functools import lru_cache

import numpy as np
from PIL import Image

from catalog.demo.drawing.colour import darken, lighten, luminance, mix, saturate
from catalog.demo.drawing.sheet import Box, Sheet
from catalog.demo.look import Colour, Finish


def paint(sheet: Sheet, data: str, box: Box, colour: Colour, finish: Finish) -> None:
    """Fill path data (inside box: x, y, width, height) with a finish in a colour."""
    _PAINTERS[finish](sheet, data, box, colour)


def _corner(box: Box, x: float, y: float) -> tuple[float, float]:
    return box[0] + x * box[2], box[1] + y * box[3]


def _streak(sheet: Sheet, data: str, box: Box, strength: float) -> None:
    """The mirrored edge of a window: soft bands that end sharply."""
    stops = [
        (0.0, "#ffffff", 0.60 * strength),
        (0.17, "#ffffff", 0.14 * strength),
        (0.40, "#ffffff", 0.05 * strength),
        (0.525, "#ffffff", 0.75 * strength),
        (0.532, "#ffffff", 0.0),
        (0.575, "#ffffff", 0.0),
        (0.582, "#ffffff", 0.45 * strength),
        (0.75, "#ffffff", 0.0),
    ]
    sheet.path(data, fill=sheet.linear(stops, _corner(box, -0.25, 0.08), _corner(box, 1.25, 0.92)))


def _glow(sheet: Sheet, data: str, box: Box, tint: str, strength: float, at: tuple[float, float], reach: float) -> None:
    stops = [(0.0, tint, strength), (0.35, tint, 0.62 * strength), (0.7, tint, 0.18 * strength), (1.0, tint, 0.0)]
    sheet.path(data, fill=sheet.radial(stops, _corner(box, *at), reach * box[3]))


def _gloss(sheet: Sheet, data: str, box: Box, colour: Colour) -> None:
    base, accent = colour.base, mix(colour.base, colour.accent, 0.45)
    stops = [
        (0.0, lighten(base, 0.30)),
        (0.35, base),
        (0.7, mix(base, accent, 0.6)),
        (0.88, accent),
        (1.0, darken(accent, 0.15)),
    ]
    sheet.path(data, fill=sheet.linear(stops, _corner(box, 0.0, 0.0), _corner(box, 0.9, 1.0)))
    _streak(sheet, data, box, 0.30 if luminance(base) < 0.5 else 0.5)


def _aurora(sheet: Sheet, data: str, box: Box, colour: Colour) -> None:
    base, accent = saturate(colour.base, 1.1), saturate(colour.accent, 1.1)
    stops = [
        (0.0, lighten(base, 0.25)),
        (0.3, base),
        (0.62, mix(base, accent, 0.6)),
        (0.86, accent),
        (1.0, lighten(accent, 0.25)),
    ]
    sheet.path(data, fill=sheet.linear(stops, _corner(box, 0.15, 0.0), _corner(box, 0.85, 1.0)))
    _glow(sheet, data, box, lighten(mix(base, accent, 0.7), 0.5), 0.65, (1.02, 0.42), 0.42)
    _streak(sheet, data, box, 0.32)


def _ceramic(sheet: Sheet, data: str, box: Box, colour: Colour) -> None:
    base = colour.base
    dark = luminance(base) < 0.25
    stops = [(0.0, lighten(base, 0.30 if dark else 0.40)), (0.45, base), (1.0, darken(base, 0.30 if dark else 0.12))]
    sheet.path(data, fill=sheet.linear(stops, _corner(box, 0.1, 0.0), _corner(box, 0.5, 1.0)))
    shine = 0.45 if dark else 0.8
    sides = [
        (0.0, "#ffffff", 0.0),
        (0.045, "#ffffff", 0.6 * shine),
        (0.10, "#ffffff", 0.25 * shine),
        (0.17, "#ffffff", 0.0),
        (0.80, "#000000", 0.0),
        (0.93, "#000000", 0.10),
        (1.0, "#000000", 0.24),
    ]
    sheet.path(data, fill=sheet.linear(sides, _corner(box, 0, 0), _corner(box, 1, 0)))
    _streak(sheet, data, box, 0.18 if dark else 0.34)


def _frost(sheet: Sheet, data: str, box: Box, colour: Colour) -> None:
    base = colour.base
    stops = [
        (0.0, lighten(base, 0.14)),
        (0.45, base),
        (0.8, mix(darken(base, 0.10), colour.accent, 0.12)),
        (1.0, mix(darken(base, 0.24), colour.accent, 0.16)),
    ]
    sheet.path(data, fill=sheet.linear(stops, _corner(box, 0.1, 0.0), _corner(box, 0.8, 1.0)))
    _glow(sheet, data, box, "#ffffff", 0.36, (0.24, 0.30), 0.52)


def _metal(sheet: Sheet, data: str, box: Box, colour: Colour) -> None:
    base = colour.base
    light, dark = lighten(base, 0.38), darken(base, 0.22)
    stops = [
        (0.0, dark),
        (0.07, light),
        (0.22, base),
        (0.42, lighten(base, 0.30)),
        (0.60, base),
        (0.80, darken(base, 0.12)),
        (0.94, light),
        (1.0, dark),
    ]
    sheet.path(data, fill=sheet.linear(stops, _corner(box, 0, 0), _corner(box, 1, 0.05)))
    stops_ = [(0.0, "#ffffff", 0.24), (0.4, "#ffffff", 0.0), (0.7, "#000000", 0.0), (1.0, "#000000", 0.22)]
    sheet.path(data, fill=sheet.linear(stops_, _corner(box, 0.2, 0), _corner(box, 0.3, 1)))


def _leather(sheet: Sheet, data: str, box: Box, colour: Colour) -> None:
    base = colour.base
    stops = [(0.0, lighten(base, 0.30)), (0.3, lighten(base, 0.14)), (0.6, base), (1.0, darken(base, 0.26))]
    sheet.path(data, fill=sheet.linear(stops, _corner(box, 0.0, 0), _corner(box, 0.9, 1)))
    grain = f'<image width="18" height="18" xlink:href="{_grain()}"/>'
    sheet.path(data, fill=sheet.pattern(18, 18, grain))


def _fibre(sheet: Sheet, data: str, box: Box, colour: Colour) -> None:
    base = colour.base
    stops = [(0.0, lighten(base, 0.32)), (0.3, lighten(base, 0.12)), (0.6, base), (1.0, darken(base, 0.24))]
    sheet.path(data, fill=sheet.linear(stops, _corner(box, 0, 0), _corner(box, 1, 1)))
    _stripes(sheet, data, (1.15, 1.15), 0.30, 0.16)
    _stripes(sheet, data, (1.15, -1.15), 0.24, 0.12)
    _streak(sheet, data, box, 0.16)


def _armour(sheet: Sheet, data: str, box: Box, colour: Colour) -> None:
    base = colour.base
    stops = [(0.0, lighten(base, 0.34)), (0.3, lighten(base, 0.12)), (0.6, base), (1.0, darken(base, 0.28))]
    sheet.path(data, fill=sheet.linear(stops, _corner(box, 0.0, 0), _corner(box, 0.9, 1)))
    _stripes(sheet, data, (0.0, 1.5), 0.22, 0.10)


def _stripes(sheet: Sheet, data: str, period: tuple[float, float], dark: float, light: float) -> None:
    """Ribs across the direction `period`: as repeated gradients they cost a third of a pattern."""
    stops = [
        (0.0, "#000000", dark),
        (0.28, "#000000", 0.0),
        (0.55, "#ffffff", light),
        (0.8, "#ffffff", 0.0),
        (1.0, "#000000", dark),
    ]
    sheet.path(data, fill=sheet.linear(stops, (0.0, 0.0), period, repeat=True))


_PAINTERS: dict[Finish, Callable[[Sheet, str, Box, Colour], None]] = {
    "gloss": _gloss,
    "aurora": _aurora,
    "ceramic": _ceramic,
    "frost": _frost,
    "metal": _metal,
    "leather": _leather,
    "fibre": _fibre,
    "armour": _armour,
}


@lru_cache(maxsize=1)
def _grain(size: int = 128, cells: int = 240) -> str:
    """A seamless leather tile as a data URI: Worley's cellular noise, creases dark, pebbles lit from the top left."""
    random = np.random.default_rng(7)
    seeds = random.uniform(0, size, (cells, 2))
    tiled = np.concatenate([seeds + np.array([dx, dy]) for dx in (-size, 0, size) for dy in (-size, 0, size)])
    near = tiled[((tiled > -30) & (tiled < size + 30)).all(axis=1)]
    axis = np.arange(size) + 0.5
    grid = np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)
    squared = (grid**2).sum(axis=1)[:, None] + (near**2).sum(axis=1) - 2 * grid @ near.T
    two = np.sqrt(np.partition(squared, 1, axis=1)[:, :2].clip(0))
    pebble = np.clip((two[:, 1] - two[:, 0]) / 4.5, 0, 1).reshape(size, size) ** 0.7
    slope = np.roll(pebble, 1, axis=0) + np.roll(pebble, 1, axis=1) - 2 * pebble
    shade = 0.55 * (pebble - 1) - 0.55 * slope
    pixels = np.zeros((size, size, 4), np.uint8)
    pixels[..., :3] = np.where(shade > 0, 255, 0)[..., None]
    pixels[..., 3] = np.clip(np.abs(shade) * 140, 0, 120)
    buffer = io.BytesIO()
    Image.fromarray(pixels, "RGBA").save(buffer, "PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
