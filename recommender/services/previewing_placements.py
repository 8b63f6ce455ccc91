"""What a placement would show, beside what it shows now, for a product and a visitor that the shop's staff chooses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from recommender.models import Placement, Strategy, Visitor
from recommender.services import comparing, placing, previewing, recommending
from recommender.services.comparing import Change, Move
from recommender.services.placing import Context
from recommender.services.recommending import RecommendedList
from recommender.sources import Card, get_source

_KEY_AFTER = " · "
"""What stands between a title and the key in what a field suggests."""


@dataclass(frozen=True)
class PreviewedChange:
    """A product of the shelf with the name of what brought it there."""

    change: Change
    strategy_label: str


@dataclass(frozen=True)
class PlacementPreview:
    """A placement as it would be, against what it is.

    Attributes:
        changes: the products shown after, then those that go.
        title: the heading after.
        title_before: the heading of now; empty for a placement that is not saved yet.
        n_places: how many places there are.
        n_shown: how many are taken.
        counts: move -> how many products make it.
        is_shown: whether the shop shows it at this moment.
        seed: the product that it was made for.
    """

    changes: Sequence[PreviewedChange]
    title: str
    title_before: str
    n_places: int
    n_shown: int
    counts: dict[str, int]
    is_shown: bool
    seed: Card | None

    @property
    def is_changed(self) -> bool:
        """Whether anything moves, comes or goes, or the heading changes."""
        moved = sum(n for move, n in self.counts.items() if move != Move.STAYS)
        return bool(moved) or self.title != self.title_before


def preview_placement(
    after: Placement, before: Placement | None, product: Any = None, visitor: Visitor | None = None
) -> PlacementPreview:
    """What the placement would show and what that changes. Nothing is saved.

    Args:
        after: as it would be.
        before: as it is saved; None for a new one.
        product: on a product's page the product, on a page with products the only one; not used on any other page.
        visitor: who looks; somebody unknown when None.
    """
    shown = placing.show(after, _context(after, product, visitor))
    was = placing.show(before, _context(before, product, visitor)) if before is not None else RecommendedList()
    found = comparing.changes(was.items if before is not None else shown.items, shown.items)
    counts = Counter(change.move.value for change in found)
    return PlacementPreview(
        [PreviewedChange(change, str(Strategy(change.item.strategy).label)) for change in found],
        shown.title,
        was.title if before is not None else shown.title,
        after.length,
        len(shown.items),
        {move.value: counts[move.value] for move in Move},
        after.is_shown(),
        None if product is None or after.context == Placement.Context.ANY else get_source().card(product),
    )


def example() -> str:
    """A product to preview with until another is chosen, the most popular one; empty in an empty shop."""
    found = recommending.trending(k=1).items
    return named(found[0].card) if found else ""


def suggest_products(text: str) -> list[str]:
    """What a field suggests for the beginning of a product's name: names with their keys."""
    return [named(card) for card in previewing.search_products(text, limit=10)]


def suggest_visitors(text: str) -> list[str]:
    """What a field suggests for the beginning of a login name: names with the visitors' ids."""
    return [
        f"{visitor.user.get_username()}{_KEY_AFTER}{visitor.pk}"
        for visitor in previewing.search_visitors(text)
        if visitor.user is not None
    ]


def named(card: Card) -> str:
    """A product as a field suggests it."""
    return f"{card.title}{_KEY_AFTER}{card.id}"


def find_product(text: str) -> Any:
    """The product that a field names: by its key at the end, else the first that the text finds; None for none."""
    key = text.rpartition(_KEY_AFTER)[2].strip()
    product = previewing.find_product(key) if key else None
    if product is None and text.strip():
        found = previewing.search_products(text.strip(), limit=1)
        product = previewing.find_product(found[0].id) if found else None
    return product


def find_visitor(text: str) -> Visitor | None:
    """The visitor that a field names: by the id at the end, else by the login name; None for nobody."""
    visitor = previewing.find_visitor(text.rpartition(_KEY_AFTER)[2])
    if visitor is None and text.strip():
        visitor = next(iter(previewing.search_visitors(text.strip())), None)
    return visitor


def _context(placement: Placement, product: Any, visitor: Visitor | None) -> Context:
    if product is None or placement.context == Placement.Context.ANY:
        return Context(visitor=visitor)
    if placement.context == Placement.Context.BASKET:
        return Context(basket=[product.pk], visitor=visitor)
    return Context(product=product, visitor=visitor)
