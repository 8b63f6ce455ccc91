"""Soft shadows without a blur filter, which would cost more than all the rest of a drawing."""

from __future__ import annotations

from catalog.demo.drawing.outline import Outline
from catalog.demo.drawing.sheet import Box, Sheet, Stop, number, polygon

STEPS = 13


def cast(sheet: Sheet, outline: Outline, reach: float, opacity: float) -> None:
    """Draw a shadow that fades as opacity * (1 - d / reach)^3 with the distance d outside an outline.

    Only its rim is drawn, as nested translucent strokes: the body that throws it covers the middle.
    """
    data = polygon(outline.points)
    alpha = 1 - (1 - opacity) ** (1 / STEPS)
    with sheet.group(fill="none", stroke="#000000", stroke_opacity=f"{alpha:.5f}", stroke_linejoin="round"):
        for step in range(STEPS):
            width = 2 * reach * (1 - (step / STEPS) ** (1 / 3))
            sheet.path(data, stroke_width=width)


def cast_up_left(sheet: Sheet, box: Box, radius: float, reach: float, opacity: float) -> None:
    """Draw the same fading shadow left of and above a rounded rectangle, as gradients: a strip, a corner, a strip."""
    x, y, width, height = box
    fading: list[Stop] = [(share, "#000000", opacity * (1 - share) ** 3) for share in (0.0, 0.15, 0.3, 0.5, 0.7, 1.0)]
    sheet.rect((x - reach, y + radius, reach, height - radius), fill=sheet.linear(fading, (x, 0), (x - reach, 0)))
    sheet.rect((x + radius, y - reach, width - radius, reach), fill=sheet.linear(fading, (0, y), (0, y - reach)))
    outer, side = radius + reach, radius + reach
    turned: list[Stop] = [((radius + stop[0] * reach) / outer, *stop[1:]) for stop in fading]
    centre = (x + radius, y + radius)
    corner = f"M{number(centre[0])} {number(centre[1])}h{number(-side)}v{number(-side)}h{number(side)}Z"
    sheet.path(corner, fill=sheet.radial(turned, centre, outer))
