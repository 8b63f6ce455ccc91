"""Where a shelf stands and for whom: what its page has at hand, what the visitor did, and what follows from it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Any

import numpy as np

from recommender.conf import settings
from recommender.core.shelf import BRAND, CATEGORY, UNKNOWN
from recommender.core.types import Int32
from recommender.exceptions import UnknownProductError
from recommender.models import Placement, Visitor
from recommender.services import past
from recommender.services.grouping import category_code, group_codes
from recommender.services.shelving import Shelf
from recommender.services.terms import Kept, Terms
from recommender.services.viewing import Serving
from recommender.sources import get_source, parse_product_key
from recommender.storage import interactions
from recommender.storage.interactions import Event

MOST_SEEDS = 10
"""Products of a page from which a shelf starts: more cost time and change nothing that a shopper would see."""


_MOST_KEYS = 50


@dataclass(frozen=True)
class Context:
    """What a page has at hand; whatever it lacks, it leaves out.

    Attributes:
        product: the product that the page is about.
        product_key: its key, where only that is known: the product is then read along with the cards.
        basket: keys of the products in the basket, or in the order that the page shows; last put in, last.
        visitor: who looks.
        category: the category that the page lists, as `ProductSource.category` names it.
        exclude: keys of products not to show.
    """

    product: Any = None
    product_key: Any = None
    basket: Sequence[Any] = ()
    visitor: Visitor | None = None
    category: str = ""
    exclude: Collection[Any] = ()


class Situation:
    """A placement in its context, with the shelf that its strategies fill.

    Attributes:
        view: the catalogue.
        placement: what the shop wants here.
        context: what the page has.
        seeds: keys of the page's products.
        shelf: the places.
    """

    def __init__(self, view: Serving, placement: Placement, context: Context, k: int | None) -> None:
        self.view, self.placement, self.context = view, placement, context
        own = context.product.pk if context.product is not None else context.product_key
        basket = [str(key) for key in dict.fromkeys(context.basket)][-MOST_SEEDS:]
        self.seeds = [str(own)] if own is not None else basket
        self.shelf = self._shelf(k or placement.length)

    @cached_property
    def events(self) -> list[Event]:
        """What the visitor did, newest first; asked for once, and only by what needs it."""
        visitor = self.context.visitor
        return interactions.recent(visitor, settings.VISITOR_MAX_EVENTS) if visitor is not None else []

    @property
    def is_personal(self) -> bool:
        """Whether another visitor may be shown something else: the history was looked at, or what was dismissed."""
        return self.context.visitor is not None and ("events" in self.__dict__ or self.placement.leave_out_dismissed)

    @cached_property
    def seed_rows(self) -> Int32:
        """Rows of the page's products that the catalogue knows, int32."""
        rows = [row for key in self.seeds if (row := self.view.row(key)) is not None]
        return np.array(rows, np.int32)

    @cached_property
    def sold_out(self) -> list[str]:
        """Keys of the page's products that cannot be bought now; one query."""
        source = get_source()
        products = source.queryset().prefetch_related(None).order_by().filter(source.available(), pk__in=self.seeds)
        there = {str(key) for key in products.values_list("pk", flat=True)}
        return [key for key in self.seeds if key not in there]

    @cached_property
    def seed_products(self) -> list[Any]:
        """The page's products; read where only their keys are known."""
        if self.context.product is not None:
            return [self.context.product]
        source = get_source()
        products = source.queryset().prefetch_related(None).order_by()
        return list(products.filter(source.visible(), pk__in=self.seeds)) if self.seeds else []

    def _shelf(self, k: int) -> Shelf:
        """The shelf with its exclusions and terms; it reads the product of a key along with the first cards."""
        placement, context = self.placement, self.context
        basket = {str(key) for key in context.basket}
        left_out = {str(key) for key in context.exclude}
        owned: set[str] = set()
        if placement.leave_out_basket:
            owned |= basket or (past.in_basket(self.events) if context.visitor is not None else set())
        if placement.leave_out_bought:
            owned |= past.bought(self.events)
        if placement.leave_out_seen:
            left_out |= past.seen(self.events)
        shelf = Shelf(
            self.view,
            k,
            exclude=left_out | owned | set(self.seeds),
            owned=owned,
            seed=context.product,
            seed_key=context.product_key if context.product is None else None,
            visitor=context.visitor if placement.leave_out_dismissed else None,
            terms=self._terms(),
            diversity=placement.diversity,
            placement=placement.slug,
        )
        if context.category:
            shelf.belong_to_category(context.category)
        return shelf

    def _terms(self) -> Terms:
        placement = self.placement
        match = Placement.Match
        wanted = ((CATEGORY, match(placement.category)), (BRAND, match(placement.brand)))
        limits = []
        for column, how in wanted:
            codes = self._codes(column) if how != match.ANY else frozenset()
            if codes:
                limits.append(Kept(column, codes, how == match.SAME))
        low, high = self._prices()
        return Terms(tuple(limits), low, high, placement.in_stock)

    def _codes(self, column: int) -> frozenset[int]:
        """The groups of the page's products, or the category that it lists."""
        if column == CATEGORY and self.context.category:
            return frozenset({category_code(self.context.category)})
        source = get_source()
        codes = np.array([group_codes(source, product) for product in self.seed_products], np.int64).reshape(-1, 3)
        return frozenset(np.unique(codes[:, column]).tolist()) - {UNKNOWN}

    def _prices(self) -> tuple[Decimal | None, Decimal | None]:
        """The band of prices, relative to those of the page's products; open where none of them has a price."""
        low, high = self.placement.price_from_percent, self.placement.price_to_percent
        if low is None and high is None:
            return None, None
        prices = sorted(self._seed_prices())
        if not prices:
            return None, None
        return (
            None if low is None else prices[0] * low / 100,
            None if high is None else prices[-1] * high / 100,
        )

    def _seed_prices(self) -> list[Decimal]:
        source = get_source()
        lookup = source.measures().get("price")
        if not lookup or not self.seeds:
            return []
        products = source.queryset().prefetch_related(None).order_by()
        values = products.filter(pk__in=self.seeds).values_list(lookup, flat=True)
        return [Decimal(value) for value in values if value is not None]


def product_keys(text: str) -> list[Any]:
    """The keys in a list joined by commas, as an address carries it; at most 50, and none that no product can have."""
    keys = []
    for part in text.split(",")[:_MOST_KEYS]:
        with suppress(UnknownProductError):
            if part.strip():
                keys.append(parse_product_key(part.strip()))
    return keys
