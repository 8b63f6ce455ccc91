"""Shelves: similar products, products for a visitor, what is popular; filtered at serve time, explained, in [0, 1]."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from django.utils import timezone

from recommender.conf import settings
from recommender.core import hybrid, ranking
from recommender.core.newcomers import with_newcomers
from recommender.core.similarity import block_cosines
from recommender.core.types import Float32, Int32
from recommender.core.visitor_signals import history
from recommender.core.weighting import visitor_weights
from recommender.models import Visitor
from recommender.services import explaining, measuring, serving
from recommender.services.explaining import Source
from recommender.services.serving import Serving
from recommender.sources import Card, get_source
from recommender.storage import interactions
from recommender.storage.interactions import Event

_TRENDING_POOL = 200


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
    """What one shelf shows, and the id that later events may refer to."""

    items: Sequence[Recommended] = ()
    snapshot_id: int | None = None
    id: uuid.UUID = field(default_factory=uuid.uuid4)


class _Pick(NamedTuple):
    """A product that passed the filters, with its place among the candidates; None for a fallback."""

    product: Any
    place: int | None


@dataclass(frozen=True)
class _Candidates:
    """Scored candidates, best first."""

    keys: list[str]
    rows: Int32
    scores: Float32
    signals: tuple[str, ...]
    parts: Float32

    def parts_of(self, index: int) -> dict[str, float]:
        return {name: float(self.parts[s, index]) for s, name in enumerate(self.signals)}


@measuring.shelf("similar")
def similar(product: Any, *, k: int | None = None, exclude: Collection[Any] = ()) -> RecommendedList:
    """The products most like this one, by looks and behaviour, of other families, available now.

    Args:
        product: a product of the shop, with or without a picture or history.
        k: how many; `SHELF_SIZE` when None.
        exclude: keys of products not to show.

    Returns:
        At most k recommendations, best first; what is popular fills the places that no similar product takes.
    """
    view = serving.current()
    source = get_source()
    row = view.row(product.pk)
    rows = _similar_rows(view, row) if row is not None else np.empty(0, np.int32)
    candidates = _ranked(view, hybrid.similar(view.catalogue, row, rows)) if row is not None and rows.size else None
    shelf = _Shelf(
        k or settings.SHELF_SIZE,
        families={source.family(product)},
        excluded={str(product.pk), *map(str, exclude)},
        category=source.category(product),
    )
    picks = shelf.fill(view, candidates)
    seed_attributes = source.attributes(product)
    items = []
    for position, pick in enumerate(picks, start=1):
        if pick.place is None or candidates is None or row is None:
            items.append(_fallback(view, pick.product, position))
            continue
        parts = candidates.parts_of(pick.place)
        leading = explaining.leading_source(parts)
        cosines = _cosines(view, row, int(candidates.rows[pick.place])) if leading is Source.VISUAL else {}
        reason = explaining.similar_reason(leading, seed_attributes, source.attributes(pick.product), cosines)
        score = float(candidates.scores[pick.place])
        card, match = source.card(pick.product), _match(view, "match", score)
        items.append(Recommended(pick.product, card, score, parts, leading, reason, position, match))
    return RecommendedList(items, view.snapshot.pk if view.snapshot else None)


@measuring.shelf("for_you")
def for_you(visitor: Visitor | None, *, k: int | None = None, exclude: Collection[Any] = ()) -> RecommendedList:
    """Products for a visitor from the visitor's last events; what is popular for somebody unknown.

    Products that the visitor has seen, put into the basket or bought are left out: a shelf is for what is new to them.
    """
    view = serving.current()
    source = get_source()
    events = interactions.recent(visitor, settings.VISITOR_MAX_EVENTS) if visitor is not None else []
    seeds, weights = _visitor_rows(view, events)
    rows = _visitor_candidates(view, seeds, weights)
    scored = hybrid.for_you(view.catalogue, seeds, weights, rows) if seeds.size else None
    candidates = _ranked(view, scored, settings.NEWCOMER_EVERY) if scored is not None else None
    known = {event.product_key for event in events}
    shelf = _Shelf(k or settings.SHELF_SIZE, excluded=known | set(map(str, exclude)))
    picks = shelf.fill(view, candidates)
    items = []
    for position, pick in enumerate(picks, start=1):
        if pick.place is None or candidates is None:
            items.append(_fallback(view, pick.product, position))
            continue
        parts = candidates.parts_of(pick.place)
        reason = explaining.visitor_reason(parts, "")
        score = float(candidates.scores[pick.place])
        card, match = source.card(pick.product), _match(view, "visitor_match", score)
        items.append(Recommended(pick.product, card, score, parts, Source.FOR_YOU, reason, position, match))
    return RecommendedList(items, view.snapshot.pk if view.snapshot else None)


@measuring.shelf("trending")
def trending(*, k: int | None = None, exclude: Collection[Any] = ()) -> RecommendedList:
    """What is popular now, then what is new."""
    view = serving.current()
    picks = _Shelf(k or settings.SHELF_SIZE, excluded=set(map(str, exclude))).fill(view, None)
    items = [_fallback(view, pick.product, position) for position, pick in enumerate(picks, start=1)]
    return RecommendedList(items, view.snapshot.pk if view.snapshot else None)


class _Shelf:
    """Fills k places: one product a family, none of the excluded, available ones only.

    Products of the wanted category come first; others wait in reserve and fill what is left, before what is popular.
    """

    def __init__(self, k: int, *, excluded: set[str], families: Collection[str] = (), category: str = "") -> None:
        self.k = k
        self.excluded = excluded
        self.families = set(families)
        self.category = category
        self.picks: list[_Pick] = []
        self.reserve: list[_Pick] = []

    def fill(self, view: Serving, candidates: _Candidates | None) -> list[_Pick]:
        """Picks from the candidates first, then from what is popular, then from what is new."""
        if candidates is not None:
            indexed = [(key, index) for index, key in enumerate(candidates.keys) if key not in self.excluded]
            self._take_in_chunks(indexed)
            self._use_reserve()
        if len(self.picks) < self.k:
            self._take_in_chunks([(key, None) for key in _popular(view) if key not in self.excluded][:_TRENDING_POOL])
        if len(self.picks) < self.k:
            newest = get_source().queryset().filter(get_source().available()).order_by("-pk")
            self._take((product, None) for product in newest[: settings.CANDIDATES])
        self._use_reserve()
        return self.picks

    def _take_in_chunks(self, keyed: Sequence[tuple[str, int | None]]) -> None:
        """The best candidates by one card query, and by one more for twice as many when filters took too many."""
        start = 0
        for size in (settings.CANDIDATES, len(keyed)):
            chunk = keyed[start : start + size]
            if len(self.picks) >= self.k or not chunk:
                return
            found = _available([key for key, _ in chunk])
            self._take((found[key], index) for key, index in chunk if key in found)
            start += size

    def _take(self, found: Iterator[tuple[Any, int | None]]) -> None:
        source = get_source()
        for product, place in found:
            if len(self.picks) >= self.k:
                return
            if self.category and source.category(product) != self.category:
                self.reserve.append(_Pick(product, place))
            else:
                self._pick(_Pick(product, place))

    def _use_reserve(self) -> None:
        reserve, self.reserve = self.reserve, []
        for pick in reserve:
            if len(self.picks) < self.k:
                self._pick(pick)

    def _pick(self, pick: _Pick) -> None:
        family = get_source().family(pick.product)
        if str(pick.product.pk) not in self.excluded and family not in self.families:
            self.families.add(family)
            self.picks.append(pick)


def _available(keys: list[str]) -> dict[str, Any]:
    source = get_source()
    products = source.queryset().filter(source.available(), pk__in=keys)
    return {str(product.pk): product for product in products}


def _ranked(view: Serving, scored: hybrid.Scored, newcomer_every: int = 0) -> _Candidates:
    events = view.catalogue.events
    is_new = np.zeros(scored.rows.shape, bool) if events is None else np.asarray(events[scored.rows] == 0)
    order = with_newcomers(scored.scores, is_new, settings.NEIGHBOURS, newcomer_every)
    rows = scored.rows[order]
    return _Candidates(view.keys(rows), rows, scored.scores[order], scored.signals, scored.parts[:, order])


def _similar_rows(view: Serving, row: int) -> Int32:
    rows = view.alive(np.concatenate([view.lookalikes(row), hybrid.similar_candidates(view.catalogue, row)]))
    return np.asarray(rows[rows != row], np.int32)


def _visitor_rows(view: Serving, events: list[Event]) -> tuple[Int32, Float32]:
    """The rows that a visitor's events touch and their weights, recent ones heavier; refunds cancel purchases."""
    known = [(row, event) for event in events if (row := view.row(event.product_key)) is not None]
    if not known:
        return np.empty(0, np.int32), np.empty(0, np.float32)
    now = timezone.now()
    return visitor_weights(
        rows=np.array([row for row, _ in known], np.int32),
        kind_weights=np.array([settings.EVENT_WEIGHTS.get(event.kind, 0.0) for _, event in known], np.float32),
        ages_days=np.array([(now - event.occurred_at).total_seconds() / 86_400 for _, event in known], np.float32),
        quantities=np.array([event.quantity for _, event in known], np.float32),
        half_life_days=settings.EVENT_HALF_LIFE_DAYS,
        half_life_products=settings.VISITOR_HALF_LIFE_PRODUCTS,
    )


