"""Specifications: what follows from size, tier and generation, so that the numbers of a phone fit together."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.demo.designing import body
from catalog.demo.families import Family, Tier


@dataclass(frozen=True)
class Specs:
    """A family's specifications; the field names are the shop's."""

    screen_inches: float
    refresh_hz: int
    resolution: str
    chip: str
    ram_gb: int
    cameras: str
    front_camera: str
    battery_mah: int
    charging_watts: int
    width_mm: float
    height_mm: float
    thickness_mm: float
    weight_g: int
    operating_system: str


@dataclass(frozen=True)
class _Class:
    """What a tier usually gets: refresh rate, screen pixels across, chip line, RAM, cameras, charging."""

    refresh: int
    pixels: int
    chip: str
    ram: int
    main: int
    others: tuple[str, ...]
    selfie: int
    watts: int


_CLASSES: dict[Tier, _Class] = {
    "budget": _Class(90, 720, "Mirro 3", 4, 13, ("2 MP macro", "2 MP depth"), 8, 18),
    "midrange": _Class(120, 1080, "Lynden 6", 8, 50, ("12 MP ultrawide", "5 MP macro"), 16, 45),
    "compact": _Class(120, 1080, "Lynden 7", 8, 50, ("13 MP ultrawide", "8 MP telephoto"), 12, 30),
    "rugged": _Class(90, 1080, "Lynden 5", 8, 50, ("12 MP ultrawide", "2 MP macro", "20 MP night vision"), 16, 33),
    "gaming": _Class(165, 1260, "Arvos X", 12, 50, ("13 MP ultrawide", "5 MP macro"), 16, 90),
    "flagship": _Class(120, 1260, "Arvos 8", 12, 50, ("48 MP ultrawide", "12 MP telephoto", "64 MP periscope"), 32, 67),
    "foldable": _Class(120, 1080, "Arvos 8", 12, 50, ("12 MP ultrawide", "10 MP telephoto"), 10, 45),
}
_DENSITY = 2.02
"""Grams a cubic centimetre of phone."""


def specs(family: Family) -> Specs:
    """The specifications of a family."""
    usual, slab = _CLASSES[family.tier], body(family)
    generations_old = int(family.age_months // 9)
    volume_cm3 = slab.width * slab.height * slab.thickness / 1000
    lead = 1.12 if family.brand.name in ("Calyro", "Brontag", "Krayvon") else 1.0
    across = usual.pixels if family.fold != "book" else 1840
    down = round(across * (20 / 9 if family.fold != "book" else 1.09) / 4) * 4
    return Specs(
        screen_inches=family.inches,
        refresh_hz=usual.refresh if generations_old < 2 else max(60, usual.refresh - 30),
        resolution=f"{across} x {down}",
        chip=_chip(usual.chip, generations_old, family),
        ram_gb=usual.ram + (4 if max(family.storage) >= 1024 else 0),
        cameras=_cameras(usual, family),
        front_camera=f"{usual.selfie} MP",
        battery_mah=round(volume_cm3 * (49.5 if family.tier != "rugged" else 46.0) * lead * _fill(family) / 50) * 50,
        charging_watts=usual.watts if generations_old < 2 else usual.watts * 2 // 3,
        width_mm=slab.width,
        height_mm=slab.height,
        thickness_mm=slab.thickness,
        weight_g=round(volume_cm3 * _DENSITY * (1.06 if family.finish in ("ceramic", "metal") else 1.0)),
        operating_system=f"{family.brand.software} {12 - generations_old}",
    )


def _chip(line: str, generations_old: int, family: Family) -> str:
    name, _, number = line.partition(" ")
    if number.isdigit():
        return f"{name} {int(number) - min(generations_old, 2)}{'+' if family.lenses > 3 else ''}"
    return f"{line}{5 - generations_old}"


def _cameras(usual: _Class, family: Family) -> str:
    main = (
        200
        if family.tier == "flagship" and family.lenses == 4
        else 108
        if family.brand.name == "Xuelan"
        else usual.main
    )
    return " + ".join((f"{main} MP wide", *usual.others)[: family.lenses])


def _fill(family: Family) -> float:
    """The share of the volume that is left for the battery, against a slab phone."""
    return {"book": 0.79, "flip": 0.86}.get(family.fold, 1.0)
