"""Words that come with the products: colours, categories, materials, lenses and money in the page's language."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django.utils import formats
from django.utils.translation import gettext_lazy as _

_COLORS: dict[str, tuple[Any, str]] = {
    "black": (_("black"), "#1f1f21"),
    "blue": (_("blue"), "#2f5fb3"),
    "brown": (_("brown"), "#7a4b2a"),
    "coral": (_("coral"), "#f0715c"),
    "cream": (_("cream"), "#efe6d3"),
    "gold": (_("gold"), "#d8b878"),
    "gray": (_("grey"), "#8a8d91"),
    "green": (_("green"), "#3f7d58"),
    "grey": (_("grey"), "#8a8d91"),
    "orange": (_("orange"), "#e8802d"),
    "pink": (_("pink"), "#eda7b6"),
    "purple": (_("purple"), "#7d5ba6"),
    "red": (_("red"), "#c0282d"),
    "silver": (_("silver"), "#d5d7da"),
    "teal": (_("teal"), "#1f7f86"),
    "turquoise": (_("turquoise"), "#3fb8af"),
    "violet": (_("violet"), "#7d5ba6"),
    "white": (_("white"), "#f7f7f5"),
    "yellow": (_("yellow"), "#f2cf4a"),
    "midnight": (_("midnight"), "#232a36"),
    "rose gold": (_("rose gold"), "#e3b7a8"),
    "space gray": (_("space grey"), "#55565a"),
    "graphite": (_("graphite"), "#4a4a4c"),
}

_CATEGORIES: dict[str, Any] = {
    "phone": _("Phones"),
    "phones": _("Phones"),
    "smartphone": _("Phones"),
    "smartphones": _("Phones"),
    "tablet": _("Tablets"),
    "tablets": _("Tablets"),
    "watch": _("Watches"),
    "watches": _("Watches"),
    "accessories": _("Accessories"),
    "budget": _("Great value"),
    "compact": _("Compact"),
    "flagship": _("Flagships"),
    "foldable": _("Foldables"),
    "foldables": _("Foldables"),
    "gaming": _("Gaming"),
    "midrange": _("Mid-range"),
    "rugged": _("Rugged"),
}

_MATERIALS: dict[str, Any] = {
    "brushed metal": _("brushed metal"),
    "frosted glass": _("frosted glass"),
    "gloss glass": _("gloss glass"),
    "gradient glass": _("gradient glass"),
    "grained leather": _("grained leather"),
    "polished ceramic": _("polished ceramic"),
    "shock-absorbing armour": _("shock-absorbing armour"),
    "woven fibre": _("woven fibre"),
}

_LAYOUTS: dict[str, Any] = {
    "bar across the back": _("bar across the back"),
    "capsule in the middle": _("capsule in the middle"),
    "deck over the top": _("deck over the top"),
    "lenses in a column": _("lenses in a column"),
    "lenses on the cover": _("lenses on the cover"),
    "round island in the corner": _("round island in the corner"),
    "round island in the middle": _("round island in the middle"),
    "shield in the middle": _("shield in the middle"),
    "slanted bar": _("slanted bar"),
    "square island": _("square island"),
    "two large lenses": _("two large lenses"),
    "upright pill": _("upright pill"),
}

_LENSES: dict[str, Any] = {
    "depth": _("depth"),
    "macro": _("macro"),
    "night vision": _("night vision"),
    "periscope": _("periscope"),
    "telephoto": _("telephoto"),
    "ultrawide": _("ultrawide"),
    "wide": _("wide"),
}
_LENS = re.compile(rf"\b({'|'.join(_LENSES)})\b")


def color_label(color: str) -> str:
    """The colour's name in the page's language; a word that the shop does not know stays as it is."""
    known = _COLORS.get(_plain(color))
    return str(known[0]) if known else color


def color_hex(color: str) -> str:
    """A swatch for a plain colour word, for products that bring none; empty when the word is unknown."""
    known = _COLORS.get(_plain(color))
    return known[1] if known else ""


def colors_named(word: str) -> list[str]:
    """The plain words whose name in the page's language is this one, so that a search finds them."""
    return [plain for plain, (label, _swatch) in _COLORS.items() if str(label) in (word, f"{word}色")]


def category_label(category: str) -> str:
    """The category's name in the page's language; a word that the shop does not know stays as it is."""
    return str(_CATEGORIES.get(category.lower()) or category[:1].upper() + category[1:])


def attribute_text(value: str) -> str:
    """A further specification in the page's language; what the shop does not know stays as it is."""
    return str(_MATERIALS.get(value) or _LAYOUTS.get(value, value))


def cameras_text(cameras: str) -> str:
    """50 MP wide + 12 MP ultrawide, with the kinds of lenses in the page's language."""
    return _LENS.sub(lambda found: str(_LENSES[found[0]]), cameras)


def money(amount: Decimal) -> str:
    """1049 -> €1,049.00, in the page's number format."""
    sign = "\u2212" if amount < 0 else ""
    return f"{sign}€{formats.number_format(abs(amount), decimal_pos=2, use_l10n=True, force_grouping=True)}"


def _plain(color: str) -> str:
    return color.lower().replace("-", " ").replace("_", " ").strip()
