"""Where lenses sit: each layout names its plates, lenses and lights, in millimetres from the middle of the back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from catalog.demo.drawing.outline import Outline, chamfered, circle, rounded
from catalog.demo.look import Body, Cameras


@dataclass(frozen=True)
class Lens:
    """A camera eye."""

    x: float
    y: float
    radius: float


@dataclass(frozen=True)
class Arrangement:
    """Plates stand up from the back; lenses stand on the plates, or on the back where there is no plate."""

    lenses: tuple[Lens, ...]
    plates: tuple[Outline, ...] = ()
    lights: tuple[Lens, ...] = ()
    sensors: tuple[Lens, ...] = ()
    height: float = 1.4

    def moved(self, x: float) -> Arrangement:
        """The same arrangement shifted sideways."""

        def shifted(lenses: tuple[Lens, ...]) -> tuple[Lens, ...]:
            return tuple(replace(lens, x=lens.x + x) for lens in lenses)

        return Arrangement(
            shifted(self.lenses),
            tuple(plate.moved(x, 0) for plate in self.plates),
            shifted(self.lights),
            shifted(self.sensors),
            self.height,
        )


def arrange(cameras: Cameras, body: Body) -> Arrangement:
    """The arrangement of a camera design on a body."""
    return _LAYOUTS[cameras.layout](cameras, body)


def _halo(cameras: Cameras, body: Body) -> Arrangement:
    radius = 0.325 * body.width * cameras.scale
    y = -body.height / 2 + radius + 0.085 * body.height
    reach, lens = {1: (0.0, 0.48), 2: (0.46, 0.33), 3: (0.50, 0.32), 4: (0.53, 0.30)}[cameras.count]
    start = {1: 0.0, 2: 180.0, 3: -90.0, 4: -135.0}[cameras.count]
    angles = np.radians(start + 360 / cameras.count * np.arange(cameras.count))
    lenses = tuple(
        Lens(float(np.cos(a)) * reach * radius, y + float(np.sin(a)) * reach * radius, lens * radius) for a in angles
    )
    light = {1: 52.0, 2: 90.0, 3: 90.0, 4: 0.0}[cameras.count]
    at = 0.0 if cameras.count == 4 else 0.68 * radius
    lights = (Lens(float(np.cos(np.radians(light))) * at, y + float(np.sin(np.radians(light))) * at, 0.085 * radius),)
    return Arrangement(lenses, (circle(radius).moved(0, y),), lights, height=1.7)


def _pill(cameras: Cameras, body: Body) -> Arrangement:
    lens = 7.4 * cameras.scale
    pitch, width = lens * 2 + 2.6, lens * 2 + 5.2
    length = pitch * (cameras.count - 1) + width
    x, top = -body.width / 2 + 5.2 + width / 2, -body.height / 2 + 5.8
    lenses = tuple(Lens(x, top + width / 2 + pitch * i, lens) for i in range(cameras.count))
    plate = rounded(width, length, width / 2).moved(x, top + length / 2)
    return Arrangement(lenses, (plate,), (Lens(x + width / 2 + 6, top + width / 2, 2.2),), height=1.5)


def _tile(cameras: Cameras, body: Body) -> Arrangement:
    side = 37.5 * cameras.scale
    x, y = -body.width / 2 + 4.6 + side / 2, -body.height / 2 + 4.6 + side / 2
    lens, far = 0.205 * side, 0.245 * side
    spots = {
        1: [(-far, -far)],
        2: [(-far, -far), (far, far)],
        3: [(-far, -far), (-far, far), (far, 0.0)],
        4: [(-far, -far), (far, -far), (-far, far), (far, far)],
    }[cameras.count]
    lenses = tuple(Lens(x + dx, y + dy, lens) for dx, dy in spots)
    light, sensor = {
        1: ((far, far), None),
        2: ((far, -far), (-far, far)),
        3: ((far, -1.32 * far), (far, 1.32 * far)),
    }.get(cameras.count, ((0.0, 0.0), None))
    plate = rounded(side, side, 0.30 * side, 2.4).moved(x, y)
    sensors = (Lens(x + sensor[0], y + sensor[1], 1.7),) if sensor else ()
    return Arrangement(lenses, (plate,), (Lens(x + light[0], y + light[1], 2.1),), sensors, 1.5)


def _visor(cameras: Cameras, body: Body) -> Arrangement:
    height = 21.5 * cameras.scale
    width = body.width - 6.5
    y = -body.height / 2 + 16.5 + height / 2
    lens = (0.36 if cameras.count < 3 else 0.33) * height
    start = -width / 2 + height * 0.55
    lenses = tuple(Lens(start + (2 * lens + 3.2) * i, y, lens) for i in range(cameras.count))
    light = Lens(width / 2 - height * 0.46, y, 2.4)
    return Arrangement(lenses, (rounded(width, height, height / 2).moved(0, y),), (light,), height=1.9)


def _beads(cameras: Cameras, body: Body) -> Arrangement:
    lens = 8.0 * cameras.scale
    x, top = -body.width / 2 + 7 + lens, -body.height / 2 + 7.5 + lens
    lenses = tuple(Lens(x, top + (2 * lens + 3.2) * i, lens) for i in range(cameras.count))
    lights = (Lens(x + lens + 6.5, top, 2.3),)
    return Arrangement(lenses, (), lights, (Lens(x + lens + 6.5, top + 8, 1.3),), 0.0)


def _capsule(cameras: Cameras, body: Body) -> Arrangement:
    lens = 7.0 * cameras.scale
    pitch, height = 2 * lens + 3.0, 2 * lens + 5.6
    width = pitch * cameras.count + height - 5.0
    y = -body.height / 2 + 12 + height / 2
    start = -width / 2 + height / 2
    lenses = tuple(Lens(start + pitch * i, y, lens) for i in range(cameras.count))
    light = Lens(width / 2 - height / 2 + 1.4, y, 2.2)
    return Arrangement(lenses, (rounded(width, height, height / 2).moved(0, y),), (light,), height=1.5)


def _deck(cameras: Cameras, body: Body) -> Arrangement:
    margin = 4.2
    width, height = body.width - 2 * margin, 35.0 * cameras.scale
    radius = max(body.radius - margin, 6.0)
    y = -body.height / 2 + margin + height / 2
    lens = 0.235 * height
    pitch = 2 * lens + 3.4
    start = -pitch * (cameras.count - 1) / 2 - (5.0 if cameras.count > 2 else 7.0)
    lenses = tuple(
        Lens(start + pitch * i, y + (0.12 * height if i % 2 else -0.12 * height), lens) for i in range(cameras.count)
    )
    x = lenses[-1].x + lens + 4.4
    plate = rounded(width, height, min(radius, height / 2), body.exponent).moved(0, y)
    return Arrangement(lenses, (plate,), (Lens(x, y - 0.2 * height, 2.2),), (Lens(x, y + 0.2 * height, 1.4),), 1.5)


def _twin(cameras: Cameras, body: Body) -> Arrangement:
    lens = 10.2 * cameras.scale
    x, top = -body.width / 2 + 6.4 + lens, -body.height / 2 + 7.0 + lens
    big = (Lens(x, top, lens), Lens(x, top + 2 * lens + 3.2, lens))
    small = tuple(Lens(x + lens + 8.5, top + (lens + 1.6) * i, 4.4 * cameras.scale) for i in range(cameras.count - 2))
    light = Lens(x + lens + 8.5, top + 2 * lens + 3.2, 2.2)
    return Arrangement((*big, *small), (), (light,), height=0.0)


def _shield(cameras: Cameras, body: Body) -> Arrangement:
    width, height = 0.62 * body.width * cameras.scale, 37.0 * cameras.scale
    y = -body.height / 2 + 9.5 + height / 2
    lens = 0.205 * height
    far_x, far_y = 0.255 * width, 0.235 * height
    spots = [(-far_x, -far_y), (far_x, -far_y), (-far_x, far_y), (far_x, far_y)][: cameras.count]
    lenses = tuple(Lens(dx, y + dy, lens) for dx, dy in spots)
    light = Lens(far_x, y + far_y, 2.4) if cameras.count < 4 else Lens(0, y, 2.2)
    return Arrangement(lenses, (chamfered(width, height, 9.0 * cameras.scale).moved(0, y),), (light,), height=1.7)


def _slash(cameras: Cameras, body: Body) -> Arrangement:
    lens = 7.3 * cameras.scale
    lean = np.radians(24.0)
    pitch, width = 2 * lens + 2.4, 2 * lens + 5.0
    length = pitch * (cameras.count - 1) + width
    across, along = np.array([np.cos(lean), np.sin(lean)]), np.array([-np.sin(lean), np.cos(lean)])
    upright = chamfered(width, length, 0.34 * width)
    rotation = np.array([across, along])
    centre = (
        -body.width / 2 + 8.5 + (length * np.sin(lean) + width * np.cos(lean)) / 2,
        -body.height / 2 + 7 + length * np.cos(lean) / 2 + 2.5,
    )
    plate = Outline(upright.points @ rotation, upright.normals @ rotation).moved(*centre)
    steps = pitch * (np.arange(cameras.count) - (cameras.count - 1) / 2)
    lenses = tuple(Lens(centre[0] + float(s * along[0]), centre[1] + float(s * along[1]), lens) for s in steps)
    light = Lens(centre[0] + 15.5, centre[1] + 5.0, 2.2)
    return Arrangement(lenses, (plate,), (light,), height=1.7)


def _moon(cameras: Cameras, body: Body) -> Arrangement:
    radius = 19.5 * cameras.scale
    x, y = -body.width / 2 + 6.2 + radius, -body.height / 2 + 6.6 + radius
    main = Lens(x + 0.22 * radius, y + 0.20 * radius, 0.56 * radius)
    others = [
        Lens(x - 0.56 * radius, y - 0.42 * radius, 0.24 * radius),
        Lens(x + 0.08 * radius, y - 0.68 * radius, 0.19 * radius),
    ]
    light = Lens(x - 0.60 * radius, y + 0.34 * radius, 0.09 * radius)
    plate = circle(radius).moved(x, y)
    return Arrangement((main, *others[: cameras.count - 1]), (plate,), (light,), height=1.6)


def _cover(cameras: Cameras, body: Body) -> Arrangement:
    lens = 8.0 * cameras.scale
    x, y = body.width / 2 - 7.2 - lens, -body.height / 2 + 7.0 + lens
    lenses = tuple(Lens(x - (2 * lens + 2.6) * i, y, lens) for i in range(cameras.count))
    return Arrangement(lenses, (), (Lens(x, y + lens + 4.6, 1.9),), height=0.0)


_LAYOUTS: dict[str, Callable[[Cameras, Body], Arrangement]] = {
    "halo": _halo,
    "pill": _pill,
    "tile": _tile,
    "visor": _visor,
    "beads": _beads,
    "capsule": _capsule,
    "deck": _deck,
    "twin": _twin,
    "shield": _shield,
    "slash": _slash,
    "moon": _moon,
    "cover": _cover,
}
