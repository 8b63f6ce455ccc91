"""Shelves: similar products, products for a visitor, what is popular; filtered at serve time, explained, in [0, 1]."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from django.utils import timezone

from recommender.conf import settings
from recommender.core.hybrid import Scored
from recommender.core.similarity import block_cosines
from recommender.core.types import Float32, Int32, Int64
from recommender.models import InteractionKind, Visitor
from recommender.services import explaining, measuring, recommendation_ids, serving
from recommender.services.explaining import Source
from recommender.services.recommendation_ids import Served
from recommender.services.shelving import Pick, Shelf
from recommender.services.shortlisting import Shortlist, shortlist
from recommender.services.viewing import Serving
from recommender.sources import Card, get_source
from recommender.storage import interactions
from recommender.storage.interactions import Event

_TOGETHER = 2
"""From so many common buyers on, two products are said to be bought together."""

_FALLBACKS = (Source.TRENDING, Source.NEWEST)
_POPULAR = "trending"
"""The strategy for which what is popular is no fallback."""


@dataclass(frozen=True)
class Recommended:
    """One recommended product.

    Attributes:
        product: the shop's own instance.
        card: what a shelf shows of it.
        score: the hybrid score, in [0, 1].
        parts: signal name -> its part of the score; they sum to the score.
        source: where it comes from.
        reason: a sentence in the active language.
        position: 1 is the first place.
        match: the score among those of random pairs, in [0, 1] (`core.matching`); None for a product that only fills
            a place.
    """

    product: Any
    card: Card
    score: float
    parts: dict[str, float]
    source: Source
    reason: str
    position: int
    match: float | None = None

    @property
    def match_percent(self) -> int | None:
        """The match as a page shows it, 0..100; None for a product that only fills a place."""
        return None if self.match is None else round(100 * self.match)


@dataclass(frozen=True)
class RecommendedList:
    """What one shelf shows.

    Attributes:
        items: best first.
        snapshot_id: what they come from; None before the first snapshot.
        strategy: what made the list.
        placement: the named spot that it is for.
        seconds: how long it took to make.
    """

    items: Sequence[Recommended] = ()
    snapshot_id: int | None = None
    strategy: str = ""
    placement: str = ""
    seconds: float = 0.0

    @cached_property
    def id(self) -> str:
        """What later events refer to (`services.recommendation_ids`)."""
        filled = (place for place, item in enumerate(self.items) if item.source in _FALLBACKS)
        fallbacks = 0 if self.strategy == _POPULAR else sum(1 << place for place in filled)
        made = Served(
            self.placement,
            self.strategy,
            self.snapshot_id,
            timezone.now(),
            round(1000 * self.seconds),
            fallbacks,
        )
        return recommendation_ids.write(made)

    def at(self, placement: str) -> RecommendedList:
        """The same list for this spot."""
        return replace(self, placement=placement)


class _Why(NamedTuple):
    source: Source
    reason: str


@measuring.shelf("similar")
def similar(
    product: Any, *, k: int | None = None, exclude: Collection[Any] = (), visitor: Visitor | None = None
) -> RecommendedList:
    """The products most like this one, by looks and behaviour, of other families, available now.

    Args:
        product: a product of the shop, with or without a picture or history.
        k: how many; `SHELF_SIZE` when None.
        exclude: keys of products not to show.
        visitor: who looks; what they dismissed is left out.

    Returns:
        At most k recommendations, best first; what is popular fills the places that no similar product takes.
    """
    view = serving.current()
    return _similar(
        view, product.pk, Shelf(view, k or settings.SHELF_SIZE, exclude=exclude, seed=product, visitor=visitor)
    )


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
    found = shortlist(view, events, places)
    known = {event.product_key for event in events}
    shelf = Shelf(view, places, exclude=known | set(exclude), owned=_owned(events), visitor=visitor)
    if found is None:
        return _listed(view, shelf.fill())
    picks = shelf.fill(found.scored, found.named)
    reasons = _visitor_reasons(found, picks, shelf.beside)
    return _listed(view, picks, found.scored, "visitor_match", reasons)


@measuring.shelf("trending")
def trending(*, k: int | None = None, exclude: Collection[Any] = (), visitor: Visitor | None = None) -> RecommendedList:
    """What is popular now, then what is new; without what the visitor dismissed."""
    view = serving.current()
    return _listed(view, Shelf(view, k or settings.SHELF_SIZE, exclude=exclude, visitor=visitor).fill())


def _owned(events: Sequence[Event]) -> set[str]:
    """Products that the visitor bought or has in the basket, from events with the newest first."""
    bought = {event.product_key for event in events if event.kind == InteractionKind.PURCHASE}
    last: dict[str, str] = {}
    for event in events:
        if event.kind in (InteractionKind.CART, InteractionKind.REMOVE):
            last.setdefault(event.product_key, event.kind)
    return bought | {key for key, kind in last.items() if kind == InteractionKind.CART}


def _similar(view: Serving, key: Any, shelf: Shelf) -> RecommendedList:
    row = view.row(key)
    scored = None if row is None else view.similar(row)
    picks = shelf.fill(scored)
    if row is None or scored is None:
        return _listed(view, picks)
    return _listed(view, picks, scored, "match", _similar_reasons(view, row, shelf.seed, scored, picks))


def _similar_reasons(view: Serving, row: int, seed: Any, scored: Scored, picks: Sequence[Pick]) -> dict[int, _Why]:
    """Position -> source and sentence of the candidates that were picked."""
    source = get_source()
    seed_attributes = source.shown_attributes(seed)
    positions = _positions(picks)
    leading = scored.parts[:, positions].argmax(axis=0).tolist()
    cosines = _cosines(view, row, scored.rows[positions])
    reasons = {}
    shown = [(pick.position, pick.product) for pick in picks if pick.position is not None]
    for (position, product), signal, alike in zip(shown, leading, cosines, strict=True):
        origin = explaining.ITEM_SOURCES.get(scored.signals[signal], Source.VISUAL)
        if origin is Source.ALSO_VIEWED and view.bought_both(row, int(scored.rows[position])) >= _TOGETHER:
            origin = Source.BOUGHT_TOGETHER
        attributes = source.shown_attributes(product) if origin in explaining.QUOTING else {}
        sentence = explaining.similar_reason(origin, seed_attributes, attributes, alike)
        reasons[position] = _Why(origin, sentence)
    return reasons


def _visitor_reasons(found: Shortlist, picks: Sequence[Pick], beside: Mapping[str, Any]) -> dict[int, _Why]:
    """As `_similar_reasons`; names the visitor's product that a candidate owes its place to where one dominates."""
    positions = _positions(picks)
    causes = found.causes(positions)
    rows = np.array(list(causes.values()), np.int32)
    products = {row: beside.get(key) for row, key in zip(rows.tolist(), found.view.keys(rows), strict=True)}
    reasons = {}
    for position in positions.tolist():
        row = causes.get(position)
        product = None if row is None else products[row]
        title = "" if product is None else get_source().title(product)
        kind = "" if row is None else found.kinds.get(row, "")
        sentence = explaining.visitor_reason(_parts(found.scored, position), title, kind)
        reasons[position] = _Why(Source.FOR_YOU, sentence)
    return reasons


