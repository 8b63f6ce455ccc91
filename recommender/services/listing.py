"""From the picks of a shelf to the list that a page, an app or the admin shows: scores, matches, sources, reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from django.utils import timezone

from recommender.core.hybrid import Scored
from recommender.core.merchandising import pinned
from recommender.core.types import Float32, Int64
from recommender.models import Strategy
from recommender.services import explaining, recommendation_ids
from recommender.services.explaining import Source
from recommender.services.pinning import Pick
from recommender.services.recommendation_ids import Served
from recommender.services.rulebook import CompiledRule
from recommender.services.viewing import Serving
from recommender.sources import Card, get_source


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
        strategy: what brought it here, a value of `Strategy`.
        is_fallback: whether it only fills a place that what the shelf is for left free.
        promoted: whether it stands where it stands for a merchandising rule's sake.
        rule: the rule that moved it, up or down; None for one that stands where its merit put it.
    """

    product: Any
    card: Card
    score: float
    parts: dict[str, float]
    source: Source
    reason: str
    position: int
    match: float | None = None
    strategy: str = ""
    is_fallback: bool = False
    promoted: bool = False
    rule: CompiledRule | None = None

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
        strategy: what made the list; of a placement, what has the first place.
        placement: the named spot that it is for.
        seconds: how long it took to make.
        title: the heading of its placement in the active language; empty for none.
        is_personal: whether it may be another one for another visitor, so that nobody else may be shown it.
    """

    items: Sequence[Recommended] = ()
    snapshot_id: int | None = None
    strategy: str = ""
    placement: str = ""
    seconds: float = 0.0
    title: str = ""
    is_personal: bool = False

    @cached_property
    def id(self) -> str:
        """What later events refer to (`services.recommendation_ids`)."""
        runs = recommendation_ids.runs_of((item.strategy, item.is_fallback) for item in self.items)
        milliseconds = round(1000 * self.seconds)
        return recommendation_ids.write(Served(self.placement, runs, self.snapshot_id, timezone.now(), milliseconds))

    def at(self, placement: str) -> RecommendedList:
        """The same list for this spot."""
        return replace(self, placement=placement)


class Why(NamedTuple):
    """Where a product comes from, and the sentence that says so."""

    source: Source
    reason: str


@dataclass(frozen=True)
class Origin:
    """What picks were chosen from.

    Attributes:
        strategy: what they were chosen by.
        scored: the candidates that their positions refer to; None when they have none.
        match: the calibration by which a shopper reads their scores.
        reasons: position -> source and sentence.
        why: source and sentence of picks without a position; what is popular or new when None.
    """

    strategy: Strategy
    scored: Scored | None = None
    match: str = ""
    reasons: Mapping[int, Why] = field(default_factory=dict)
    why: Why | None = None


def listed(view: Serving, picks: Sequence[Pick], origin: Origin | None = None) -> RecommendedList:
    """The picks as a list of their own; those without an origin fill it."""
    return RecommendedList(placed(picks, entries(view, picks, origin)), snapshot_id(view))


def snapshot_id(view: Serving) -> int | None:
    """The snapshot that a view is made from."""
    return view.snapshot.pk if view.snapshot else None


def entries(view: Serving, picks: Sequence[Pick], origin: Origin | None = None, first: int = 1) -> list[Recommended]:
    """The picks as they are shown.

    Args:
        view: what they come from.
        picks: in the order of their places.
        origin: what they were chosen from; without, all of them are fallbacks.
        first: the place of the first.
    """
    scored = origin.scored if origin is not None else None
    found = positions(picks)
    scores = scored.scores[found] if scored is not None else np.zeros(0, np.float32)
    matches = _matches(view, origin.match if origin else "", scores)
    figures = dict(zip(found.tolist(), zip(scores.tolist(), matches, strict=True), strict=True)) if found.size else {}
    items = []
    for place, pick in enumerate(picks, start=first):
        if pick.position is None or scored is None or origin is None:
            items.append(_steered(pick, _unscored(view, pick.product, place, origin)))
            continue
        (score, share), why = figures[pick.position], origin.reasons[pick.position]
        own, card = parts(scored, pick.position), get_source().card(pick.product)
        item = Recommended(pick.product, card, score, own, why.source, why.reason, place, share, origin.strategy.value)
        items.append(_steered(pick, item))
    return items


def placed(picks: Sequence[Pick], items: Sequence[Recommended]) -> list[Recommended]:
    """All items of a shelf in the order of their places: those that are pinned where they are pinned."""
    pins = {pick.place: item for pick, item in zip(picks, items, strict=True) if pick.place is not None}
    if not pins:
        return list(items)
    others = [item for pick, item in zip(picks, items, strict=True) if pick.place is None]
    return [replace(item, position=position) for position, item in enumerate(pinned(others, pins, len(picks)), start=1)]


def _steered(pick: Pick, item: Recommended) -> Recommended:
    """The item with what rules did to it; one that they promoted does not pretend to be there on its merit."""
    if pick.rule is None:
        return item
    if not pick.promoted:
        return replace(item, rule=pick.rule)
    reason = explaining.promoted_reason()
    return replace(item, rule=pick.rule, promoted=True, source=Source.PROMOTED, reason=reason, is_fallback=False)


def positions(picks: Sequence[Pick]) -> Int64:
    """Positions of the picks that were candidates, in the order of their places."""
    return np.array([pick.position for pick in picks if pick.position is not None], np.int64)


def parts(scored: Scored, position: int) -> dict[str, float]:
    """What each signal adds to a candidate's score."""
    return dict(zip(scored.signals, scored.parts[:, position].tolist(), strict=True))


def _matches(view: Serving, name: str, scores: Float32) -> list[float]:
    """How a shopper reads scores; the scores themselves before the first snapshot has measured them."""
    calibration = view.catalogue.calibrations.get(name)
    matches: list[float] = (scores if calibration is None else calibration.apply(scores)).tolist()
    return matches


def _unscored(view: Serving, product: Any, place: int, origin: Origin | None) -> Recommended:
    """A product without a score of its own: its score is its place among all by popularity; 0 when it has none."""
    row = view.row(product.pk)
    score = 0.0 if row is None else float(view.trends(np.array([row], np.int32))[0])
    own = {"trend": score} if score else {}
    card = get_source().card(product)
    if origin is not None and origin.why is not None:
        why = origin.why
        return Recommended(product, card, score, own, why.source, why.reason, place, None, origin.strategy.value)
    source = Source.TRENDING if score else Source.NEWEST
    reason = explaining.fallback_reason(source)
    strategy = Strategy.TRENDING if score else Strategy.NEW_ARRIVALS
    filler = origin is None or origin.strategy not in (Strategy.TRENDING, Strategy.NEW_ARRIVALS)
    return Recommended(product, card, score, own, source, reason, place, None, strategy.value, filler)
