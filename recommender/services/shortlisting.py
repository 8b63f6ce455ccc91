"""The candidates of a visitor's shelf: which products are worth a place, and whom they owe it to."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from django.utils import timezone

from recommender.conf import settings
from recommender.core import hybrid, influence
from recommender.core.hybrid import Scored
from recommender.core.newcomers import FIRST
from recommender.core.types import Float32, Int32, Int64
from recommender.core.visitor_signals import History, fold_in, history
from recommender.core.weighting import visitor_weights
from recommender.models import InteractionKind
from recommender.services.configuring import half_life_days
from recommender.services.rulebook import Called
from recommender.services.viewing import Serving, joined
from recommender.storage.interactions import Event

_NAMED = 3
"""At most so many of a visitor's products are read to be named in reasons: each costs as much as a card."""

_TELLING = (InteractionKind.PURCHASE, InteractionKind.CART, InteractionKind.FAVOURITE)
"""Kinds of events that say more than a look, most telling first."""


@dataclass(frozen=True)
class Shortlist:
    """A visitor's candidates, best first.

    Attributes:
        view: what they were scored on.
        past: the visitor's products.
        scored: the candidates.
        kinds: row of a visitor's product -> the most telling thing the visitor did with it.
        listed: how many candidates are there on their merit; those after them were called by rules.
    """

    view: Serving
    past: History
    scored: Scored
    kinds: dict[int, str]
    listed: int
    _judged: dict[int, int] = field(default_factory=dict)

    def without(self, rows: Int32) -> Shortlist:
        """The candidates that are none of these rows."""
        kept = ~np.isin(self.scored.rows, rows)
        scored = self.scored
        left = Scored(scored.rows[kept], scored.scores[kept], scored.signals, scored.parts[:, kept])
        return Shortlist(self.view, self.past, left, self.kinds, int(kept[: self.listed].sum()))

    def causes(self, positions: Int64) -> dict[int, int]:
        """Position -> row of the visitor's product that the candidate owes its place to, where one dominates."""
        unknown = np.array([position for position in positions.tolist() if position not in self._judged], np.int64)
        if unknown.size:
            self._judged.update(dict.fromkeys(unknown.tolist(), -1) | self._judge(unknown))
        return {position: row for position in positions.tolist() if (row := self._judged[position]) >= 0}

    def _judge(self, positions: Int64) -> dict[int, int]:
        leading = {name: self._led_by(name, positions) for name in ("affinity", "collaborative")}
        found: dict[int, int] = {}
        for name, judge in (("affinity", influence.by_looks), ("collaborative", influence.by_behaviour)):
            rows = self.scored.rows[leading[name]]
            causes = judge(self.view.catalogue, self.past, rows) if rows.size else rows
            pairs = zip(leading[name].tolist(), causes.tolist(), strict=True)
            found |= {position: row for position, row in pairs if row >= 0 and row != int(self.scored.rows[position])}
        return found

    def named(self, positions: Int64) -> list[str]:
        """Keys of the visitor's products that most of these candidates owe their place to."""
        common = Counter(self.causes(positions).values()).most_common(_NAMED)
        return self.view.keys(np.array([row for row, _ in common], np.int32))

    def _led_by(self, name: str, positions: Int64) -> Int64:
        if name not in self.scored.signals or not positions.size:
            return np.zeros(0, np.int64)
        leading = self.scored.parts[:, positions].argmax(axis=0)
        return np.asarray(positions[leading == self.scored.signals.index(name)])


def shortlist(view: Serving, events: list[Event], k: int, *, called: Called = ()) -> Shortlist | None:
    """The candidates of a visitor with these events, newest first, for k places, then those that rules call for.

    None when no event touches a known product.
    """
    rows_of = view.rows(event.product_key for event in events).tolist()
    known = [(row, event) for row, event in zip(rows_of, events, strict=True) if row >= 0]
    if not known:
        return None
    rows, weights = _weighted(known, half_life_days(view.snapshot))
    past = fold_in(view.catalogue, history(rows, weights))
    if not past.seeds.size:
        return None
    found = [hybrid.visitor_candidates(view.catalogue, past)]
    if view.fresh_rows.size:  # else the snapshot's own lists hold all look-alikes
        found += [view.lookalikes(row, hybrid.listed_each(past)) for row in past.seeds.tolist()]
    candidates = view.alive(np.concatenate(found))
    every = settings.NEWCOMER_EVERY if k > FIRST else 0
    scored = view.ranked(hybrid.for_history(view.catalogue, past, candidates), every)
    listed = scored.rows.size
    if called:
        scored = joined(scored, hybrid.for_history(view.catalogue, past, view.called(called, scored.rows)))
    kinds: dict[int, str] = {}
    for row, event in known:
        if _told(event.kind) < _told(kinds.get(row, "")):
            kinds[row] = event.kind
    return Shortlist(view, past, scored, kinds, listed)


def _weighted(known: list[tuple[int, Event]], half_life: float) -> tuple[Int32, Float32]:
    """The rows that events touch and their weights, recent ones heavier; refunds cancel purchases."""
    now = timezone.now()
    return visitor_weights(
        rows=np.array([row for row, _ in known], np.int32),
        kind_weights=np.array([settings.EVENT_WEIGHTS.get(event.kind, 0.0) for _, event in known], np.float32),
        ages_days=np.array([(now - event.occurred_at).total_seconds() / 86_400 for _, event in known], np.float32),
        quantities=np.array([event.quantity for _, event in known], np.float32),
        half_life_days=half_life,
        half_life_products=settings.VISITOR_HALF_LIFE_PRODUCTS,
    )


def _told(kind: str) -> int:
    return _TELLING.index(InteractionKind(kind)) if kind in _TELLING else len(_TELLING)
