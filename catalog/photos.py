"""What the page of search by photo shows: tiles, what to try next, and the filters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from catalog import wording
from catalog.listing import Tile
from catalog.models import Brand, Product
from catalog.templatetags.shop import money
from recommender.services.searching import PhotoResult, Refinement

_NAMES = ("brand", "color", "category", "storage", "price_min", "price_max", "size_min", "size_max")
_MOST_PAGES = 100


@dataclass(frozen=True)
class Wish:
    """What the visitor asks for besides the picture. A page that makes no sense is the first, never an error."""

    filters: Mapping[str, tuple[str, ...]]
    page: int = 1
    anyway: bool = False

    @classmethod
    def parse(cls, data: QueryDict) -> Wish:
        """The wish in a form. A button's filter stands for the field of the same name."""
        chosen = {name: tuple(value for value in data.getlist(name)[-1:] if value.strip()) for name in _NAMES}
        page = data.get("page", "")
        number = int(page) if page.isascii() and page.isdecimal() and len(page) <= 3 else 1
        return cls(
            {name: values for name, values in chosen.items() if values},
            min(max(number, 1), _MOST_PAGES),
            data.get("anyway") == "1",
        )


@dataclass(frozen=True)
class Next:
    """A button: "more like this, but"."""

    name: str
    value: str
    label: str
    swatch: str = ""


def results(found: PhotoResult, wish: Wish, query_id: str) -> dict[str, Any]:
    """The names that the template shows."""
    return {
        "found": found,
        "query": query_id,
        "wish": wish,
        "tiles": [
            {"tile": Tile(item.product, has_more=False, colors=[]), "is_exact": item.is_exact} for item in found.items
        ],
        "nexts": [_next(refinement) for refinement in found.refinements],
        "brands": _brands(),
        "colors": _colors(),
        "chosen": {name: values[0] for name, values in wish.filters.items()},
    }


def wrong_filter() -> str:
    """A filter whose value makes no sense."""
    return _("A price is a number, such as 499. Change the filters and search again.")


def _next(refinement: Refinement) -> Next:
    (name, value), *_more = refinement.filters.items()
    if refinement.kind == "cheaper":
        return Next(name, value, _("Cheaper than %(price)s") % {"price": money(Decimal(refinement.value))})
    if refinement.kind == "larger":
        return Next(
            name, value, _("Larger than %(inches)s″") % {"inches": f"{Decimal(refinement.value).normalize():f}"}
        )
    label = _("In %(color)s") % {"color": wording.color_label(value)}
    return Next(name, value, label, wording.color_hex(value))


def _brands() -> list[str]:
    return list(Brand.objects.filter(families__products__is_visible=True).distinct().values_list("name", flat=True))


def _colors() -> list[tuple[str, str]]:
    colors = Product.objects.visible().exclude(color="").order_by("color").values_list("color", flat=True).distinct()
    return [(color, wording.color_label(color)) for color in colors]
