"""Cards for templates: a shelf never raises and never breaks a page."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db import DatabaseError, transaction
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import get_language

from recommender.exceptions import RecommenderError, UnknownPlacementError
from recommender.models import Visitor
from recommender.services import consent, placing, recommending, visitors
from recommender.services.placing import Context
from recommender.services.recommending import Recommended, RecommendedList
from recommender.sources import parse_product_key

logger = logging.getLogger(__name__)

SHELF = "recommender/shelf.html"
LATER = "recommender/later.html"
_BLANKS = 8
"""As many blank cards as are seen on a wide page."""


@dataclass(frozen=True)
class Shelf:
    """What the template recommender/shelf.html shows; one without items renders nothing.

    Attributes:
        id: unlike that of any other shelf of a page; part of element ids.
        title: the heading.
        items: the cards.
        recommendation_id: names the list.
        placement: the placement that it stands in; empty for none.
        later: the address to fetch it from, for one that is loaded when it comes into sight; else empty.
        blanks: one entry for each blank card that keeps its place until then.
    """

    id: str
    title: str
    items: Sequence[Recommended] = ()
    recommendation_id: str = ""
    placement: str = ""
    later: str = ""
    blanks: Sequence[int] = ()

    @property
    def templates(self) -> list[str]:
        """The templates to render it with, the first that exists: the placement's own, then the common one."""
        if self.later:
            return [LATER]
        return [f"recommender/placements/{self.placement}.html", SHELF] if self.placement else [SHELF]


def similar_shelf(request: HttpRequest | None, product: Any, *, title: str, k: int | None = None) -> Shelf:
    """The shelf of products like this one, without what the visitor of this request dismissed."""
    empty = Shelf("similar", title)
    return _shelf(empty, lambda: recommending.similar(product, k=k, visitor=_visitor(request)))


def visitor_shelf(request: HttpRequest | None, *, title: str, k: int | None = None) -> Shelf:
    """The shelf for the visitor of this request."""
    return _shelf(Shelf("for-you", title), lambda: recommending.for_you(_visitor(request), k=k))


def placement_shelf(
    request: HttpRequest | None,
    slug: str,
    *,
    product: Any = None,
    basket: Iterable[Any] = (),
    category: str = "",
    title: str = "",
    k: int | None = None,
) -> Shelf:
    """The shelf of a placement, or a promise of it where the shop has it loaded later.

    Args:
        request: the page's; without it nobody is known.
        slug: the placement's name.
        product: the product of the page.
        basket: the products in the basket or order, or their keys.
        category: the category that the page lists.
        title: the heading; the placement's own when empty.
        k: how many cards at most; the placement's own length when None.
    """
    empty = Shelf(slug, title, placement=slug)
    keys = [getattr(entry, "pk", entry) for entry in basket or ()]
    try:
        placement = placing.find(slug)
    except UnknownPlacementError as error:
        logger.error("The shelf %r is empty: %s", slug, error)
        return empty
    except (RecommenderError, DatabaseError, OSError):
        logger.exception("The shelf %r is empty", slug)
        return empty
    context = Context(product or None, None, keys, _visitor(request), category)
    if placing.is_idle(placement, context.visitor):
        return empty
    if placement.lazy and (address := _later(slug, product, keys, category)):
        heading = title or placing.usual_heading(placement)
        return Shelf(slug, heading, placement=slug, later=address, blanks=range(min(k or placement.length, _BLANKS)))
    return _shelf(empty, lambda: placing.place(slug, context, k=k))


def asked_shelf(request: HttpRequest, slug: str, asked: Mapping[str, str]) -> Shelf:
    """The shelf of a placement for the address that `placement_shelf` told the page to load it from.

    Raises:
        UnknownPlacementError: when the shop has no placement of this name.
        UnknownProductError: when visitors may not look at the page's product.
    """
    placing.find(slug)
    product = parse_product_key(asked["product"]) if asked.get("product") else None
    basket = placing.product_keys(asked.get("basket", ""))
    context = Context(None, product, basket, _visitor(request), asked.get("category", ""))
    found = placing.place(slug, context)
    return Shelf(slug, found.title, found.items, found.id, slug)


def _later(slug: str, product: Any, keys: Sequence[Any], category: str) -> str:
    """Where a shelf is fetched from; empty where the shop has not mounted `recommender.fragments.urls`."""
    try:
        address = reverse("recommender-fragments:placement", args=[slug])
    except NoReverseMatch:
        return ""
    # The language is part of the address, as a shop may tell it by the page's own.
    given = {"product": getattr(product, "pk", ""), "basket": ",".join(map(str, keys)), "category": category}
    told = {name: str(value) for name, value in given.items() if value not in ("", None)}
    return f"{address}?{urlencode(told | {'language': get_language() or ''})}"


def door(request: HttpRequest | None, name: str) -> str:
    """The address of one of the doors of `recommender.beacon.urls`.

    Empty where the host has not mounted them, and for a visitor of whom nothing may be kept.
    """
    if request is None or not consent.allows(request):
        return ""
    try:
        return reverse(f"recommender-beacon:{name}")
    except NoReverseMatch:
        return ""


def _visitor(request: HttpRequest | None) -> Visitor | None:
    return visitors.reader(request) if request is not None else None


def _shelf(empty: Shelf, recommend: Callable[[], RecommendedList]) -> Shelf:
    try:
        # A failed query must not poison the page's own transaction; where there is none, opening one costs two queries.
        with transaction.atomic() if transaction.get_connection().in_atomic_block else nullcontext():
            found = recommend()
            found = found if found.placement else found.at(empty.id)
    except (RecommenderError, DatabaseError, ValueError, LookupError, OSError):
        logger.exception("The shelf %r is empty", empty.id)
        return empty
    return Shelf(empty.id, empty.title or found.title, found.items, found.id, empty.placement)
