"""What a phone looks like: the words in which a design is written down and drawn from. Lengths are millimetres."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Finish = Literal["gloss", "aurora", "ceramic", "frost", "metal", "leather", "fibre", "armour"]
Edge = Literal["round", "flat", "curved", "chamfer"]
Layout = Literal[
    "halo", "pill", "tile", "visor", "beads", "capsule", "deck", "twin", "shield", "slash", "moon", "cover"
]
Wallpaper = Literal["dunes", "silk", "orbs", "petals", "discs", "facets", "peaks", "contours", "planet", "blocks"]
Cutout = Literal["dot", "island"]
Clock = Literal["centre", "left", "stacked"]
Fold = Literal["", "book", "flip"]


@dataclass(frozen=True)
class Colour:
    """A colourway.

    Attributes:
        name: what the maker calls it.
        name_zh: the same in Simplified Chinese.
        group: the plain colour a shopper filters by.
        base: main colour of the back, "#rrggbb".
        accent: where a gradient leads, and the wallpaper's second hue.
        frame: tint of the metal.
    """

    name: str
    name_zh: str
    group: str
    base: str
    accent: str
    frame: str


@dataclass(frozen=True)
class Body:
    """The slab: outer size, corner radius and squareness (2 is a circle), edge profile, bezel around the screen."""

    width: float
    height: float
    thickness: float
    radius: float
    exponent: float = 2.3
    edge: Edge = "round"
    bezel: float = 1.6


@dataclass(frozen=True)
class Cameras:
    """The back cameras.

    Attributes:
        layout: arrangement and shape of the raised plate.
        count: lenses, 1-4.
        scale: size against the layout's usual size.
        plate: what the plate is made of: the back's material, black glass, or metal.
        ring: what rims each lens.
    """

    layout: Layout
    count: int
    scale: float = 1.0
    plate: Literal["body", "glass", "metal"] = "body"
    ring: Literal["metal", "black", "gold", "bright"] = "metal"


@dataclass(frozen=True)
class Look:
    """Everything the studio needs to draw a phone in one colour."""

    brand: str
    body: Body
    cameras: Cameras
    finish: Finish
    colour: Colour
    wallpaper: Wallpaper
    cutout: Cutout = "dot"
    clock: Clock = "centre"
    fold: Fold = ""
    seed: int = 0
