"""Shelves of real products as two encoders make them, side by side, before anybody switches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from recommender.core.shelf import FAMILY, UNKNOWN
from recommender.exceptions import SnapshotMissingError
from recommender.services import publishing, serving
from recommender.services.freshening import with_changes
from recommender.services.viewing import Serving
from recommender.sources import Card, get_source
from recommender.storage import snapshots

SEEDS = 6
PLACES = 8


@dataclass(frozen=True)
class Place:
    """A product on one of two shelves, and whether only that shelf shows it."""

    card: Card
    is_only_here: bool


@dataclass(frozen=True)
class SideBySide:
    """A product's shelf as the live snapshot makes it, and as that of another encoder would.

    Rules, diversity and a visitor's own view are left out of both: what differs is the encoders' doing.
    """

    seed: Card
    live: Sequence[Place]
    other: Sequence[Place]


def side_by_side(version: str, product_key: str = "") -> list[SideBySide]:
    """Both shelves of a product, or of the most popular ones that have pictures for both; four queries and a log.

    Raises:
        SnapshotError: when the encoder has no snapshot, or it cannot be read.
    """
    snapshot = snapshots.newest(version)
    if snapshot is None:
        raise SnapshotMissingError(f"Encoder {version} has no snapshot yet.")
    live, other = serving.current(), _view_of(publishing.load(snapshot))
    keys = [product_key] if product_key else _seeds(live, other)
    listed = {key: (_best(live, key), _best(other, key)) for key in keys}
    cards = _cards({key for key, sides in listed.items() for key in (key, *sides[0], *sides[1])})
    return [
        SideBySide(cards[key], _places(one, two, cards), _places(two, one, cards))
        for key, (one, two) in listed.items()
        if key in cards
    ]


def _view_of(published: publishing.Published) -> Serving:
    snapshot, ids, catalogue = published
    return with_changes(Serving(snapshot, snapshot.sequence, ids, catalogue, catalogue))


def _seeds(live: Serving, other: Serving) -> list[str]:
    rows = np.concatenate([live.popular, np.arange(len(live.ids), dtype=np.int32)])
    found: list[str] = []
    for key in live.keys(rows[: len(live.popular) + 50 * SEEDS]):
        if key not in found and _is_pictured(live, key) and _is_pictured(other, key):
            found.append(key)
        if len(found) == SEEDS:
            break
    return found


def _is_pictured(view: Serving, key: str) -> bool:
    row, vectors = view.row(key), view.catalogue.vectors
    return row is not None and vectors is not None and bool(vectors[row].any()) and row not in view.gone


def _best(view: Serving, key: str) -> list[str]:
    """Keys of the best products beside this one, none of its family and one of each other family."""
    row = view.row(key)
    scored = view.similar(row) if row is not None else None
    if row is None or scored is None:
        return []
    families = view.groups(scored.rows)[:, FAMILY]
    seen = {int(view.groups(np.array([row], np.int32))[0, FAMILY])} - {UNKNOWN}
    kept = []
    for other, family in zip(scored.rows.tolist(), families.tolist(), strict=True):
        if family not in seen:
            kept.append(other)
            seen |= {family} - {UNKNOWN}
    return view.keys(np.array(kept[:PLACES], np.int32))


def _cards(keys: set[str]) -> Mapping[str, Card]:
    source = get_source()
    return {str(product.pk): source.card(product) for product in source.queryset().filter(pk__in=keys)}


def _places(keys: Sequence[str], others: Sequence[str], cards: Mapping[Any, Card]) -> list[Place]:
    return [Place(cards[key], key not in others) for key in keys if key in cards]
