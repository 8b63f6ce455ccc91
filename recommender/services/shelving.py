"""Fills the places of a shelf: planned (`services.planning`), then asked of the database, then settled on its answer.

Stock, visibility and groups are what the database says at this moment. The plan only keeps the question small: as many
cards as there are places, and a few to spare.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

import numpy as np

from recommender.conf import settings
from recommender.core.hybrid import Scored
from recommender.core.merchandising import allowance
from recommender.core.shelf import FAMILY, UNKNOWN, arrange
from recommender.core.types import Float32, Int32, Int64
from recommender.exceptions import UnknownProductError
from recommender.models import Visitor
from recommender.services import reading_products
from recommender.services.grouping import NO_CATEGORY, category_code, group_codes
from recommender.services.pinning import Pick, Pins
from recommender.services.planning import Ground, Pool, falls_short, to_ask, variety, without
from recommender.services.rulebook import Called, CompiledRule
from recommender.services.steering import Steering
from recommender.services.terms import Terms
from recommender.services.viewing import Serving
from recommender.sources import get_source, prefetch

Beside = Callable[[Int64], Iterable[str]]
"""Which products, by key, a page names beside the candidates at these positions."""


class Shelf:
    """k places: one product a family, none of the excluded, available ones only, those of the seed's category first.

    Nothing that the visitor dismissed gets a place, nor any variant of a product that is owned: who has a phone does
    not need it with more memory. Merchandising rules come last (`core.merchandising` has the order of steps), and what
    is left out stays out: no rule brings it back.

    Attributes:
        picks: the products, first place first but for those that are pinned, which name their place.
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
        placement: str = "",
    ) -> None:
        self.view, self.k, self.seed, self._placement = view, k, seed, placement
        self.terms = terms or Terms()
        self.picks: list[Pick] = []
        self.beside: dict[str, Any] = {}
        self._codes: dict[Any, tuple[int, int, int]] = {}
        self._source = get_source()
        self._visitor = visitor
        self._variety = variety(view, settings.DIVERSITY if diversity is None else diversity)
        self._seed_key = "" if seed_key is None else str(seed_key)
        self._excluded = {str(key) for key in exclude} | ({self._seed_key} - {""})
        self._families: set[int] = set()
        self._own_family = self._own_category = UNKNOWN
        self._any_category = False
        if owned:
            rows = view.rows(map(str, owned))
            self._families = set(view.groups(rows[rows >= 0])[:, FAMILY].tolist()) - {UNKNOWN}
        self._promoted: Counter[CompiledRule] = Counter()
        self._most_promoted = allowance(settings.PROMOTED_SHARE, k)
        self._belongs: tuple[int, int, int] | None = None
        row = view.row(self._seed_key) if self._seed_key else None
        if seed is not None:
            self._excluded.add(str(seed.pk))
            self._belong_to(self._codes_of(seed))
        elif row is not None:
            self._belong_to(tuple(view.groups(np.array([row], np.int32))[0].tolist()))
        else:
            self._steer_by(UNKNOWN, UNKNOWN)

    def fill(self, candidates: Scored | None = None, beside: Beside | None = None, *, listed: int = -1) -> list[Pick]:
        """Picks from the candidates, best first, then from what is popular, then from what is new.

        Args:
            candidates: what is scored for this shelf, in order; may be missing.
            beside: what to read along with their cards.
            listed: as `take` has it.

        Raises:
            UnknownProductError: when the seed was given by its key and visitors may not look at it.
        """
        if candidates is not None:
            self.take(candidates.rows, candidates.scores, beside, listed=listed)
        self.take_popular()
        self.take_newest()
        return self.finished()

    def _codes_of(self, product: Any) -> tuple[int, int, int]:
        """Its group codes, which are asked for several times on the way to a place."""
        codes = self._codes.get(product.pk)
        if codes is None:
            codes = self._codes[product.pk] = group_codes(self._source, product)
        return codes

    @property
    def free(self) -> int:
        """How many places are left."""
        return self.k - len(self.picks)

    @property
    def called(self) -> Called:
        """The rules whose products must be among the candidates."""
        return self._pins.steering.called

    def belong_to_category(self, name: str) -> None:
        """Prefer products of this category, for a shelf that has no seed to tell it."""
        self._own_category, self._belongs = category_code(name), None
        self._steer_by(self._own_category, UNKNOWN)

    def finished(self) -> list[Pick]:
        """All picks, with what the host prefetches for cards; nothing is taken after it.

        Raises:
            UnknownProductError: as `fill`.
        """
        if self._seed_key:
            self._ask(self._pool(np.zeros(0, np.int32), np.zeros(0, np.float32), 0), np.zeros(0, np.int64))
        prefetch(self._source, [pick.product for pick in self.picks])
        return self.picks

    def take(
        self,
        rows: Int32,
        scores: Float32,
        beside: Beside | None = None,
        *,
        listed: int = -1,
        any_category: bool = False,
    ) -> list[Pick]:
        """The picks from these candidates for the places that are left, and the pins.

        Args:
            rows: the candidates, best first.
            scores: theirs, float32, in [0, 1].
            beside: what to read along with their cards.
            listed: how many candidates are there on their merit; those after them are there because rules call for
                them. All when negative.
            any_category: whether candidates of another category are as welcome as those of the shelf's own.
        """
        before = len(self.picks)
        self._any_category = any_category
        self._fill_from(self._pool(rows, scores, rows.size if listed < 0 else listed), beside)
        self._any_category = False
        return self.picks[before:]

    def take_popular(self) -> list[Pick]:
        """The picks from what is popular, and the pins; none of them has a position."""
        if self.free <= 0:  # hoped-for pins hold their places free
            return []
        before = len(self.picks)
        rows = self.view.popular
        every = np.concatenate([rows, self.view.called(self.called, rows)]) if self.called else rows
        self._fill_from(self._pool(every, self.view.trends(every), rows.size, scored=False))
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
        found = reading_products.read(self._source, self.terms, self._visitor, wanted)
        for product in (found[key] for key in wanted if key in found):
            if self.free <= 0:
                break
            codes = self._codes_of(product)
            is_welcome = beside_family or codes[FAMILY] not in self._families
            if is_welcome and self._accepts(product, codes):
                self._pick(Pick(product, None))
        return self.picks[before:]

    def take_newest(self) -> list[Pick]:
        """The picks from what is new in the shop."""
        before = len(self.picks)
        if self.free > 0:
            self._fill_with_newest()
        return self.picks[before:]

    def _pool(self, rows: Int32, scores: Float32, listed: int, *, scored: bool = True) -> Pool:
        groups = self.view.groups(rows)
        return Pool(rows, scores, listed, scored, groups, self._steering.hits(rows, groups))

    def _fill_from(self, pool: Pool, beside: Beside | None = None) -> None:
        if self.free <= 0:
            return
        ground = self._ground()
        allowed = ground.allowed(pool, self.terms, [*self._excluded, *self._pins.hoped])
        if not (allowed.size or self._seed_key or self._pins.hoped):
            return
        plan = ground.arranged(pool, allowed)
        listed = allowed[allowed < pool.listed]
        n_asked = settings.CANDIDATES if self.terms.is_blind else self.free
        asked = to_ask(plan.places.order, pool.groups, listed, n_asked)
        found = self._ask(pool, asked, beside(asked) if beside else ())
        if self._pins.hoped:  # by rules that apply only beside the seed, which was not known before
            self._ask(pool, asked[:0])
        now = self._ground()
        confirmed = now.firm == ground.firm and now.confirmed(pool, plan.places.order[: ground.free], found)
        chosen = plan if confirmed else now.settled(pool, found)
        more = without(listed, asked, pool.rows.size)
        if more.size and falls_short(chosen.places, plan.places, now.free):
            found |= self._ask(pool, more[: settings.NEIGHBOURS])
            chosen = self._ground().settled(pool, found)
        for position in chosen.places.order[: self._unpinned].tolist():
            rule, shown = self._steering.mover(chosen, position), position if pool.scored else None
            self._pick(Pick(found[position], shown, rule, position in chosen.promoted))

    @property
    def _steering(self) -> Steering:
        return self._pins.steering

    @property
    def _unpinned(self) -> int:
        """The places that are left when all pins that are hoped for have theirs."""
        return self.free - len(self._pins.hoped)

    def _ground(self) -> Ground:
        """What a plan of the places that are left rests on at this moment."""
        taken = self._families | self._pins.families
        budget = self._most_promoted - len(self._pins.hoped) - self._promoted.total()
        return Ground(
            view=self.view,
            steering=self._steering,
            variety=self._variety,
            codes_of=self._codes_of,
            taken=taken,
            category=self._category,
            free=self._unpinned,
            budget=budget,
            spent=self._promoted,
        )

    def _ask(self, pool: Pool, positions: Int64, beside: Iterable[str] = ()) -> dict[int, Any]:
        """The available products at these positions, and what is to be named or pinned beside them; one query."""
        position_of = dict(zip(self.view.keys(pool.rows[positions]), positions.tolist(), strict=True))
        named, pins = {*beside, self._seed_key} - {""}, list(self._pins.hoped)
        read = reading_products.read(self._source, self.terms, self._visitor, [*position_of, *pins], named)
        # Named ones are no candidates: they may be sold out.
        self.beside |= {key: product for key, product in read.items() if key in named}
        self._welcome_seed()
        found, pinned = {}, {}
        for key, product in read.items():
            if key in named or not self._accepts(product, self._codes_of(product)):
                continue
            if key in position_of:
                found[position_of[key]] = product
            else:
                pinned[key] = product
        for pick in self._pins.settle(pins, pinned, pool.rows if pool.scored else pool.rows[:0], self._families):
            self._pick(pick)
        return found

    def _accepts(self, product: Any, codes: tuple[int, int, int]) -> bool:
        """Whether a product that was read just now keeps to the terms and is not excluded by a rule."""
        return self.terms.accept(codes) and not self._steering.excludes(product)

    def _welcome_seed(self) -> None:
        if not self._seed_key:
            return
        self.seed = self.beside.pop(self._seed_key, None)
        self._seed_key = ""
        if self.seed is None:
            raise UnknownProductError
        self._belong_to(self._codes_of(self.seed))

    def _belong_to(self, codes: tuple[int, int, int]) -> None:
        if codes == self._belongs:
            return
        self._belongs = family, category, brand = codes
        self._families = (self._families - {self._own_family}) | ({family} - {UNKNOWN})
        self._own_family = family
        self._own_category = UNKNOWN if category == NO_CATEGORY else category
        self._steer_by(category, brand)

    def _steer_by(self, category: int, brand: int) -> None:
        """Take the rules that apply beside products of this category and brand."""
        rules = self.view.rules.applying(self._placement, brand, category)
        self._pins = Pins(self.view, Steering(self.view, rules, self.k), self.k, self._excluded, self._families)

    @property
    def _category(self) -> int:
        """The category that comes first at this moment."""
        return UNKNOWN if self._any_category else self._own_category

    def _fill_with_newest(self) -> None:
        wanted = reading_products.wanted(self._source, self.terms, self._visitor)
        newest = reading_products.products(self._source).filter(wanted).order_by("-pk")
        fresh = [(product, self._codes_of(product)) for product in newest[: settings.CANDIDATES]]
        fresh = [
            (product, codes)
            for product, codes in fresh
            if str(product.pk) not in self._excluded and self._accepts(product, codes)
        ]
        fresh.sort(key=lambda one: self._steering.buries(one[0]))
        products = [product for product, _ in fresh]
        groups = np.array([codes for _, codes in fresh], np.int64).reshape(-1, 3)
        order = arrange(groups, families=self._families, category=self._category).order
        for position in order[: self.k - len(self.picks)].tolist():
            self._pick(Pick(products[position], None))

    def _pick(self, pick: Pick) -> None:
        self.picks.append(pick)
        self._excluded.add(str(pick.product.pk))
        self._families.add(self._codes_of(pick.product)[FAMILY])
        if pick.promoted and pick.rule is not None:
            self._promoted[pick.rule] += 1
