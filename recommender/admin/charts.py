"""Drawings as coordinates, for templates to write as SVG: no script, no inline style, the same in every browser."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import floor, log10

WIDTH, HEIGHT = 520, 210
LEFT, BOTTOM, TOP = 44, 26, 12
_MOST_LABELS = 5
_STEPS = (1, 2, 2.5, 5, 10)

_NOTHING = 1e-6
"""Below any figure that a chart shows: the smallest numbers of all have no round number next to them."""


@dataclass(frozen=True)
class Mark:
    """A value of a series where it is drawn.

    Attributes:
        x: from the left.
        y: from the top.
        width: of the strip that the pointer finds it in, which begins at `left`.
        left: where that strip begins.
        label: what it belongs to, for example a day.
        shown: the value in words.
    """

    x: float
    y: float
    width: float
    left: float
    label: str
    shown: str


@dataclass(frozen=True)
class Tick:
    """A label on an axis."""

    at: float
    text: str


@dataclass(frozen=True)
class Line:
    """A line over days, the area under it, and its axes."""

    points: str
    area: str
    marks: Sequence[Mark]
    days: Sequence[Tick]
    values: Sequence[Tick]
    base: float = HEIGHT - BOTTOM


@dataclass(frozen=True)
class Bar:
    """A value among others.

    Attributes:
        label: what it belongs to.
        shown: the value in words.
        percent: its length, of the longest.
    """

    label: str
    shown: str
    percent: float


def line(labels: Sequence[str], values: Sequence[float], shown: Sequence[str], ticks: Sequence[str] = ()) -> Line:
    """A line through values >= 0, from the first label to the last.

    Args:
        labels: one for each value.
        values: in the order in which they are drawn.
        shown: each value in words.
        ticks: short labels for the axis; `labels` when empty.
    """
    top = nice(max(values, default=0.0))
    step = (WIDTH - LEFT) / max(len(values), 1)
    height = HEIGHT - BOTTOM - TOP
    marks = []
    for number, (label, value, words) in enumerate(zip(labels, values, shown, strict=True)):
        left = LEFT + number * step
        marks.append(Mark(left + step / 2, HEIGHT - BOTTOM - height * value / top, step, left, label, words))
    points = " ".join(f"{mark.x:.1f},{mark.y:.1f}" for mark in marks)
    base = HEIGHT - BOTTOM
    area = f"{marks[0].x:.1f},{base} {points} {marks[-1].x:.1f},{base}" if marks else ""
    every = -(-len(labels) // _MOST_LABELS) or 1
    days = [Tick(mark.x, (ticks or labels)[number]) for number, mark in enumerate(marks) if number % every == 0]
    return Line(points, area, marks, days, [Tick(base - height * part, _short(top * part)) for part in (0.0, 0.5, 1.0)])


def spark(values: Sequence[float]) -> str:
    """The points of a small line in a drawing of 100 x 24."""
    top = max(values, default=0.0) or 1.0
    step = 100 / max(len(values) - 1, 1)
    return " ".join(f"{number * step:.1f},{22 - 20 * value / top:.1f}" for number, value in enumerate(values))


def bars(labels: Sequence[str], values: Sequence[float], shown: Sequence[str]) -> list[Bar]:
    """Bars as long as their values, the longest of 100."""
    top = max(values, default=0.0) or 1.0
    triples = zip(labels, values, shown, strict=True)
    return [Bar(label, words, round(100 * value / top, 1)) for label, value, words in triples]


def nice(value: float) -> float:
    """The next round number, > 0, that is not below a value >= 0; 1 for what is next to nothing."""
    if value < _NOTHING:
        return 1.0
    unit = 10.0 ** floor(log10(value))
    return next(step * unit for below, step in pairwise((0, *_STEPS)) if below * unit < value <= step * unit)


def _short(value: float) -> str:
    if value >= 1_000_000:
        return f"{value / 1_000_000:g}M"
    return f"{value / 1000:g}k" if value >= 1000 else f"{value:g}"