def _visitor_candidates(view: Serving, rows: Int32, weights: Float32) -> Int32:
    past = history(rows, weights)
    fresh = [view.lookalikes(row) for row in past.seeds.tolist()]
    return view.alive(np.concatenate([hybrid.visitor_candidates(view.catalogue, past), *fresh]))


def _popular_rows(view: Serving) -> Int32:
    trend = view.base.trend
    if trend is None or not len(trend):
        return np.empty(0, np.int32)
    best = ranking.top_k(np.asarray(trend), min(_TRENDING_POOL, len(trend)))
    popular: Int32 = best[trend[best] > 0].astype(np.int32)
    return popular[~np.isin(popular, view.gone)]


def _popular(view: Serving) -> list[str]:
    return view.keys(_popular_rows(view))


def _cosines(view: Serving, row: int, other: int) -> dict[str, float]:
    """How alike two products look, block by block."""
    vectors, blocks = view.catalogue.vectors, view.catalogue.blocks
    if vectors is None:
        return {}
    values = block_cosines(vectors, blocks, row, np.array([other], np.int32))[:, 0]
    return {block.name: float(value) for block, value in zip(blocks, values, strict=True)}


def _match(view: Serving, name: str, score: float) -> float:
    """How a shopper reads a score; the score itself before the first snapshot has measured it."""
    calibration = view.catalogue.calibrations.get(name)
    return score if calibration is None else float(calibration.apply(np.array([score], np.float32))[0])


def _fallback(view: Serving, product: Any, position: int) -> Recommended:
    """A product that fills a shelf: its score is its place among all products by popularity; 0 when it has none."""
    row = view.row(product.pk)
    trend, calibration = view.base.trend, view.base.calibrations.get("trend")
    score = 0.0
    if trend is not None and calibration is not None and row is not None and row < len(trend) and trend[row] > 0:
        score = float(calibration.apply(np.asarray(trend[row : row + 1]))[0])
    source = Source.TRENDING if score else Source.NEWEST
    parts = {"trend": score} if score else {}
    reason = explaining.fallback_reason(source)
    return Recommended(product, get_source().card(product), score, parts, source, reason, position)
