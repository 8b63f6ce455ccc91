""" "Not for me": a product leaves all shelves of a visitor at once, and comes back when they say so."""

from __future__ import annotations

from typing import Any, NamedTuple

from django.http import HttpRequest
from django.utils.translation import gettext as _

from recommender.exceptions import UnknownProductError
from recommender.models import Visitor
from recommender.services import consent, tracking
from recommender.sources import Card, get_source, parse_product_key
from recommender.storage import interactions

_MOST_SHOWN = 100


class Place(NamedTuple):
    """Where on a shelf a button stood: the product's key as text, and its place from 1, None when not told."""

    key: str
    position: int | None


def dismiss(request: HttpRequest, place: str, recommendation_id: str = "") -> str:
    """Dismiss a product for the visitor of this request, and say so in a sentence; empty when it cannot be.

    Args:
        request: whose visitor it is.
        place: as the button on a card sends it, "POSITION KEY" or "KEY".
        recommendation_id: of the list that the card was on.
    """
    found = _place(place)
    product = _product(found.key)
    if product is None or not consent.allows(request):
        return ""
    tracking.track(request, "dismiss", product, recommendation_id=recommendation_id, position=found.position)
    return _("You will not be shown %(product)s again.") % {"product": get_source().title(product)}


def show_again(request: HttpRequest, place: str) -> str:
    """Take a dismissal back, and say so in a sentence; empty when there is no such product."""
    product = _product(_place(place).key)
    if product is None:
        return ""
    tracking.undo_dismissal(request, product.pk)
    return _("You may be shown %(product)s again.") % {"product": get_source().title(product)}


def take_back(visitor: Visitor, product_key: Any) -> None:
    """Forget that a visitor dismissed a product, for an app."""
    interactions.take_back_dismissal(visitor, product_key)


def dismissed(visitor: Visitor | None) -> list[Card]:
    """The products that a visitor dismissed and can take back, for their own page."""
    if visitor is None:
        return []
    source = get_source()
    products = source.queryset().filter(pk__in=interactions.dismissed(visitor.pk))
    return [source.card(product) for product in products[:_MOST_SHOWN]]


def _place(text: str) -> Place:
    position, _separator, key = text.rpartition(" ")
    is_number = position.isascii() and position.isdigit() and len(position) <= 3
    return Place(key, int(position) if is_number and int(position) else None)


def _product(key: str) -> Any:
    source = get_source()
    try:
        return source.queryset().filter(source.visible(), pk=parse_product_key(key)).first() if key else None
    except UnknownProductError:
        return None
