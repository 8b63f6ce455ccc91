"""Fills a placement: its strategies one after the other, then its fallbacks, all within one set of terms."""

from __future__ import annotations

from dataclasses import replace

from recommender.models import Placement, Strategy
from recommender.services import listing, serving
from recommender.services.listing import Recommended, RecommendedList
from recommender.services.placing.situation import Context, Situation
from recommender.services.placing.strategies import STRATEGIES, Stage
from recommender.services.placing.wording import heading
from recommender.services.viewing import Serving


def show(
    placement: Placement, context: Context | None = None, *, k: int | None = None, view: Serving | None = None
) -> RecommendedList:
    """What a placement shows, whether or not it is switched on or even saved.

    Args:
        placement: what the shop wants.
        context: what the page has at hand.
        k: how many at most; the placement's own length when None.
        view: what to serve from; the current one when None.

    Raises:
        UnknownProductError: when the page's product was given by its key and visitors may not look at it.
    """
    view = view or serving.current()
    at = Situation(view, placement, context or Context(), k)
    stages = _fill(at, placement.strategies)
    n_own = len(stages)
    stages += _fill(at, placement.fallbacks)
    at.shelf.finished()
    items: list[Recommended] = []
    for place, stage in enumerate(stages):
        found = listing.entries(view, stage.picks, stage.explain(), len(items) + 1)
        items += [replace(item, is_fallback=place >= n_own and not item.promoted) for item in found]
    items = listing.placed([pick for stage in stages for pick in stage.picks], items)
    return RecommendedList(
        items,
        listing.snapshot_id(view),
        strategy=items[0].strategy if items else "",
        placement=placement.slug,
        title=placement.title_in() or heading(items, stages),
        is_personal=at.is_personal,
    )


def _fill(at: Situation, strategies: list[str]) -> list[Stage]:
    stages: list[Stage] = []
    for name in strategies:
        if at.shelf.free > 0:
            stages += [stage for stage in STRATEGIES[Strategy(name)](at) if stage.picks]
    return stages
