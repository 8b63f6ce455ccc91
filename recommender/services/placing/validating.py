"""What is wrong with a placement, and what would mend it, before it is saved."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from recommender.models import Placement, Strategy
from recommender.services.placing.wording import OF_PRODUCTS
from recommender.services.terms import PRICE
from recommender.sources import get_source

Fault = tuple[str, str]
"""The field that is to blame, and a sentence that names the cure."""


def faults(placement: Placement) -> list[Fault]:
    """All that keeps the placement from doing what it says; empty for one that may be saved."""
    return [
        *_of_strategies(placement),
        *_of_context(placement),
        *_of_exclusions(placement),
        *_of_prices(placement),
        *_of_dates(placement),
    ]


def _of_strategies(placement: Placement) -> Iterator[Fault]:
    if not placement.strategies:
        yield "strategies", _("Choose at least one strategy: what shall the shelf show?")
    for field in ("strategies", "fallbacks"):
        for name in _twice(getattr(placement, field)):
            text = _("“%(strategy)s” is chosen twice. Once is enough: it takes all the places that it can.")
            yield field, text % {"strategy": Strategy(name).label}


def _of_context(placement: Placement) -> Iterator[Fault]:
    if placement.context != Placement.Context.ANY:
        return
    for field in ("strategies", "fallbacks"):
        for name in getattr(placement, field):
            if name in OF_PRODUCTS:
                text = _(
                    "“%(strategy)s” starts from products of the page, and “any page” has none. Choose a page that has "
                    "under “Stands on”, or choose another strategy."
                )
                yield field, text % {"strategy": Strategy(name).label}
    if placement.brand != Placement.Match.ANY:  # a category may be the one that the page lists
        yield "brand", _without_product()
    if placement.price_from_percent is not None or placement.price_to_percent is not None:
        yield "price_from_percent", _without_product()


def _of_exclusions(placement: Placement) -> Iterator[Fault]:
    used = {*placement.strategies, *placement.fallbacks}
    if Strategy.BUY_AGAIN in used and placement.leave_out_bought:
        yield "leave_out_bought", _("“Buy again” shows what was bought: do not leave that out.")
    if Strategy.RECENTLY_VIEWED in used and placement.leave_out_seen:
        yield "leave_out_seen", _("“Recently viewed” shows what was viewed: do not leave that out.")


def _of_prices(placement: Placement) -> Iterator[Fault]:
    low, high = placement.price_from_percent, placement.price_to_percent
    if low is not None and high is not None and low > high:
        yield "price_to_percent", _("The highest price is below the lowest: exchange the two.")
    if (low is not None or high is not None) and PRICE not in get_source().measures():
        text = _("This shop does not tell prices to the recommender. Name “price” in the product source's measures().")
        yield "price_from_percent", text


def _of_dates(placement: Placement) -> Iterator[Fault]:
    start, end = placement.starts_at, placement.ends_at
    if start is not None and end is not None and end <= start:
        yield "ends_at", _("It would end before it starts: choose a later end, or an earlier start.")


def _without_product() -> str:
    return _("There is no product to compare with on “any page”. Choose under “Stands on” a page that has one.")


def _twice(names: list[str]) -> list[str]:
    return [name for name in dict.fromkeys(names) if names.count(name) > 1]
