"""From a family and a colour to the exact look that the studio draws."""

from __future__ import annotations

from dataclasses import replace
from zlib import crc32

from catalog.demo.families import Family
from catalog.demo.look import Body, Look

MM_PER_INCH = 25.4
ASPECT = 20 / 9
BOOK_ASPECT = 1.09
"""Height to width of an unfolded book's inner screen."""

_BEZEL_EXTRA = {"budget": 0.7, "midrange": 0.25, "compact": 0.2, "gaming": 0.1, "rugged": 0.0}
_THICKNESS_EXTRA = {"budget": 0.4, "midrange": 0.1, "compact": 0.2, "gaming": 0.0}
_FRAME = {"round": 1.1, "flat": 1.0, "curved": 1.0, "chamfer": 1.5}


def body(family: Family) -> Body:
    """The slab around the family's screen."""
    brand = family.brand
    old = 0.03 * min(family.age_months, 24)
    bezel = brand.bezel + _BEZEL_EXTRA.get(family.tier, 0.0) + old
    aspect = BOOK_ASPECT if family.fold == "book" else ASPECT
    screen_width = family.inches * MM_PER_INCH / (1 + aspect**2) ** 0.5
    border = 2 * (bezel + _FRAME[brand.edge])
    thickness = brand.thickness + _THICKNESS_EXTRA.get(family.tier, 0.0)
    return Body(
        width=round(screen_width + border, 1),
        height=round(screen_width * aspect + border, 1),
        thickness=round({"book": 5.2, "flip": 6.9}.get(family.fold, thickness), 1),
        radius=round(brand.radius * (0.72 if family.fold == "book" else family.inches / 6.5), 1),
        exponent=brand.exponent,
        edge="round" if family.fold else brand.edge,
        bezel=bezel,
    )


def look(family: Family, colour: str) -> Look:
    """The look of a family in one of its colours, named by key."""
    brand = family.brand
    number = crc32(family.title.encode())
    cameras = replace(
        brand.cameras, layout=family.layout or brand.cameras.layout, count=family.lenses, scale=family.scale
    )
    if family.fold == "flip":
        cameras = replace(cameras, plate="glass")
    return Look(
        brand=brand.name,
        body=body(family),
        cameras=cameras,
        finish=family.finish or brand.finish,
        colour=brand.colours[colour],
        wallpaper=brand.wallpapers[number % len(brand.wallpapers)],
        cutout=brand.cutout,
        clock=brand.clock,
        fold=family.fold,
        seed=number,
    )
