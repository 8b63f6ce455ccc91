"""`{% load recommender %}`: the shelves, each one call into `recommender.widgets`."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, NamedTuple

from django import template
from django.template.loader import select_template
from django.utils.safestring import SafeString
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from recommender import widgets

register = template.Library()

_UNIT = re.compile(r"(?<=\d) (?=[^\W\d_]{1,3}\b)")


@register.filter
def unbroken(text: object) -> str:
    """`{{ title|unbroken }}`: no line ends between a number and its unit, as in 256 GB."""
    return _UNIT.sub("\N{NO-BREAK SPACE}", str(text))


@register.filter
def as_match(percent: int) -> str:
    """`{{ item.match_percent|as_match }}`: how well a card matches, in words."""
    return _("%(percent)s %% match") % {"percent": percent}


class DismissalWords(NamedTuple):
    """What "not for me" says of one product."""

    notice: str
    gone: str
    back: str
    cross: str
    button: str
    undo: str


@register.simple_tag
def dismissal_words(title: str) -> DismissalWords:
    """`{% dismissal_words item.card.title as words %}`: what "not for me" says of this product."""
    words, product = _dismissal_words(get_language()), {"product": title}
    return words._replace(gone=words.gone % product, back=words.back % product, button=words.button % product)


@lru_cache(maxsize=128)
def _dismissal_words(language: str | None) -> DismissalWords:
    """The words with a gap for the product, looked up once a language: they are on every card."""
    with override(language):
        return DismissalWords(
            notice=_("You will not be shown this again."),
            gone=_("You will not be shown %(product)s again."),
            back=_("You may be shown %(product)s again."),
            cross=_("Not for me"),
            button=_("Not for me: %(product)s"),
            undo=_("Undo"),
        )


@register.simple_tag(takes_context=True)
def dismiss_url(context: dict[str, Any]) -> str:
    """`{% dismiss_url as address %}`: where "not for me" is sent; empty where it cannot be kept."""
    return widgets.door(context.get("request"), "dismiss")


@register.inclusion_tag("recommender/beacon.html", takes_context=True)
def recommender_beacon(context: dict[str, Any]) -> dict[str, Any]:
    """`{% recommender_beacon %}`, once a page: the scripts that report what its shelves did, where that may be kept."""
    return {"events": widgets.door(context.get("request"), "events")}


@register.inclusion_tag("recommender/shelf.html", takes_context=True)
def similar_products(context: dict[str, Any], product: Any, k: int | None = None, title: str = "") -> dict[str, Any]:
    """`{% similar_products product k=12 title="You may also like" %}`: products like this one."""
    shelf = widgets.similar_shelf(context.get("request"), product, title=title or _("Similar products"), k=k)
    return {"shelf": shelf, "request": context.get("request")}


@register.inclusion_tag("recommender/shelf.html", takes_context=True)
def recommended_for_you(context: dict[str, Any], k: int | None = None, title: str = "") -> dict[str, Any]:
    """`{% recommended_for_you k=12 %}`: products for this visitor, or what is popular."""
    shelf = widgets.visitor_shelf(context.get("request"), title=title or _("Recommended for you"), k=k)
    return {"shelf": shelf, "request": context.get("request")}


@register.simple_tag(takes_context=True)
def placement(
    context: dict[str, Any],
    slug: str,
    product: Any = None,
    basket: Any = (),
    category: str = "",
    k: int | None = None,
    title: str = "",
) -> SafeString:
    """`{% placement "product-page" product=product %}`: what the shop wants in this spot.

    `basket` takes products or their keys. The shelf is rendered with recommender/placements/SLUG.html where the shop
    has such a template, else with recommender/shelf.html.
    """
    request = context.get("request")
    shelf = widgets.placement_shelf(request, slug, product=product, basket=basket, category=category, k=k, title=title)
    html: SafeString = select_template(shelf.templates).render({"shelf": shelf}, request)
    return html
