"""What a rule would change, seen before it is saved: the shelves with it beside the shelves without it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from recommender.core.shelf import BRAND, CATEGORY, UNKNOWN
from recommender.exceptions import UnknownPlacementError
from recommender.models import Placement, Rule
from recommender.services import recommending, rulebook, serving
from recommender.services.placing import Context, find, show
from recommender.services.recommending import Recommended, RecommendedList
from recommender.services.rulebook import CompiledRule, Rulebook
from recommender.services.viewing import Serving
from recommender.sources import Card, get_source

LOOKED_AT = 50
"""So many product pages are tried, the most popular ones first: enough to see how far a rule reaches."""

_SHOWN = 2
"""Of the shelves that change, so many are shown unless somebody chooses others."""


@dataclass(frozen=True)
class Place:
    """One place of a shelf: what it shows, and where the product stood on the other shelf, None when nowhere."""

    recommended: Recommended
    other: int | None

    @property
    def moved(self) -> str:
        """ "new", "up", "down" or "same"."""
        if self.other is None:
            return "new"
        here = self.recommended.position
        return "up" if here < self.other else "down" if here > self.other else "same"


@dataclass(frozen=True)
class ShelfChange:
    """One shelf without the rule and with it.

    Attributes:
        seed: the product on whose page it is; None on a page that is about none.
        placement: the named spot; empty where the shop has none.
        before: without the rule.
        after: with it.
    """

    seed: Card | None
    placement: str
    before: Sequence[Place]
    after: Sequence[Place]

    @property
    def differs(self) -> bool:
        """Whether the rule changes anything."""
        return [place.recommended.card.id for place in self.before] != [
            place.recommended.card.id for place in self.after
        ]


@dataclass(frozen=True)
class Effect:
    """What a rule changes.

    Attributes:
        shelves: those to show.
        n_meant: how many products the rule is about; None where that is not known before the first training.
        n_looked: how many product pages were tried.
        n_changed: on how many of them the shelf changes.
    """

    shelves: Sequence[ShelfChange]
    n_meant: int | None
    n_looked: int
    n_changed: int


def effect(draft: Rule, products: Iterable[Any] = (), *, look_at: int = LOOKED_AT) -> Effect:
    """What a rule that may not be saved yet changes, as if it applied now.

    Args:
        draft: the rule; one that has a key stands in for the saved one.
        products: on whose pages to show the shelf; when empty, some on which it changes.
        look_at: how many product pages to try.
    """
    now = replace(rulebook.compiled([draft])[0], starts_at=None, ends_at=None)
    view = serving.current()
    others = tuple(rule for rule in view.rules.rules if draft.pk is None or rule.pk != draft.pk)
    # Older rules go first, and one that is not saved yet is the youngest.
    rules = sorted((*others, now), key=lambda rule: (rule.pk is None, rule.pk or 0))
    version = view.rules.version
    trial = _Trial(
        replace(view, rules=Rulebook(version, others)), replace(view, rules=Rulebook(version, tuple(rules))), draft
    )
    tried = [trial.beside(product) for product in _seeds(view, now, look_at)] if trial.has_pages else []
    shown = [trial.beside(product) for product in products] if trial.has_pages else []
    if not shown:
        shown = [trial.alone()] if trial.stands_alone else []
        shown += [shelf for shelf in tried if shelf.differs][:_SHOWN] or tried[:1]
    meant = 1 if now.product_key else int(view.matching(now).size) if view.catalogue.groups is not None else None
    return Effect(shown, meant, len(tried), sum(shelf.differs for shelf in tried))


class _Trial:
    """The shelves that a rule is for, without it and with it."""

    def __init__(self, without: Serving, within: Serving, draft: Rule) -> None:
        self._views = (without, within)
        own = draft.placement
        beside_anything = not (draft.seed_brand or draft.seed_category)
        self.has_pages = own is None or own.context != Placement.Context.ANY
        self.stands_alone = beside_anything and (own is None or own.context == Placement.Context.ANY)
        self._page = own or _known("product-page")
        self._alone = own or _known("home")

    def beside(self, product: Any) -> ShelfChange:
        """The shelf on a product's page, or beside a basket that holds it."""
        placement, context = self._page, Context(product=product)
        if placement is None:
            return _compared(get_source().card(product), *(recommending.similar(product, on=on) for on in self._views))
        if placement.context == Placement.Context.BASKET:
            context = Context(basket=[product.pk])
        shelves = [show(placement, context, view=on) for on in self._views]
        return _compared(get_source().card(product), *shelves)

    def alone(self) -> ShelfChange:
        """The shelf of a page that is about no product, for somebody unknown."""
        if self._alone is None:
            return _compared(None, *(recommending.trending(on=on) for on in self._views))
        return _compared(None, *(show(self._alone, view=on) for on in self._views))


def _known(slug: str) -> Placement | None:
    try:
        return find(slug)
    except UnknownPlacementError:
        return None


def _compared(seed: Card | None, before: RecommendedList, after: RecommendedList) -> ShelfChange:
    places = [{item.card.id: item.position for item in shelf.items} for shelf in (before, after)]
    return ShelfChange(
        seed,
        after.placement,
        [Place(item, places[1].get(item.card.id)) for item in before.items],
        [Place(item, places[0].get(item.card.id)) for item in after.items],
    )


def _seeds(view: Serving, rule: CompiledRule, n: int) -> list[Any]:
    """Products on whose pages the rule applies, the most popular first."""
    rows = np.arange(view.catalogue.n, dtype=np.int32)
    groups = view.groups(rows)
    there = np.ones(rows.size, bool)
    for code, column in ((rule.seed_brand, BRAND), (rule.seed_category, CATEGORY)):
        there &= (groups[:, column] == code) | (code == UNKNOWN)
    rows = view.alive(rows[there])
    popular = view.popular[np.isin(view.popular, rows)]
    chosen = np.concatenate([popular, rows[~np.isin(rows, popular)]])[:n]
    keys = view.keys(chosen.astype(np.int32))
    source = get_source()
    products = {str(product.pk): product for product in source.queryset().filter(source.visible(), pk__in=keys)}
    return [products[key] for key in keys if key in products]
