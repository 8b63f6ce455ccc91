"""A small shop whose right answers are known: two looks, two crowds, and a product that nobody has bought yet."""

import numpy as np

from recommender.core.catalogue import BlendConfig, Catalogue
from recommender.core.neighbours import item_item_neighbours, visual_neighbours
from recommender.core.types import Factors, ItemItem
from recommender.core.vectors import unit_rows

ITEM_BLEND = BlendConfig(
    {"visual": 0.5, "collaborative": 0.4, "attributes": 0.1},
    {"visual": 1.0, "collaborative": 5.0, "attributes": 1.0},
)
VISITOR_BLEND = BlendConfig(
    {"affinity": 0.4, "collaborative": 0.4, "attributes": 0.1, "trend": 0.1},
    {"affinity": 1.0, "collaborative": 5.0, "attributes": 1.0, "trend": 1.0},
)


def checkerboard(n=40, d=8, f=4, seed=0, artefact="factors"):
    """Even rows look alike and are bought together, odd rows too; attributes say the same; no calibrations yet.

    Row 0 has no picture. Row 1 has no events. Everything else has 50 events.
    """
    rng = np.random.default_rng(seed)
    parity = np.arange(n) % 2
    looks = np.zeros((n, d), np.float32)
    looks[np.arange(n), parity] = 1.0
    vectors = unit_rows(looks + 0.2 * rng.normal(size=(n, d)).astype(np.float32))
    vectors[0] = 0.0
    tastes = np.zeros((n, f), np.float32)
    tastes[np.arange(n), parity] = 1.0
    items = tastes + 0.1 * rng.normal(size=(n, f)).astype(np.float32)
    events = np.full(n, 50.0, np.float32)
    events[1] = 0.0
    items[1] = 0.0
    fitted = Factors(items, items.T @ items, 1.0) if artefact == "factors" else same_parity_weights(parity)
    return Catalogue(
        n=n,
        item_blend=ITEM_BLEND,
        visitor_blend=VISITOR_BLEND,
        vectors=vectors,
        events=events,
        trend=np.arange(n, dtype=np.float32),
        attributes=np.stack([parity, np.full(n, -1), np.zeros(n)], axis=1).astype(np.int32),
        attribute_names=("brand", "storage", "category"),
        artefact=fitted,
        visual=visual_neighbours(vectors, 10),
        collaborative=item_item_neighbours(fitted, 10),
    )


def same_parity_weights(parity):
    """Weight 1 + j / n between different products of one parity, but for product 1; 0 elsewhere."""
    n = parity.size
    weights = (parity[:, None] == parity[None]) * (1 + np.arange(n) / n)
    np.fill_diagonal(weights, 0)
    weights[1] = weights[:, 1] = 0
    indptr = np.append(0, np.cumsum((weights > 0).sum(axis=1))).astype(np.int64)
    _, indices = np.nonzero(weights)
    return ItemItem(indptr, indices.astype(np.int32), weights[weights > 0].astype(np.float32))
