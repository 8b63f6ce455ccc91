"""The plain words of colours and categories: their swatch, and their names in the page's language."""

from __future__ import annotations

from typing import Any

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


def _plain(color: str) -> str:
    return color.lower().replace("-", " ").replace("_", " ").strip()
