"""An SVG document under construction. Identifiers are numbered, so equal calls give equal bytes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

Float = NDArray[np.float64]
Stop = tuple[float, str] | tuple[float, str, float]
Point = tuple[float, float]
Box = tuple[float, float, float, float]


def number(value: float) -> str:
    """The shortest text of a length in millimetres, exact to a hundredth of a pixel."""
    return f"{value:.3f}".rstrip("0").rstrip(".")


def polygon(points: Float) -> str:
    """Path data of a closed polygon, points of shape (n, 2)."""
    return "M" + "L".join(f"{x:.3f} {y:.3f}" for x, y in points.tolist()) + "Z"


def attributes(values: dict[str, str | float]) -> str:
    """Markup of attributes; `stroke_width` stands for `stroke-width`."""
    return "".join(
        f' {name.replace("_", "-")}="{number(value) if isinstance(value, float | int) else value}"'
        for name, value in values.items()
    )


class Sheet:
    """Collects definitions and shapes, in millimetres."""

    def __init__(self, width: float, height: float) -> None:
        self.width, self.height = width, height
        self._definitions: list[str] = []
        self._body: list[str] = []

    def svg(self) -> str:
        """The finished document."""
        size = f'width="{number(self.width)}" height="{number(self.height)}"'
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" {size} '
            f'viewBox="0 0 {number(self.width)} {number(self.height)}">'
            f"<defs>{''.join(self._definitions)}</defs>{''.join(self._body)}</svg>"
        )

    def add(self, markup: str) -> None:
        """Append finished markup."""
        self._body.append(markup)

    def path(self, data: str, **values: str | float) -> None:
        """Append a path."""
        self._body.append(f'<path d="{data}"{attributes(values)}/>')

    def circle(self, centre: Point, radius: float, **values: str | float) -> None:
        """Append a circle."""
        at = f'cx="{number(centre[0])}" cy="{number(centre[1])}" r="{number(radius)}"'
        self._body.append(f"<circle {at}{attributes(values)}/>")

    def rect(self, box: Box, radius: float = 0.0, **values: str | float) -> None:
        """Append a rectangle; box is x, y, width, height."""
        x, y, width, height = (number(value) for value in box)
        self._body.append(
            f'<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="{number(radius)}"{attributes(values)}/>'
        )

    @contextmanager
    def group(self, **values: str | float) -> Iterator[None]:
        """Shapes added inside share these attributes."""
        self._body.append(f"<g{attributes(values)}>")
        yield
        self._body.append("</g>")

    def linear(self, stops: Iterable[Stop], start: Point, end: Point, repeat: bool = False) -> str:
        """A reference to a linear gradient from `start` to `end`; repeated, it makes stripes."""
        (x1, y1), (x2, y2) = start, end
        at = f'x1="{number(x1)}" y1="{number(y1)}" x2="{number(x2)}" y2="{number(y2)}"'
        spread = ' spreadMethod="repeat"' if repeat else ""
        return self._define("linearGradient", f'gradientUnits="userSpaceOnUse" {at}{spread}', _stops(stops))

    def radial(self, stops: Iterable[Stop], centre: Point, radius: float, transform: str = "") -> str:
        """A reference to a radial gradient."""
        at = f'cx="{number(centre[0])}" cy="{number(centre[1])}" r="{number(radius)}"'
        turned = f' gradientTransform="{transform}"' if transform else ""
        return self._define("radialGradient", f'gradientUnits="userSpaceOnUse" {at}{turned}', _stops(stops))

    def clip(self, data: str) -> str:
        """A reference to a clip along path data."""
        return self._define("clipPath", "", f'<path d="{data}"/>')

    def pattern(self, width: float, height: float, content: str, transform: str = "") -> str:
        """A reference to a repeated tile."""
        at = f'patternUnits="userSpaceOnUse" width="{number(width)}" height="{number(height)}"'
        turned = f' patternTransform="{transform}"' if transform else ""
        return self._define("pattern", at + turned, content)

    def _define(self, tag: str, head: str, content: str) -> str:
        identifier = f"d{len(self._definitions)}"
        self._definitions.append(f'<{tag} id="{identifier}" {head}>{content}</{tag}>')
        return f"url(#{identifier})"


def _stops(stops: Iterable[Stop]) -> str:
    return "".join(
        f'<stop offset="{number(stop[0])}" stop-color="{stop[1]}"'
        + (f' stop-opacity="{number(stop[2])}"' if len(stop) == 3 else "")
        + "/>"
        for stop in stops
    )
