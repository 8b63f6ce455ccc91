"""From vector to pixels: rasterising, the lens's perspective, and the file."""

from __future__ import annotations

import io

import numpy as np
import resvg_py
from PIL import Image

from catalog.demo.drawing.backdrop import backdrop
from catalog.demo.drawing.views import View, compose
from catalog.demo.look import Look

SIZE = 900
QUALITY = 86
OVERSIZE = 1.12
"""The perspective step resamples: it starts from a larger picture to stay sharp."""


def photograph(look: Look, view: View, size: int = SIZE) -> Image.Image:
    """The picture of one view, RGB, size x size pixels."""
    svg, shadows = compose(look, view)
    taken = round(size * (OVERSIZE if view == "angle" else 1))
    png = resvg_py.svg_to_bytes(svg_string=svg, width=taken, skip_system_fonts=True)
    drawn = Image.open(io.BytesIO(png)).convert("RGBA")
    picture = Image.alpha_composite(backdrop(taken, shadows), drawn).convert("RGB")
    return _keystone(picture, size) if view == "angle" else picture


def develop(picture: Image.Image) -> bytes:
    """The picture as a WebP file."""
    buffer = io.BytesIO()
    picture.save(buffer, "WEBP", quality=QUALITY, method=2)
    return buffer.getvalue()


def _keystone(picture: Image.Image, size: int) -> Image.Image:
    """The picture seen from a little below: verticals converge upwards, as through a short lens."""
    full, lean = picture.width, 0.055 * picture.width
    source = [(-lean, -0.5 * lean), (full + lean, -0.5 * lean), (full - 0.2 * lean, full), (0.2 * lean, full)]
    target = [(0, 0), (size, 0), (size, size), (0, size)]
    rows, values = [], []
    for (u, v), (x, y) in zip(source, target, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    coefficients = np.linalg.solve(np.array(rows, float), np.array(values, float))
    return picture.transform(
        (size, size), Image.Transform.PERSPECTIVE, coefficients.tolist(), Image.Resampling.BICUBIC, fillcolor="#ffffff"
    )
