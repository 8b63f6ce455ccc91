"""Which products may have a place on a shelf at all: in stock, of which brand and category, at which price."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

import numpy as np
from django.db.models import Q

from recommender.core.shelf import UNKNOWN
from recommender.core.types import Bool, Int64
from recommender.sources import ProductSource

PRICE = "price"
"""The measure of `ProductSource.measures` by which the database finds products of a price."""


class Kept(NamedTuple):
    """One limit on a group.

    Attributes:
        column: FAMILY, CATEGORY or BRAND of `core.shelf`.
        codes: of `services.grouping`.
        inside: whether products must be of one of these groups, or must not.
    """

    column: int
    codes: frozenset[int]
    inside: bool

    def holds(self, code: int) -> bool:
        """Whether a product of this group may be shown."""
        return (code in self.codes) == self.inside


@dataclass(frozen=True)
class Terms:
    """The terms of a shelf; those made without arguments ask for nothing but that a product is available.

    Attributes:
        groups: limits on brand and category.
        price_from: the lowest price, in the shop's currency; None for any.
        price_to: the highest.
        in_stock: whether only what can be bought now is shown, or all that visitors may see.
    """

    groups: tuple[Kept, ...] = ()
    price_from: Decimal | None = None
    price_to: Decimal | None = None
    in_stock: bool = True

    @property
    def is_blind(self) -> bool:
        """Whether a shelf cannot be planned on what the view knows: prices are the database's to tell."""
        return self.price_from is not None or self.price_to is not None

    def condition(self, source: ProductSource) -> Q:
        """What the database can tell, as a filter on `source.queryset()`; prices where the shop names their lookup."""
        condition = source.available() if self.in_stock else source.visible()
        lookup = source.measures().get(PRICE)
        if lookup and self.price_from is not None:
            condition &= Q(**{f"{lookup}__gte": self.price_from})
        if lookup and self.price_to is not None:
            condition &= Q(**{f"{lookup}__lte": self.price_to})
        return condition

    def allow(self, groups: Int64) -> Bool:
        """Which products may fit by what the view knows: bool, shape (m,); an unknown group may be any.

        Args:
            groups: codes of family, category and brand, int64, shape (m, 3).
        """
        allowed = np.ones(groups.shape[0], bool)
        for limit in self.groups:
            column = groups[:, limit.column]
            allowed &= (np.isin(column, list(limit.codes)) == limit.inside) | (column == UNKNOWN)
        return allowed

    def accept(self, codes: tuple[int, int, int]) -> bool:
        """Whether a product that was read just now, and has these groups, fits."""
        return all(limit.holds(codes[limit.column]) for limit in self.groups)
