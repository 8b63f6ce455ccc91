"""Draws the weight of behaviour against the number of events: `python -m docs.curve`; `make docs` does it too."""

from pathlib import Path

import numpy as np

from recommender.conf import Settings
from recommender.core.blend import certainty

FILE = Path(__file__).resolve().parent / "explanation" / "behaviour-curve.svg"
MOST = 200
WIDTH, HEIGHT, LEFT, TOP = 600, 260, 56, 16

LINES = {
    "between two products": (Settings().STRENGTHS["collaborative"], "#b4492d", ""),
    "for a visitor": (Settings().VISITOR_STRENGTHS["collaborative"], "#2f5fb3", "7 4"),
}
"""What the lines are called, their strength k in events, colour and dashes: told apart without colour too."""


def draw() -> str:
    """The picture as SVG."""
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH + LEFT + 30} {HEIGHT + TOP + 48}" role="img"'
        ' aria-labelledby="t" font-family="system-ui, sans-serif" font-size="13" fill="#66625c">',
        '<title id="t">How much of the behaviour signal is measured, against the number of events</title>',
    ]
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = _y(share)
        parts.append(f'<path d="M{LEFT} {y:.1f}h{WIDTH}" stroke="#8a8d91" stroke-opacity=".35"/>')
        parts.append(f'<text x="{LEFT - 8}" y="{y + 4:.1f}" text-anchor="end">{share:.0%}</text>')
    for events in range(0, MOST + 1, 50):
        x = f"{_x(events):.1f}"
        parts.append(f'<text x="{x}" y="{TOP + HEIGHT + 20}" text-anchor="middle">{events}</text>')
    parts.append(f'<text x="{LEFT + WIDTH / 2}" y="{TOP + HEIGHT + 40}" text-anchor="middle">events, n</text>')
    events_at = np.arange(MOST + 1)
    for row, (name, (strength, colour, dashes)) in enumerate(LINES.items()):
        shares = certainty(events_at[None, :], np.array([strength], np.float32))[0]
        points = " ".join(
            f"{_x(n):.1f},{_y(share):.1f}" for n, share in zip(events_at.tolist(), shares.tolist(), strict=True)
        )
        stroke = f'stroke="{colour}" stroke-width="2.5" stroke-dasharray="{dashes}"'
        y = TOP + HEIGHT - 46 + 22 * row
        parts.append(f'<polyline points="{points}" fill="none" {stroke}/>')
        parts.append(f'<path d="M{LEFT + WIDTH - 260} {y - 4}h30" {stroke}/>')
        parts.append(f'<text x="{LEFT + WIDTH - 222}" y="{y}">{name}, k = {strength:g}</text>')
    return "\n".join([*parts, "</svg>\n"])


def write() -> None:
    """Put the picture where the page shows it."""
    FILE.write_text(draw(), encoding="utf-8")


def _x(events: float) -> float:
    return LEFT + WIDTH * float(events) / MOST


def _y(share: float) -> float:
    return TOP + HEIGHT * (1.0 - float(share))


if __name__ == "__main__":
    write()
