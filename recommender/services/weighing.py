"""What the look-alikes of real products would be with other block weights, beside what they are. Nothing is changed.

Looks alone decide here, among the products of the snapshot; one of each family and what is on sale are shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from recommender.core.blocks import weighed_queries, with_weights
from recommender.core.ranking import top_k
from recommender.core.types import Block, Float32, Int32
from recommender.core.views import look_cosines
from recommender.exceptions import EncoderError
from recommender.services import reweighing, serving
from recommender.services.block_names import block_name, percents
from recommender.services.viewing import Serving
from recommender.sources import Card, get_source

SEEDS = 4
"""Products whose look-alikes are compared while none is named."""
SHELF = 6
_NEAREST = 200
"""Looked at for a shelf: variants and what cannot be bought are left out of it."""


@dataclass(frozen=True)
class Share:
    """One block: its weight as it is and as it would be, in hundredths.

    Attributes:
        name: the block's.
        label: its name for people.
        now: the weight in use.
        wanted: the weight to try.
        is_silent: whether the vectors hold nothing of it, because it weighed 0 when they were made.
    """

    name: str
    label: str
    now: int
    wanted: int
    is_silent: bool = False


@dataclass(frozen=True)
class LookAlike:
    """A card on a shelf, how alike it looks in hundredths, and whether the other shelf lacks it."""

    card: Card
    percent: int
    is_new: bool


@dataclass(frozen=True)
class Compared:
    """One product's look-alikes, best first, as they are and as they would be."""

    seed: Card
    now: Sequence[LookAlike]
    wanted: Sequence[LookAlike]


@dataclass(frozen=True)
class Weighing:
    """Block weights and what they do.

    Attributes:
        shares: the blocks, in order; fewer than two leave nothing to weigh.
        products: of which look-alikes are compared.
        is_changed: whether the weights differ from those in use.
        is_possible: whether the live encoder can have these weights.
    """

    shares: Sequence[Share]
    products: Sequence[Compared]
    is_changed: bool
    is_possible: bool = False


def weigh(wanted: Mapping[str, int] | None = None, product_key: str = "") -> Weighing:
    """Compare the look-alikes of products with the weights in use and with others.

    Args:
        wanted: the weights to try, by block, in any unit; the ones in use when None.
        product_key: whose look-alikes; those of products spread over the catalogue when empty or unknown.

    Raises:
        ValueError: for weights that cannot be.
    """
    view = serving.current()
    vectors, before = view.base.vectors, view.base.blocks
    now = percents(before)
    is_changed = wanted is not None and {**dict.fromkeys(now, 0), **wanted} != now
    after = with_weights(before, wanted) if wanted is not None and is_changed else before
    then = percents(after)
    shares = [
        Share(
            block.name,
            block_name(block.name),
            now[block.name],
            then[block.name],
            not block.weight,
        )
        for block in before
    ]
    if vectors is None:
        return Weighing(shares, (), is_changed)
    seeds = _seeds(view, product_key)
    products = _compared(view, seeds, _shelves(view, seeds, before, before), _shelves(view, seeds, before, after))
    return Weighing(shares, products, is_changed, is_changed and _is_possible(after))


def _is_possible(blocks: Sequence[Block]) -> bool:
    try:
        reweighing.engine_with({block.name: block.weight for block in blocks})
    except (EncoderError, ValueError):  # the software changed, and the live encoder has other blocks than the snapshot
        return False
    return True


def _seeds(view: Serving, key: str) -> Int32:
    vectors = view.base.vectors
    if vectors is None:
        return np.empty(0, np.int32)
    row = view.row(key) if key else None
    if row is not None and row < len(vectors) and vectors[row].any():
        return np.array([row], np.int32)
    spread = np.unique(np.linspace(0, len(vectors) - 1, 16 * SEEDS).astype(np.int32))
    pictured = spread[vectors[spread].any(axis=1)]
    places = np.linspace(0, max(len(pictured) - 1, 0), min(SEEDS, len(pictured)))
    return pictured[places.astype(np.int32)]


def _shelves(
    view: Serving, seeds: Int32, before: Sequence[Block], after: Sequence[Block]
) -> list[tuple[Int32, Float32]]:
    """For each seed the nearest rows, best first, one of a family, and how alike they look (`core.views`)."""
    vectors = view.base.vectors
    if vectors is None or not len(seeds):
        return []
    factors = weighed_queries(np.ones((1, vectors.shape[1]), np.float32), before, after)
    queries = np.asarray(vectors[seeds], np.float32) * factors
    shelves = []
    for seed, by_mean in zip(seeds.tolist(), queries @ vectors.T, strict=True):
        nearest = top_k(by_mean, _NEAREST).astype(np.int32)
        alike = look_cosines(vectors, view.base.views, seed, nearest, factors[0])
        order = np.argsort(-alike, kind="stable")
        nearest, scores = nearest[order], alike[order]
        families = view.groups(nearest)[:, 0]
        own = view.groups(np.array([seed], np.int32))[0, 0]
        _, first = np.unique(np.where(families < 0, -2 - nearest, families), return_index=True)
        kept = np.zeros(len(nearest), np.bool_)
        kept[first] = True
        kept &= (nearest != seed) & ((families != own) | (own < 0)) & (scores > 0)
        shelves.append((nearest[kept], scores[kept]))
    return shelves


def _compared(
    view: Serving, seeds: Int32, now: Sequence[tuple[Int32, Float32]], wanted: Sequence[tuple[Int32, Float32]]
) -> list[Compared]:
    rows = np.concatenate([seeds, *(rows[: 3 * SHELF] for rows, _ in (*now, *wanted))]).astype(np.int32)
    key_of = dict(zip(rows.tolist(), view.keys(rows), strict=True))
    source = get_source()
    named = source.queryset().filter(pk__in=set(key_of.values()))
    products = {str(product.pk): product for product in named}
    on_sale = {str(key) for key in named.filter(source.available()).values_list("pk", flat=True)}
    cards: dict[str, Card] = {key: source.card(product) for key, product in products.items()}

    def shelf(found: tuple[Int32, Float32]) -> dict[str, int]:
        pairs = zip(found[0].tolist(), found[1].tolist(), strict=True)
        shown = {key_of[row]: round(100 * score) for row, score in pairs if key_of.get(row) in on_sale}
        return dict(list(shown.items())[:SHELF])

    def laid_out(this: Mapping[str, int], other: Mapping[str, int]) -> list[LookAlike]:
        return [LookAlike(cards[key], percent, key not in other) for key, percent in this.items()]

    compared = []
    for seed, before, after in zip(seeds.tolist(), map(shelf, now), map(shelf, wanted), strict=True):
        if (key := key_of[seed]) in cards:
            compared.append(Compared(cards[key], laid_out(before, after), laid_out(after, before)))
    return compared
