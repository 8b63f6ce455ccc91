"""Camera eyes, lights and sensors on the back of a phone."""

from __future__ import annotations

from contextlib import AbstractContextManager

from catalog.demo.drawing.cameras import Lens
from catalog.demo.drawing.colour import darken, lighten
from catalog.demo.drawing.pose import Pose
from catalog.demo.drawing.sheet import Sheet

RISE = 0.9
CRESCENT = "M-.46 -.16A.49 .49 0 0 1 .30 -.39A.62 .62 0 0 0 -.46 -.16Z"

COATINGS = (("#3b63c9", "#7a4fd0"), ("#2c7f9e", "#4361c9"), ("#6a48b8", "#b0508e"), ("#2f8a72", "#3a6fc0"))


def draw_lens(sheet: Sheet, pose: Pose, lens: Lens, height: float, ring: str, coating: int) -> None:
    """A lens barrel standing on height z: a metal ring, a sapphire cover, and glass elements with their coatings.

    The ring is a stack of discs: as facets the lenses would be most of the picture's shapes.
    """
    r = lens.radius
    walls = [(0.0, 0.62), (0.22, 0.42), (0.44, 0.5), (0.66, 0.34)]
    for share, shade in walls:
        with _at(sheet, pose, lens, height + share * RISE):
            tones = [(0.0, darken(ring, shade * 0.5)), (0.5, darken(ring, shade)), (1.0, darken(ring, shade * 0.75))]
            sheet.circle((0, 0), r, fill=sheet.linear(tones, (-r, -0.4 * r), (r, 0.4 * r)))
    with _at(sheet, pose, lens, height + RISE):
        bright = [
            (0.0, lighten(ring, 0.75)),
            (0.28, lighten(ring, 0.3)),
            (0.55, darken(ring, 0.35)),
            (0.8, ring),
            (1.0, lighten(ring, 0.5)),
        ]
        sheet.circle((0, 0), 0.985 * r, fill=sheet.linear(bright, (-0.75 * r, -0.75 * r), (0.75 * r, 0.75 * r)))
        inner = [(0.0, darken(ring, 0.7)), (0.5, darken(ring, 0.35)), (1.0, lighten(ring, 0.45))]
        sheet.circle((0, 0), 0.90 * r, fill=sheet.linear(inner, (-0.65 * r, -0.65 * r), (0.65 * r, 0.65 * r)))
    with _at(sheet, pose, lens, height + RISE - 0.2):
        _glass(sheet, 0.85 * r, COATINGS[coating % len(COATINGS)])


def _at(sheet: Sheet, pose: Pose, spot: Lens, height: float) -> AbstractContextManager[None]:
    return sheet.group(transform=f"{pose.plane(height)} translate({spot.x:.3f} {spot.y:.3f})")


def _glass(sheet: Sheet, r: float, coating: tuple[str, str]) -> None:
    near, far = coating
    sheet.circle(
        (0, 0), r, fill=sheet.radial([(0, "#15171d"), (0.62, "#0a0b0e"), (0.93, "#050506"), (1, "#22242b")], (0, 0), r)
    )
    sheet.circle((0, 0), 0.80 * r, fill="none", stroke="#30333c", stroke_width=0.035 * r)
    sheet.circle(
        (0, 0), 0.68 * r, fill=sheet.linear([(0, "#050507"), (1, "#2b2e37")], (-0.5 * r, -0.5 * r), (0.5 * r, 0.5 * r))
    )
    sheet.circle((0, 0), 0.60 * r, fill="#060709")
    iris = [(0, near), (0.38, far), (0.72, "#141728"), (1, "#050609")]
    sheet.circle((0, 0), 0.54 * r, fill=sheet.radial(iris, (-0.10 * r, 0.14 * r), 0.62 * r), fill_opacity=0.92)
    sheet.circle(
        (0, 0), 0.26 * r, fill=sheet.radial([(0, "#020205"), (0.7, "#05060c"), (1, "#05060c", 0.0)], (0, 0), 0.26 * r)
    )
    gleam = sheet.linear([(0, "#ffffff", 0.75), (1, "#bcd0ff", 0.1)], (-0.4, -0.4), (0.35, -0.3))
    sheet.path(CRESCENT, fill=gleam, transform=f"scale({r:.3f})")
    sheet.circle((0.20 * r, 0.24 * r), 0.085 * r, fill="#c9fff0", fill_opacity=0.55)
    sheet.circle((-0.18 * r, -0.20 * r), 0.055 * r, fill="#ffffff", fill_opacity=0.9)
    sweep = [(0, "#ffffff", 0.30), (0.45, "#ffffff", 0.05), (0.5, "#ffffff", 0.0)]
    sheet.circle((0, 0), 0.98 * r, fill=sheet.linear(sweep, (-0.75 * r, -0.75 * r), (0.75 * r, 0.75 * r)))


def draw_light(sheet: Sheet, pose: Pose, light: Lens, height: float) -> None:
    """A flash: two warm diodes under a fine Fresnel cover."""
    r = light.radius
    with _at(sheet, pose, light, height + 0.1):
        sheet.circle((0, 0), r * 1.12, fill=sheet.linear([(0, "#6f7178"), (1, "#e8e9ec")], (-r, -r), (r, r)))
        sheet.circle(
            (0, 0),
            r,
            fill=sheet.radial(
                [(0, "#fffbe6"), (0.5, "#ffeeb4"), (0.85, "#f3e6c8"), (1, "#b9ad92")], (-0.2 * r, -0.2 * r), 1.1 * r
            ),
        )
        sheet.circle((0, 0), 0.62 * r, fill="none", stroke="#ffffff", stroke_width=0.09 * r, stroke_opacity=0.6)
        sheet.circle((0, 0), 0.36 * r, fill="#ffd97a", fill_opacity=0.8)


def draw_sensor(sheet: Sheet, pose: Pose, sensor: Lens, height: float) -> None:
    """A small dark window: rangefinder or microphone."""
    r = sensor.radius
    with _at(sheet, pose, sensor, height + 0.1):
        sheet.circle(
            (0, 0), r, fill=sheet.radial([(0, "#2a2433"), (0.6, "#121116"), (1, "#08080a")], (-0.3 * r, -0.3 * r), r)
        )
        sheet.circle((-0.3 * r, -0.3 * r), 0.22 * r, fill="#ffffff", fill_opacity=0.35)
