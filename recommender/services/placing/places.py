"""The shop's placements by name, as every process knows them."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace
from weakref import WeakKeyDictionary

from django.db import transaction

from recommender.exceptions import UnknownPlacementError
from recommender.models import Placement, Visitor
from recommender.services import measuring, serving
from recommender.services.listing import RecommendedList
from recommender.services.placing.showing import show
from recommender.services.placing.situation import Context
from recommender.services.placing.wording import OF_A_VISITOR
from recommender.services.viewing import Serving
from recommender.storage import changes, placements

_known: WeakKeyDictionary[Serving, dict[str, Placement]] = WeakKeyDictionary()
"""Read once for each view: a change of placements moves the sequence number, which makes a new view."""


def place(slug: str, context: Context | None = None, *, k: int | None = None) -> RecommendedList:
    """What stands in a placement of the shop.

    Args:
        slug: the placement's name.
        context: what the page has at hand.
        k: how many at most; the placement's own length when None.

    Returns:
        At most k recommendations with the placement's heading; none while it is switched off or out of its dates.

    Raises:
        UnknownPlacementError: when the shop has no placement of this name.
        UnknownProductError: when the page's product was given by its key and visitors may not look at it.
    """
    view = serving.current()
    placement = _named(slug, view)
    if not placement.is_shown():
        return RecommendedList(placement=slug)
    start = time.perf_counter()
    found = show(placement, context, k=k, view=view)
    seconds = time.perf_counter() - start
    measuring.shelf_made(slug, found, seconds)
    return replace(found, seconds=seconds)


def find(slug: str) -> Placement:
    """The placement of this name, whether switched on or not.

    Raises:
        UnknownPlacementError: when the shop has none.
    """
    return _named(slug, serving.current())


def shown() -> list[Placement]:
    """The placements that show something now, by name."""
    return [placement for _, placement in sorted(_all(serving.current()).items()) if placement.is_shown()]


def is_idle(placement: Placement, visitor: Visitor | None) -> bool:
    """Whether there surely is nothing to show: it is switched off, or all about a visitor who is not known."""
    used = {*placement.strategies, *placement.fallbacks}
    return not placement.is_shown() or (visitor is None and used <= OF_A_VISITOR)


def switch(slugs: Iterable[str], *, is_active: bool) -> int:
    """Switch placements on or off; return how many there were."""
    n = placements.switch(slugs, is_active=is_active)
    announce()
    return n


def announce() -> None:
    """Tell every process that placements have changed: they know within `POLL_SECONDS`, this one at once."""
    changes.advance()
    transaction.on_commit(serving.expire)


def _named(slug: str, view: Serving) -> Placement:
    known = _all(view)
    if slug not in known:
        raise UnknownPlacementError(
            f"There is no placement {slug!r}. Add it in the admin under Placements, or use one of: "
            f"{', '.join(sorted(known))}."
        )
    return known[slug]


def _all(view: Serving) -> dict[str, Placement]:
    if (known := _known.get(view)) is None:
        known = _known[view] = placements.by_slug()
    return known
