"""Fills the places of a shelf: planned on what the view knows, then asked of the database, then settled on its answer.

Stock, visibility and groups are what the database says at this moment. The plan only keeps the question small: as many
cards as there are places, and a few to spare.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from django.db.models import Q

from recommender.conf import settings
from recommender.core.hybrid import Scored
from recommender.core.shelf import BRAND, FAMILY, UNKNOWN, Places, Variety, arrange, vary
from recommender.core.types import Float32, Int32, Int64
from recommender.exceptions import UnknownProductError
from recommender.models import Visitor
from recommender.services.grouping import NO_CATEGORY, category_code, group_codes
from recommender.services.terms import Terms
from recommender.services.viewing import Serving
from recommender.sources import get_source, prefetch
from recommender.storage import interactions

SPARE = 3
"""Cards asked for beyond the places, for what has sold out since."""

Beside = Callable[[Int64], Iterable[str]]
"""Which products, by key, a page names beside the candidates at these positions."""


class Pick(NamedTuple):
    """A product with a place on the shelf, and its position among the candidates; None for a fallback."""

    product: Any
    position: int | None


class Shelf:
    """k places: one product a family, none of the excluded, available ones only, those of the seed's category first.

    Nothing that the visitor dismissed gets a place, nor any variant of a product that is owned: who has a phone does
    not need it with more memory.

    Attributes:
        picks: the products, first place first.
        seed: the product that the shelf belongs to, if any; read with the cards when only its key is given.
        beside: products that were read only to be named, by key.
    """

    def __init__(
        self,
        view: Serving,
        k: int,
        *,
        exclude: Collection[Any] = (),
        owned: Collection[Any] = (),
        seed: Any = None,
        seed_key: Any = None,
        visitor: Visitor | None = None,
        terms: Terms | None = None,
        diversity: float | None = None,
    ) -> None:
        self.view, self.k, self.seed = view, k, seed
        self.terms = terms or Terms()
        self.picks: list[Pick] = []
        self.beside: dict[str, Any] = {}
        self._source = get_source()
        # Within the query for the cards: what a visitor dismissed is out at once, and asking costs no query of its own.
        self._unwanted = Q(pk__in=interactions.dismissed(visitor)) if visitor is not None else None
        self._variety = _variety(view, settings.DIVERSITY if diversity is None else diversity)
        self._seed_key = "" if seed_key is None else str(seed_key)
        self._excluded = {str(key) for key in exclude}
        self._families: set[int] = set()
        self._own_family = self._own_category = UNKNOWN
        self._any_category = False
        if seed is not None:
            self._excluded.add(str(seed.pk))
            self._belong_to(*group_codes(self._source, seed))
        elif self._seed_key:
            self._excluded.add(self._seed_key)
            row = view.row(self._seed_key)
            if row is not None:
                self._belong_to(*view.groups(np.array([row], np.int32))[0].tolist())
        rows = np.array([row for key in owned if (row := view.row(key)) is not None], np.int32)
        self._families |= set(view.groups(rows)[:, FAMILY].tolist()) - {UNKNOWN}

    def fill(self, candidates: Scored | None = None, beside: Beside | None = None) -> list[Pick]:
        """Picks from the candidates, best first, then from what is popular, then from what is new.

        Args:
            candidates: what is scored for this shelf, in order; may be missing.
            beside: what to read along with their cards.

        Raises:
            UnknownProductError: when the seed was given by its key and visitors may not look at it.
        """
        if candidates is not None:
            self.take(candidates.rows, candidates.scores, beside)
        self.take(self.view.popular)
        self.take_newest()
        return self.finished()

    @property
    def free(self) -> int:
        """How many places are left."""
        return self.k - len(self.picks)

    def belong_to_category(self, name: str) -> None:
        """Prefer products of this category, for a shelf that has no seed to tell it."""
        self._own_category = category_code(name)

    def finished(self) -> list[Pick]:
        """All picks, with what the host prefetches for cards; nothing is taken after it.

        Raises:
            UnknownProductError: as `fill`.
        """
        if self._seed_key:
            self._ask(np.zeros(0, np.int32), np.zeros(0, np.int64))
        prefetch(self._source, [pick.product for pick in self.picks])
        return self.picks

    def take(
        self,
        rows: Int32,
        scores: Float32 | None = None,
        beside: Beside | None = None,
        *,
        any_category: bool = False,
    ) -> list[Pick]:
        """The picks from these candidates for the places that are left.

        Args:
            rows: the candidates, best first.
            scores: theirs; without, their order stands and the picks have no position.
            beside: what to read along with their cards.
            any_category: whether candidates of another category are as welcome as those of the shelf's own.
        """
        before = len(self.picks)
        self._any_category = any_category
        self._fill_from(rows, scores, beside)
        self._any_category = False
        return self.picks[before:]

    def take_products(self, keys: Sequence[str], *, beside_family: bool = False) -> list[Pick]:
        """The picks from these products, in their order, whatever their category.

        Args:
            keys: of products, best first; at most `CANDIDATES` count.
            beside_family: whether they may be of a family that has a place already, or must not get one.
        """
        before = len(self.picks)
        wanted = [key for key in dict.fromkeys(keys) if key not in self._excluded][: settings.CANDIDATES]
        if self.free <= 0 or not wanted:
            return []
        condition = self._wanted() & Q(pk__in=wanted)
        found = {str(product.pk): product for product in self._products().filter(condition)}
        for product in (found[key] for key in wanted if key in found):
            if self.free <= 0:
                break
            codes = group_codes(self._source, product)
            is_welcome = beside_family or codes[FAMILY] not in self._families
            if is_welcome and self.terms.accept(codes):
                self._pick(product, None)
        return self.picks[before:]

    def take_newest(self) -> list[Pick]:
        """The picks from what is new in the shop."""
        before = len(self.picks)
        if self.free > 0:
            self._fill_with_newest()
        return self.picks[before:]

    def _products(self) -> Any:
        return self._source.queryset().prefetch_related(None).order_by()

    def _fill_from(self, rows: Int32, scores: Float32 | None, beside: Beside | None = None) -> None:
        free = self.free
        if free <= 0:
            return
        allowed = self._allowed(rows)
        groups = self.view.groups(rows)
        allowed = allowed[self.terms.allow(groups[allowed])]
        if not (allowed.size or self._seed_key):
            return
        plan = self._arranged(rows, scores, groups, allowed)
        asked = _to_ask(plan.order, groups, allowed, settings.CANDIDATES if self.terms.is_blind else free)
        known = set(self._families), self._category
        found = self._ask(rows, asked, beside(asked) if beside else ())
        confirmed = known == (self._families, self._category) and self._confirmed(plan.order[:free], groups, found)
        places = plan if confirmed else self._arranged(rows, scores, *self._live(groups, found))
        more = allowed[~np.isin(allowed, asked)]
        lost = places.order.size < min(free, plan.order.size) or places.n_wanted < min(free, plan.n_wanted)
        if more.size and lost:
            found |= self._ask(rows, more[: settings.NEIGHBOURS])
            places = self._arranged(rows, scores, *self._live(groups, found))
        for position in places.order[:free].tolist():
            self._pick(found[position], None if scores is None else position)

    def _allowed(self, rows: Int32) -> Int64:
        """Positions of the rows that are not excluded."""
        known = [row for key in self._excluded if (row := self.view.row(key)) is not None]
        return np.flatnonzero(~np.isin(rows, np.array(known, np.int32)))

    def _arranged(self, rows: Int32, scores: Float32 | None, groups: Int64, candidates: Int64) -> Places:
        """The candidates in the order of their places; varied where they have scores."""
        places = arrange(groups, families=self._families, category=self._category, candidates=candidates)
        variety = self._variety
        pool = places.order[: places.n_wanted][: variety.pool]
        if scores is None or not pool.size:
            return places
        vectors = self.view.catalogue.vectors
        looks = None if vectors is None else np.asarray(vectors[rows[pool]], np.float32)
        mixed = vary(scores[pool], looks, groups[pool, BRAND], self.k - len(self.picks), variety)
        return Places(np.concatenate([pool[mixed], places.order[pool.size :]]), places.n_wanted)

    def _confirmed(self, order: Int64, groups: Int64, found: Mapping[int, Any]) -> bool:
        """Whether these products were all found, with the groups that were expected."""
        return all(
            (product := found.get(position)) is not None and group_codes(self._source, product) == tuple(expected)
            for position, expected in zip(order.tolist(), groups[order].tolist(), strict=True)
        )

    def _live(self, groups: Int64, found: Mapping[int, Any]) -> tuple[Int64, Int64]:
        """The groups with those of the products that were found, as they are now, and the positions of these."""
        current = groups.copy()
        for position, product in found.items():
            current[position] = group_codes(self._source, product)
        return current, np.array(sorted(found), np.int64)

    def _ask(self, rows: Int32, positions: Int64, beside: Iterable[str] = ()) -> dict[int, Any]:
        """The available products at these positions, and what is to be named beside them; one query."""
        position_of = dict(zip(self.view.keys(rows[positions]), positions.tolist(), strict=True))
        named = {*beside, self._seed_key} - {""}
        condition = self._wanted()
        if named:
            condition |= self._source.visible() & Q(pk__in=named)
        found = {}
        for product in self._products().filter(condition, pk__in={*position_of, *named}):
            key = str(product.pk)
            if key in named:  # and no candidate: it may be sold out
                self.beside[key] = product
            elif self.terms.accept(group_codes(self._source, product)):
                found[position_of[key]] = product
        self._welcome_seed()
        return found

    def _wanted(self) -> Q:
        """What keeps to the terms and was not dismissed by the visitor."""
        condition = self.terms.condition(self._source)
        return condition if self._unwanted is None else condition & ~self._unwanted

    def _welcome_seed(self) -> None:
        if not self._seed_key:
            return
        self.seed = self.beside.pop(self._seed_key, None)
        self._seed_key = ""
        if self.seed is None:
            raise UnknownProductError
        self._belong_to(*group_codes(self._source, self.seed))

    def _belong_to(self, family: int, category: int, brand: int) -> None:
        self._families = (self._families - {self._own_family}) | ({family} - {UNKNOWN})
        self._own_family = family
        self._own_category = UNKNOWN if category == NO_CATEGORY else category

    @property
    def _category(self) -> int:
        """The category that comes first at this moment."""
        return UNKNOWN if self._any_category else self._own_category

    def _fill_with_newest(self) -> None:
        newest = self._products().filter(self._wanted()).order_by("-pk")
        fresh = [(product, group_codes(self._source, product)) for product in newest[: settings.CANDIDATES]]
        fresh = [
            (product, codes)
            for product, codes in fresh
            if str(product.pk) not in self._excluded and self.terms.accept(codes)
        ]
        products = [product for product, _ in fresh]
        groups = np.array([codes for _, codes in fresh], np.int64).reshape(-1, 3)
        order = arrange(groups, families=self._families, category=self._category).order
        for position in order[: self.k - len(self.picks)].tolist():
            self._pick(products[position], None)

    def _pick(self, product: Any, position: int | None) -> None:
        self.picks.append(Pick(product, position))
        self._excluded.add(str(product.pk))
        self._families.add(group_codes(self._source, product)[FAMILY])


def _variety(view: Serving, diversity: float) -> Variety:
    # A vector of one block, such as colour alone, cannot tell a like picture from the same one.
    same_picture = settings.SAME_PICTURE if len(view.catalogue.blocks) > 1 else 1.0
    return Variety(1.0 - diversity, settings.BRAND_SHARE, same_picture, settings.CANDIDATES)


def _to_ask(order: Int64, groups: Int64, allowed: Int64, free: int) -> Int64:
    """The first places, a few to spare, and for each place the next best of its family, which may replace it.

    Where families are not known, as many as `CANDIDATES`: some may prove to be of one family.
    """
    n = free + SPARE
    if (groups[order[:n], FAMILY] == UNKNOWN).any():
        n = max(n, settings.CANDIDATES)
    first = order[:n]
    left = allowed[~np.isin(allowed, order)]
    variants = left[np.isin(groups[left, FAMILY], groups[first[:free], FAMILY])]
    return np.concatenate([first, arrange(groups, candidates=variants).order])
