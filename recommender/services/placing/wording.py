"""How strategies are called on a page, and what they are in plain words for who edits a placement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from recommender.models import Strategy
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


def heading(items: Sequence[Recommended], stages: Sequence[Stage]) -> str:
    """The heading of a shelf to which the shop gave none: that of the strategy with the first place."""
    if not items:
        return ""
    strategy = Strategy(items[0].strategy)
    if strategy is not Strategy.BECAUSE_VIEWED:
        return str(HEADINGS[strategy])
    about = stages[0].about()
    return HEADINGS[strategy] % {"title": about} if about else str(HEADINGS[Strategy.FOR_YOU])
