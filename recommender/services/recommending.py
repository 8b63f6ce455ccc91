"""Shelves: similar products, products for a visitor, what is popular; filtered at serve time, explained, in [0, 1].

What a placement of the shop shows is `services.placing`'s.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np

from recommender.conf import settings
from recommender.models import Strategy, Visitor
from recommender.services import measuring, past, reasoning, serving
from recommender.services.listing import Origin, Recommended, RecommendedList, listed
from recommender.services.shelving import Shelf
from recommender.services.shortlisting import shortlist
from recommender.services.viewing import Serving, joined, selected
from recommender.storage import interactions

__all__ = ["Recommended", "RecommendedList", "for_you", "similar", "similar_to", "trending"]


@measuring.shelf("similar")
def similar(
    product: Any,
    *,
    k: int | None = None,
    exclude: Collection[Any] = (),
    visitor: Visitor | None = None,
    on: Serving | None = None,
) -> RecommendedList:
    """The products most like this one, by looks and behaviour, of other families, available now.

    Args:
        product: a product of the shop, with or without a picture or history.
        k: how many; `SHELF_SIZE` when None.
        exclude: keys of products not to show.
        visitor: who looks; what they dismissed is left out.
        on: the catalogue and rules, for previews; what this process serves from when None.

    Returns:
        At most k recommendations, best first; what is popular fills the places that no similar product takes.
    """
    view = on or serving.current()
    shelf = Shelf(view, k or settings.SHELF_SIZE, exclude=exclude, seed=product, visitor=visitor)
    return _similar(view, product.pk, shelf)


@measuring.shelf("similar")
def similar_to(
    key: Any, *, k: int | None = None, exclude: Collection[Any] = (), visitor: Visitor | None = None
) -> RecommendedList:
    """As `similar`, for the product with this key, which is read with the cards in one query.

    Raises:
        UnknownProductError: when there is none that visitors may look at.
    """
    view = serving.current()
    return _similar(view, key, Shelf(view, k or settings.SHELF_SIZE, exclude=exclude, seed_key=key, visitor=visitor))


@measuring.shelf("for_you")
def for_you(visitor: Visitor | None, *, k: int | None = None, exclude: Collection[Any] = ()) -> RecommendedList:
    """Products for a visitor from the visitor's last events; what is popular for somebody unknown.

    Products that the visitor has seen, dismissed, put into the basket or bought are left out, and with the latter two
    their other variants: a shelf is for what is new to them.
    """
    view = serving.current()
    events = interactions.recent(visitor, settings.VISITOR_MAX_EVENTS) if visitor is not None else []
    places = k or settings.SHELF_SIZE
    known = {event.product_key for event in events}
    owned = past.bought(events) | past.in_basket(events)
    # Fewer events than were asked for are all there are, and what was dismissed is among them.
    dismisser = visitor if len(events) == settings.VISITOR_MAX_EVENTS else None
    shelf = Shelf(view, places, exclude=known | set(exclude), owned=owned, visitor=dismisser)
    found = shortlist(view, events, places, called=shelf.called)
    if found is None:
        return listed(view, shelf.fill())
    picks = shelf.fill(found.scored, found.named, listed=found.listed)
    reasons = reasoning.visitor_reasons(found, picks, shelf.beside)
    return listed(view, picks, Origin(Strategy.FOR_YOU, found.scored, "visitor_match", reasons))


@measuring.shelf("trending")
def trending(
    *,
    k: int | None = None,
    exclude: Collection[Any] = (),
    visitor: Visitor | None = None,
    on: Serving | None = None,
) -> RecommendedList:
    """What is popular now, then what is new; without what the visitor dismissed. `on` as in `similar`."""
    view = on or serving.current()
    shelf = Shelf(view, k or settings.SHELF_SIZE, exclude=exclude, visitor=visitor)
    return listed(view, shelf.fill(), Origin(Strategy.TRENDING))


def _similar(view: Serving, key: Any, shelf: Shelf) -> RecommendedList:
    row = view.row(key)
    found = None if row is None else view.similar(row)
    if row is None or found is None:
        return listed(view, shelf.fill())
    scored = found
    if shelf.called:
        more = view.beside(row, shelf.called)
        scored = joined(found, selected(more, ~np.isin(more.rows, [*found.rows.tolist(), row])))
    picks = shelf.fill(scored, listed=found.rows.size)
    reasons = reasoning.similar_reasons(view, row, shelf.seed, scored, picks)
    return listed(view, picks, Origin(Strategy.SIMILAR, scored, "match", reasons))
