"""Which phones a visitor compares: at most four, kept in the session."""

from __future__ import annotations

from collections.abc import Iterable

from django.http import HttpRequest

from catalog.models import Product

MAX_PRODUCTS = 4
_SESSION_KEY = "compare"


def chosen(request: HttpRequest) -> list[int]:
    """The keys of the products being compared, in the order they were chosen."""
    stored = request.session.get(_SESSION_KEY)
    return [key for key in stored if isinstance(key, int)] if isinstance(stored, list) else []


def add(request: HttpRequest, product: Product) -> bool:
    """Take a product into the comparison; False when it is full."""
    keys = chosen(request)
    if product.pk in keys:
        return True
    if len(keys) >= MAX_PRODUCTS:
        return False
    request.session[_SESSION_KEY] = [*keys, product.pk]
    return True


def remove(request: HttpRequest, key: int) -> None:
    """Take a product out of the comparison."""
    request.session[_SESSION_KEY] = [other for other in chosen(request) if other != key]


def products(keys: Iterable[int]) -> list[Product]:
    """The visible products of these keys, in this order, at most four."""
    wanted = list(dict.fromkeys(keys))[:MAX_PRODUCTS]
    found = Product.objects.visible().for_cards().in_bulk(wanted)
    return [found[key] for key in wanted if key in found]
