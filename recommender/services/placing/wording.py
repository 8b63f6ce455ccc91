"""How strategies are called on a page, and what they are in plain words for who edits a placement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from recommender.models import Placement, Strategy
from recommender.services.listing import Recommended

if TYPE_CHECKING:
    from recommender.services.placing.strategies import Stage

HEADINGS: Mapping[Strategy, Promise] = {
    Strategy.SIMILAR: _("Similar products"),
    Strategy.ALSO_VIEWED: _("Others also looked at"),
    Strategy.BOUGHT_TOGETHER: _("Often bought together"),
    Strategy.FOR_YOU: _("Recommended for you"),
    Strategy.BECAUSE_VIEWED: _("Because you viewed %(title)s"),
    Strategy.RECENTLY_VIEWED: _("Recently viewed"),
    Strategy.BUY_AGAIN: _("Buy again"),
    Strategy.TRENDING: _("Popular right now"),
    Strategy.NEW_ARRIVALS: _("New in the shop"),
    Strategy.SUBSTITUTES: _("Available now instead"),
}


IN_PLAIN_WORDS: Mapping[Strategy, Promise] = {
    Strategy.SIMILAR: _("What looks like the page's product and goes with it by what shoppers do."),
    Strategy.ALSO_VIEWED: _("What shoppers look at who look at the page's product."),
    Strategy.BOUGHT_TOGETHER: _("What at least two buyers of the page's product bought as well. Needs orders."),
    Strategy.FOR_YOU: _("What suits the visitor's taste and is new to them. Nothing for a stranger."),
    Strategy.BECAUSE_VIEWED: _("What is like the last product that the visitor looked at. Nothing for a stranger."),
    Strategy.RECENTLY_VIEWED: _("What the visitor looked at, the last one first. Nothing for a stranger."),
    Strategy.BUY_AGAIN: _("What the visitor bought and kept, most often bought first. Nothing for a stranger."),
    Strategy.TRENDING: _("What is popular now, of the page's category first. Good to fill a shelf."),
    Strategy.NEW_ARRIVALS: _("What came into the shop last, of the page's category first. Always has something."),
    Strategy.SUBSTITUTES: _("For a sold-out product: its other variants, then what is most like it. Else nothing."),
}

OF_A_VISITOR = frozenset({Strategy.FOR_YOU, Strategy.BECAUSE_VIEWED, Strategy.RECENTLY_VIEWED, Strategy.BUY_AGAIN})
"""What has nothing for somebody of whom nothing is known."""

OF_PRODUCTS = frozenset({Strategy.SIMILAR, Strategy.ALSO_VIEWED, Strategy.BOUGHT_TOGETHER, Strategy.SUBSTITUTES})
"""What starts from the products of a page."""


def usual_heading(placement: Placement) -> str:
    """The heading of a placement of which it is not known what it will hold."""
    if title := placement.title_in():
        return title
    strategy = Strategy(placement.strategies[0]) if placement.strategies else Strategy.TRENDING
    return str(HEADINGS[Strategy.FOR_YOU if strategy is Strategy.BECAUSE_VIEWED else strategy])


def heading(items: Sequence[Recommended], stages: Sequence[Stage]) -> str:
    """The heading of a shelf to which the shop gave none: that of the strategy with the first place."""
    if not items:
        return ""
    strategy = Strategy(items[0].strategy)
    if strategy is not Strategy.BECAUSE_VIEWED:
        return str(HEADINGS[strategy])
    about = stages[0].about()
    return HEADINGS[strategy] % {"title": about} if about else str(HEADINGS[Strategy.FOR_YOU])
