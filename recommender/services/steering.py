"""The merchandising rules of one shelf, asked about its candidates: what the view knows first, then what was read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from recommender.core.merchandising import Rules, Steered, allowance, steer
from recommender.core.shelf import CATEGORY, FAMILY, Places, of_category
from recommender.core.types import Bool, Float32, Int32, Int64
from recommender.services.rulebook import Action, CompiledRule, Target
from recommender.services.viewing import Serving
from recommender.sources import get_source


class Steering:
    """The rules that apply to one shelf of k places.

    Attributes:
        rules: all of them, the oldest first.
        pins: those that pin, the first place first.
        called: those whose products must be among the candidates, in a fixed order.
    """

    def __init__(self, view: Serving, rules: tuple[CompiledRule, ...], k: int) -> None:
        self.rules = rules
        self.pins = sorted((rule for rule in rules if rule.action == Action.PIN), key=lambda rule: rule.place)
        self.called = tuple(rule for rule in rules if rule.action in (Action.PIN, Action.BOOST))
        self._view, self._source = view, get_source()
        self._excluding = [rule for rule in rules if rule.action == Action.EXCLUDE]
        self._moving = [rule for rule in rules if rule.action in (Action.BOOST, Action.BURY)]
        self._core = Rules(
            np.array([rule.action == Action.BOOST for rule in self._moving], bool),
            np.array([rule.strength for rule in self._moving], np.float32),
            [allowance(rule.share, k) for rule in self._moving],
        )

    def excluded(self, rows: Int32, groups: Int64) -> Bool:
        """Which candidates must not be shown, as far as the view knows, bool, shape (m,)."""
        hidden = np.zeros(rows.size, bool)
        for rule in self._excluding:
            hidden |= self._view.means(rule, rows, groups)
        return hidden

    def excludes(self, product: Any) -> bool:
        """Whether a product must not be shown, as the product is now."""
        return any(rule.means(self._source, product) for rule in self._excluding)

    def buries(self, product: Any) -> bool:
        """Whether a product is buried, as the product is now."""
        return any(rule.action == Action.BURY and rule.means(self._source, product) for rule in self._moving)

    def hits(self, rows: Int32, groups: Int64) -> Bool:
        """Which boost or bury means which candidate, as far as the view knows, bool, shape (r, m)."""
        found = [self._view.means(rule, rows, groups) for rule in self._moving]
        return np.array(found, bool).reshape(len(found), rows.size)

    def live_hits(self, hits: Bool, found: Mapping[int, Any]) -> Bool:
        """The hits, with those of the products that were read as these are now."""
        if not self._moving:
            return hits
        live = hits.copy()
        for position, product in found.items():
            live[:, position] = [rule.means(self._source, product) for rule in self._moving]
        return live

    def confirms(self, hits: Bool, position: int, product: Any) -> bool:
        """Whether a product that was read is meant by the rules that were expected to mean it.

        What follows from its key and its groups is not looked at again.
        """
        return all(
            rule.means(self._source, product) == bool(hit[position])
            for rule, hit in zip(self._moving, hits, strict=True)
            if rule.target == Target.ATTRIBUTE
        )

    def steered(
        self,
        merit: Places,
        scores: Float32,
        groups: Int64,
        hits: Bool,
        free: Bool,
        *,
        category: int,
        k: int,
        budget: int,
        spent: Mapping[CompiledRule, int],
    ) -> Steered:
        """`core.merchandising.steer` for these candidates.

        Args:
            merit: their order without rules.
            scores: float32, shape (m,).
            groups: codes, int64, shape (m, 3).
            hits: as `hits` has it.
            free: which may be lifted into the order, bool, shape (m,).
            category: the wanted one.
            k: the places that are left.
            budget: how many of them may still be promoted.
            spent: how many places each rule has promoted already.
        """
        wanted = of_category(groups[:, CATEGORY], category)
        most = [n - spent.get(rule, 0) for rule, n in zip(self._moving, self._core.most, strict=True)]
        rules = self._core._replace(most=most)
        return steer(merit, scores, groups[:, FAMILY], wanted, rules, hits, k=k, budget=budget, free=free)

    def mover(self, steered: Steered, position: int) -> CompiledRule | None:
        """The rule that moved a candidate."""
        rule = steered.rules.get(position)
        return None if rule is None else self._moving[rule]