def _listed(
    view: Serving,
    picks: Sequence[Pick],
    scored: Scored | None = None,
    match: str = "",
    reasons: Mapping[int, _Why] | None = None,
) -> RecommendedList:
    """The picks as a list.

    Args:
        view: what they come from.
        picks: in the order of their places.
        scored: the candidates that their positions refer to.
        match: the calibration by which a shopper reads their scores.
        reasons: position -> source and sentence.
    """
    source = get_source()
    positions = _positions(picks)
    scores = scored.scores[positions] if scored is not None else np.zeros(0, np.float32)
    matches = _matches(view, match, scores)
    figures = dict(zip(positions.tolist(), zip(scores.tolist(), matches, strict=True), strict=True))
    items = []
    for place, pick in enumerate(picks, start=1):
        if pick.position is None or scored is None or reasons is None:
            items.append(_fallback(view, pick.product, place))
            continue
        (score, share), why = figures[pick.position], reasons[pick.position]
        parts, card = _parts(scored, pick.position), source.card(pick.product)
        items.append(Recommended(pick.product, card, score, parts, why.source, why.reason, place, share))
    return RecommendedList(items, view.snapshot.pk if view.snapshot else None)


def _positions(picks: Sequence[Pick]) -> Int64:
    """Positions of the picks that were candidates, in the order of their places."""
    return np.array([pick.position for pick in picks if pick.position is not None], np.int64)


def _parts(scored: Scored, position: int) -> dict[str, float]:
    return dict(zip(scored.signals, scored.parts[:, position].tolist(), strict=True))


def _cosines(view: Serving, row: int, others: Int32) -> list[dict[str, float]]:
    """How alike one product and each of others look, block by block."""
    vectors, blocks = view.catalogue.vectors, view.catalogue.blocks
    if vectors is None or not others.size:
        return [{} for _ in range(others.size)]
    names = [block.name for block in blocks]
    values = block_cosines(vectors, blocks, row, others)
    return [dict(zip(names, column, strict=True)) for column in values.T.tolist()]


def _matches(view: Serving, name: str, scores: Float32) -> list[float]:
    """How a shopper reads scores; the scores themselves before the first snapshot has measured them."""
    calibration = view.catalogue.calibrations.get(name)
    matches: list[float] = (scores if calibration is None else calibration.apply(scores)).tolist()
    return matches


def _fallback(view: Serving, product: Any, place: int) -> Recommended:
    """A product that fills a shelf: its score is its place among all products by popularity; 0 when it has none."""
    row = view.row(product.pk)
    trend, calibration = view.base.trend, view.base.calibrations.get("trend")
    score = 0.0
    if trend is not None and calibration is not None and row is not None and row < len(trend) and trend[row] > 0:
        score = float(calibration.apply(np.asarray(trend[row : row + 1]))[0])
    source = Source.TRENDING if score else Source.NEWEST
    parts = {"trend": score} if score else {}
    reason = explaining.fallback_reason(source)
    return Recommended(product, get_source().card(product), score, parts, source, reason, place)
