"""What the shop's templates need: money, plain words, and the numbers in the header."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from django import template

from catalog import appearance, baskets, comparison, showcase, wording
from catalog.forms import COUNTRIES
from catalog.models import Product, ProductImage
from catalog.variants import storage_label

register = template.Library()

_SENTENCE = re.compile(r"(?<=[.!?])\s|(?<=[。！？])")  # noqa: RUF001 - Chinese has its own full stops


@register.filter
def money(amount: Decimal | None) -> str:
    """1049 -> €1,049.00, in the page's number format; nothing for no price."""
    return "" if amount is None else wording.money(amount)


@register.filter
def headline(product: Product) -> str:
    """The phone's screen, battery and weight in one line."""
    return showcase.headline(product)


@register.filter
def opening(text: str) -> str:
    """The first sentence of a text, English or Chinese."""
    return _SENTENCE.split(text.strip(), maxsplit=1)[0]


@register.filter
def category_label(category: str) -> str:
    """The category in the page's language."""
    return wording.category_label(category)


@register.filter
def country_name(code: str) -> str:
    """DE -> Germany; a country that the shop does not deliver to stays a code."""
    return str(dict(COUNTRIES).get(code, code))


@register.filter
def gigabytes(value: int) -> str:
    """1024 -> 1 TB."""
    return storage_label(value)


@register.simple_tag(takes_context=True)
def basket_count(context: dict[str, Any]) -> int:
    """How many pieces lie in the visitor's basket."""
    return baskets.count(context["request"]) if "request" in context else 0


@register.simple_tag(takes_context=True)
def compared(context: dict[str, Any]) -> list[int]:
    """The keys of the products being compared."""
    return comparison.chosen(context["request"]) if "request" in context else []


@register.simple_tag(takes_context=True)
def theme(context: dict[str, Any]) -> str:
    """The theme that the visitor chose: light, dark or auto."""
    return appearance.theme(context["request"]) if "request" in context else appearance.AUTO


@register.inclusion_tag("catalog/includes/picture.html")
def picture(image: ProductImage | None, sizes: str, alt: str = "", eager: bool = False) -> dict[str, Any]:
    """A product picture in all its widths, or a drawn placeholder of the same shape."""
    return {"image": image, "sizes": sizes, "alt": alt, "eager": eager}
