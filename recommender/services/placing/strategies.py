"""What the products of a shelf can be: one function for each `Strategy`. Each takes places on the situation's shelf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from recommender.core import hybrid
from recommender.core.hybrid import Scored
from recommender.core.shelf import FAMILY, UNKNOWN
from recommender.core.types import Int32
from recommender.models import Strategy
from recommender.services import explaining, past, reasoning
from recommender.services.explaining import Source
from recommender.services.listing import Origin, Why, positions
from recommender.services.pinning import Pick
from recommender.services.placing import alike
from recommender.services.placing.alike import Alike, Finder
from recommender.services.placing.situation import Situation
from recommender.services.shortlisting import shortlist
from recommender.sources import get_source


class Stage(NamedTuple):
    """Places that were taken by one strategy.

    Attributes:
        picks: the products.
        explain: what they were chosen from, with reasons; asked once all places are taken, as cards may need more.
        about: the title of the product that the strategy started from, where its heading names one.
    """

    picks: list[Pick]
    explain: Callable[[], Origin]
    about: Callable[[], str] = lambda: ""


def similar(at: Situation) -> list[Stage]:
    """What looks like the page's products and goes with them by behaviour."""
    return _beside(at, Strategy.SIMILAR, at.seed_rows, alike.by_score)


def also_viewed(at: Situation) -> list[Stage]:
    """What people look at who look at the page's products."""
    return _beside(at, Strategy.ALSO_VIEWED, at.seed_rows, alike.by_behaviour, Source.ALSO_VIEWED)


def bought_together(at: Situation) -> list[Stage]:
    """What was bought by several buyers of the page's products; of any category, as accessories go with phones."""
    return _beside(at, Strategy.BOUGHT_TOGETHER, at.seed_rows, alike.by_common_buyers, Source.BOUGHT_TOGETHER)


def for_you(at: Situation) -> list[Stage]:
    """What suits the visitor's taste and is new to them."""
    found = shortlist(at.view, at.events, at.shelf.k, called=at.shelf.called)
    if found is None:
        return []
    known = [row for key in {event.product_key for event in at.events} if (row := at.view.row(key)) is not None]
    found = found.without(np.array(known, np.int32))
    picks = at.shelf.take(found.scored.rows, found.scored.scores, found.named, listed=found.listed)

    def explain() -> Origin:
        reasons = reasoning.visitor_reasons(found, picks, at.shelf.beside)
        return Origin(Strategy.FOR_YOU, found.scored, "visitor_match", reasons)

    return [Stage(picks, explain)]


def because_viewed(at: Situation) -> list[Stage]:
    """What is like the last product that the visitor looked at and did not buy, other than the page's own."""
    bought = past.bought(at.events)
    viewed = [key for key in past.viewed(at.events) if key not in bought and key not in at.seeds]
    key = next((key for key in viewed if at.view.row(key) is not None), None)
    found = None if key is None else alike.beside(at.view, np.array([at.view.row(key)], np.int32), alike.by_score)
    if key is None or found is None:
        return []
    scored = _without(found.scored, at.view.row(key))
    picks = at.shelf.take(scored.rows, scored.scores, lambda _: [key])

    def about() -> str:
        product = at.shelf.beside.get(key)
        return "" if product is None else get_source().title(product)

    def explain() -> Origin:
        title = about()
        sentence = explaining.viewed_reason(title) if title else explaining.visitor_reason({})
        why = Why(Source.FOR_YOU, sentence)
        return Origin(Strategy.BECAUSE_VIEWED, scored, "match", dict.fromkeys(positions(picks).tolist(), why))

    return [Stage(picks, explain, about)]


def recently_viewed(at: Situation) -> list[Stage]:
    """What the visitor looked at, the last one first."""
    picks = at.shelf.take_products(past.viewed(at.events), beside_family=True)
    return [_verbatim(Strategy.RECENTLY_VIEWED, picks, Source.RECENTLY_VIEWED)]


def buy_again(at: Situation) -> list[Stage]:
    """What the visitor bought and kept, most often bought first."""
    picks = at.shelf.take_products(past.bought_often(at.events), beside_family=True)
    return [_verbatim(Strategy.BUY_AGAIN, picks, Source.BOUGHT_BEFORE)]


def trending(at: Situation) -> list[Stage]:
    """What is popular now, in the page's category first."""
    return [Stage(at.shelf.take_popular(), lambda: Origin(Strategy.TRENDING))]


