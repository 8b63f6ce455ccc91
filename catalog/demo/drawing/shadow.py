"""Soft shadows as nested translucent strokes: a blur filter on a page costs more than all the rest of a drawing."""

from __future__ import annotations

from catalog.demo.drawing.outline import Outline
from catalog.demo.drawing.sheet import Sheet, polygon

STEPS = 9


def cast(sheet: Sheet, outline: Outline, reach: float, opacity: float, transform: str = "") -> None:
    """Draw a shadow that fades as opacity * (1 - d / reach)^3 with the distance d outside an outline.

    Only its rim is drawn: the body that throws it covers the middle. `transform` places it.
    """
    data = polygon(outline.points)
    alpha = 1 - (1 - opacity) ** (1 / STEPS)
    place = {"transform": transform} if transform else {}
    with sheet.group(fill="none", stroke="#000000", stroke_opacity=f"{alpha:.5f}", stroke_linejoin="round", **place):
        for step in range(STEPS):
            width = 2 * reach * (1 - (step / STEPS) ** (1 / 3))
            sheet.path(data, stroke_width=width)
