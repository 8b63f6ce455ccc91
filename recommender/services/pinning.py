"""Pinned products of one shelf: hoped for while the shelf is planned, settled when they were read."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

import numpy as np

from recommender.conf import settings
from recommender.core.merchandising import allowance, slots
from recommender.core.shelf import FAMILY, UNKNOWN
from recommender.core.types import Int32
from recommender.services.grouping import group_codes
from recommender.services.rulebook import CompiledRule
from recommender.services.steering import Steering
from recommender.services.viewing import Serving
from recommender.sources import get_source


class Pick(NamedTuple):
    """A product with a place on the shelf.

    Attributes:
        product: the shop's own instance.
        position: among the candidates; None for a fallback.
        rule: the merchandising rule that moved it.
        promoted: whether it stands where it stands for that rule's sake (`core.merchandising`).
        place: where it is pinned, 0-based; None for one that stands where its turn comes.
    """

    product: Any
    position: int | None
    rule: CompiledRule | None = None
    promoted: bool = False
    place: int | None = None


class Pins:
    """The pins of a shelf of k places that are not settled yet: no more than may be promoted, one a family.

    Attributes:
        steering: the rules that apply.
        hoped: product key -> its rule, the first place first.
        families: those of these products, as far as the view knows them.
    """

    def __init__(
        self, view: Serving, steering: Steering, k: int, excluded: Collection[str], families: Collection[int]
    ) -> None:
        self.steering, self._view, self._k = steering, view, k
        self.hoped: dict[str, CompiledRule] = {}
        self.families: set[int] = set()
        most = allowance(settings.PROMOTED_SHARE, k)
        for rule in steering.pins:
            family = self._family(rule.product_key)
            is_new = rule.product_key not in excluded and rule.product_key not in self.hoped
            if not is_new or rule.place >= k or len(self.hoped) >= most:
                continue
            if family == UNKNOWN or family not in {*families, *self.families}:
                self.hoped[rule.product_key] = rule
                self.families |= {family} - {UNKNOWN}

    def settle(
        self, keys: Collection[str], read: Mapping[str, Any], rows: Int32, families: Collection[int]
    ) -> list[Pick]:
        """Those that were read, with their places; what was asked for in vain is given up.

        Args:
            keys: which were asked for.
            read: the products that may be shown, by key.
            rows: the candidates, to which the positions of picks refer.
            families: those that must not get a place.
        """
        asked = [self.hoped.pop(key) for key in keys if key in self.hoped]
        if asked:
            self.families = set()
        kept, own = [], set[int]()
        for rule in asked:
            product = read.get(rule.product_key)
            family = UNKNOWN if product is None else group_codes(get_source(), product)[FAMILY]
            if product is not None and family not in {*families, *own}:
                own.add(family)
                kept.append((rule, product))
        places = slots([rule.place for rule, _ in kept], self._k)
        return [
            Pick(product, self._position(rule.product_key, rows), rule, promoted=True, place=place)
            for place, (rule, product) in zip(places, kept, strict=True)
            if place >= 0
        ]

    def _position(self, key: str, rows: Int32) -> int | None:
        if (row := self._view.row(key)) is None:
            return None
        at = np.flatnonzero(rows == row)
        return int(at[0]) if at.size else None

    def _family(self, key: str) -> int:
        row = self._view.row(key)
        return UNKNOWN if row is None else int(self._view.groups(np.array([row], np.int32))[0, FAMILY])
