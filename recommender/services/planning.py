"""Plans the places of a shelf: candidates in the order in which they take them, by what the view and the rules say."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, NamedTuple

import numpy as np

from recommender.conf import settings
from recommender.core.merchandising import Steered
from recommender.core.shelf import BRAND, FAMILY, UNKNOWN, Places, Variety, arrange, one_of, vary
from recommender.core.types import Bool, Float32, Int32, Int64
from recommender.services.rulebook import CompiledRule
from recommender.services.steering import Steering
from recommender.services.terms import Terms
from recommender.services.viewing import Serving

SPARE = 3
"""Cards asked for beyond the places, for what has sold out since."""


class Pool(NamedTuple):
    """Candidates for the places that are left.

    Attributes:
        rows: in the order of merit, then those that are there only because rules call for them.
        scores: float32, in [0, 1].
        listed: how many are in the order of merit.
        scored: whether they were scored for this shelf; what is merely popular is not varied.
        groups: codes, int64, shape (m, 3).
        hits: which boost or bury means which candidate, bool, shape (r, m).
    """

    rows: Int32
    scores: Float32
    listed: int
    scored: bool
    groups: Int64
    hits: Bool


class Ground(NamedTuple):
    """What a plan rests on.

    Attributes:
        view: the catalogue.
        steering: the merchandising rules.
        variety: how varied the shelf is.
        codes_of: the codes of a product's family, category and brand as it is now.
        taken: the families that have a place, are hoped to get one, or must not.
        category: the one that comes first.
        free: the places that are left when all pins that are hoped for have theirs.
        budget: how many of them may still be promoted.
        spent: how many places each rule has promoted already.
    """

    view: Serving
    steering: Steering
    variety: Variety
    codes_of: Callable[[Any], tuple[int, int, int]]
    taken: set[int]
    category: int
    free: int
    budget: int
    spent: Mapping[CompiledRule, int]

    @property
    def firm(self) -> tuple[Any, ...]:
        """What must not have changed since for a plan to hold."""
        return self.taken, self.category, self.free, self.steering.rules

    def allowed(self, pool: Pool, terms: Terms, left_out: Collection[str]) -> Int64:
        """Positions of the candidates that fit the terms and are not left out by their key or by a rule."""
        excluded = (pool.rows[:, None] == self.view.rows(left_out)).any(axis=1)
        excluded |= self.steering.excluded(pool.rows, pool.groups)
        return np.flatnonzero(terms.allow(pool.groups) & ~excluded)

    def arranged(self, pool: Pool, candidates: Int64) -> Steered:
        """The candidates in the order of their places: by merit, varied where they have scores, then by the rules."""
        listed = candidates[candidates < pool.listed]
        places = arrange(pool.groups, families=self.taken, category=self.category, candidates=listed)
        best = places.order[: places.n_wanted][: self.variety.pool]
        if pool.scored and best.size:
            vectors = self.view.catalogue.vectors
            looks = None if vectors is None else np.asarray(vectors[pool.rows[best]], np.float32)
            mixed = vary(pool.scores[best], looks, pool.groups[best, BRAND], self.free, self.variety)
            places = Places(np.concatenate([best[mixed], places.order[best.size :]]), places.n_wanted)
        if not pool.hits.any():
            return Steered(places, {}, frozenset())
        welcome = np.zeros(pool.rows.size, bool)
        welcome[candidates] = ~np.isin(pool.groups[candidates, FAMILY], list(self.taken))
        return self.steering.steered(
            places,
            pool.scores,
            pool.groups,
            pool.hits,
            welcome,
            category=self.category,
            k=self.free,
            budget=self.budget,
            spent=self.spent,
        )

    def settled(self, pool: Pool, found: Mapping[int, Any]) -> Steered:
        """The places by what was read of the candidates."""
        groups, positions = self._live(pool.groups, found)
        hits = self.steering.live_hits(pool.hits, found)
        return self.arranged(pool._replace(groups=groups, hits=hits), positions)

    def confirmed(self, pool: Pool, order: Int64, found: Mapping[int, Any]) -> bool:
        """Whether these products were all found, with the groups and rules that were expected."""
        return all(
            (product := found.get(position)) is not None
            and self.codes_of(product) == tuple(expected)
            and self.steering.confirms(pool.hits, position, product)
            for position, expected in zip(order.tolist(), pool.groups[order].tolist(), strict=True)
        )

    def _live(self, groups: Int64, found: Mapping[int, Any]) -> tuple[Int64, Int64]:
        """The groups with those of the products that were found, as they are now, and the positions of these."""
        current = groups.copy()
        for position, product in found.items():
            current[position] = self.codes_of(product)
        return current, np.array(sorted(found), np.int64)


def variety(view: Serving, diversity: float) -> Variety:
    """How varied a shelf of this diversity, in [0, 1], is made."""
    # A vector of one block, such as colour alone, cannot tell a like picture from the same one.
    same_picture = settings.SAME_PICTURE if len(view.catalogue.blocks) > 1 else 1.0
    return Variety(1.0 - diversity, settings.BRAND_SHARE, same_picture, settings.CANDIDATES)


def falls_short(places: Places, plan: Places, free: int) -> bool:
    """Whether fewer places are taken, or fewer by the wanted category, than was planned."""
    return places.order.size < min(free, plan.order.size) or places.n_wanted < min(free, plan.n_wanted)


def to_ask(order: Int64, groups: Int64, allowed: Int64, free: int) -> Int64:
    """The first places, a few to spare, and for each place the next best of its family, which may replace it.

    Where families are not known, as many as `CANDIDATES`: some may prove to be of one family.
    """
    n = free + SPARE
    if (groups[order[:n], FAMILY] == UNKNOWN).any():
        n = max(n, settings.CANDIDATES)
    first = order[:n]
    left = without(allowed, order, groups.shape[0])
    variants = left[one_of(groups[left, FAMILY], groups[first[:free], FAMILY])]
    return np.concatenate([first, arrange(groups, candidates=variants).order])


def without(positions: Int64, taken: Int64, n: int) -> Int64:
    """Those of the positions, of n, that are not taken."""
    free = np.ones(n, bool)
    free[taken] = False
    return positions[free[positions]]