def new_arrivals(at: Situation) -> list[Stage]:
    """What came into the shop last, in the page's category first."""
    why = Why(Source.NEWEST, explaining.fallback_reason(Source.NEWEST))
    return [Stage(at.shelf.take_newest(), lambda: Origin(Strategy.NEW_ARRIVALS, why=why))]


def substitutes(at: Situation) -> list[Stage]:
    """For what is sold out on the page: its other variants, then what is most like it; nothing while all is there."""
    gone = at.sold_out
    rows = np.array([row for key in gone if (row := at.view.row(key)) is not None], np.int32)
    if not gone:
        return []
    variants = [key for row in rows.tolist() for key in _variants(at, row)]
    picks = at.shelf.take_products(variants, beside_family=True)
    first = _verbatim(Strategy.SUBSTITUTES, picks, Source.SUBSTITUTE)
    return [first, *_beside(at, Strategy.SUBSTITUTES, rows, alike.by_score)]


STRATEGIES: Mapping[Strategy, Callable[[Situation], list[Stage]]] = {
    Strategy.SIMILAR: similar,
    Strategy.ALSO_VIEWED: also_viewed,
    Strategy.BOUGHT_TOGETHER: bought_together,
    Strategy.FOR_YOU: for_you,
    Strategy.BECAUSE_VIEWED: because_viewed,
    Strategy.RECENTLY_VIEWED: recently_viewed,
    Strategy.BUY_AGAIN: buy_again,
    Strategy.TRENDING: trending,
    Strategy.NEW_ARRIVALS: new_arrivals,
    Strategy.SUBSTITUTES: substitutes,
}


def _beside(at: Situation, strategy: Strategy, seeds: Int32, find: Finder, source: Source | None = None) -> list[Stage]:
    """Places for what goes with some of the page's products; all from one source where it is given."""
    merit = alike.beside(at.view, seeds, find)
    if merit is None:
        return []
    found = alike.with_called(at.view, merit, at.shelf.called, at.seed_rows)
    scored = found.scored
    any_category = strategy is Strategy.BOUGHT_TOGETHER
    picks = at.shelf.take(
        scored.rows, scored.scores, lambda _: _named(at), listed=merit.scored.rows.size, any_category=any_category
    )
    return [
        Stage(picks, lambda: Origin(strategy, scored, "match", _beside_reasons(at, found, picks, source))),
    ]


def _named(at: Situation) -> list[str]:
    """The page's products to be read along, where it told no more than their keys; the shelf reads its own seed."""
    return [] if at.shelf.seed is not None or at.context.product_key is not None else at.seeds


def _beside_reasons(at: Situation, found: Alike, picks: list[Pick], source: Source | None) -> dict[int, Why]:
    """Position -> source and sentence, which names the page's product where there are several."""
    reasons: dict[int, Why] = {}
    seeds = found.seeds[positions(picks)]
    keys = dict(zip(seeds.tolist(), at.view.keys(seeds), strict=True))
    for row, key in keys.items():
        product = at.shelf.seed if at.shelf.seed is not None else at.shelf.beside.get(key)
        own = [pick for pick in picks if pick.position is not None and found.seeds[pick.position] == row]
        told = reasoning.similar_reasons(at.view, row, product, found.scored, own)
        for position, why in told.items():
            origin = source or why.source
            sentence = why.reason if origin is why.source else explaining.similar_reason(origin, {}, {}, {})
            if len(at.seeds) > 1:
                title = get_source().title(product) if product is not None else ""
                sentence = explaining.beside_reason(origin, title) if title else sentence
            reasons[position] = Why(origin, sentence)
    return reasons


def _verbatim(strategy: Strategy, picks: list[Pick], source: Source) -> Stage:
    return Stage(picks, lambda: Origin(strategy, why=Why(source, explaining.own_reason(source))))


def _variants(at: Situation, row: int) -> list[str]:
    """Keys of the other products of a product's family, the most similar first."""
    groups = at.view.catalogue.groups
    if groups is None or row >= len(groups) or groups[row, FAMILY] == UNKNOWN:
        return []
    rows = np.flatnonzero(np.asarray(groups[:, FAMILY]) == groups[row, FAMILY]).astype(np.int32)
    rows = rows[rows != row]
    scored = hybrid.similar(at.view.catalogue, row, rows)
    return at.view.keys(rows[np.argsort(-scored.scores, kind="stable")])


def _without(scored: Scored, row: int | None) -> Scored:
    kept = scored.rows != row
    return Scored(scored.rows[kept], scored.scores[kept], scored.signals, scored.parts[:, kept])
