"""A large made-up catalogue: products with pictures' rows, clustered vectors, events, and a published snapshot."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from recommender.core.catalogue import Catalogue
from recommender.core.types import Block, Float32, Int64, Neighbours
from recommender.engines.base import Encoder

N_CLUSTERS = 200
N_BRANDS = 40
EVENTS_A_VISITOR = 20
BLOCKS = (Block("semantic", 0, 384, 0.55), Block("colour", 384, 512, 0.45))


def fill(n: int, *, seed: int = 0) -> list[int]:
    """n products of n / 4 families and 40 brands, published as a snapshot; returns their keys."""
    keys = products(n)
    publish(keys, seed=seed)
    return keys


def publish(keys: list[int], *, factors: bool = False, encoder: Encoder | None = None, seed: int = 0) -> Catalogue:
    """Serve a snapshot of these products with looks and behaviour, of item-to-item weights or of factors; return it.

    Vectors are shaped as those of the encoder, or smaller ones that stand for any.
    """
    from recommender.models import Visitor
    from recommender.services import publishing, serving

    ids = np.array(sorted(str(key).encode() for key in keys), np.bytes_)
    blocks = BLOCKS if encoder is None else encoder.blocks
    catalogue = make(ids, _groups(ids, keys), factors=factors, blocks=blocks, seed=seed)
    version = "benchmark" if encoder is None else encoder.version
    snapshot = publishing.publish(ids, catalogue, encoder_version=version, sequence=0, metrics={})
    publishing.activate(snapshot)
    serving.reset()
    Visitor.objects.all().delete()
    return catalogue


def make(
    ids: NDArray[np.bytes_],
    groups: Int64 | None = None,
    *,
    factors: bool = False,
    blocks: tuple[Block, ...] = BLOCKS,
    seed: int = 0,
) -> Catalogue:
    """What is known about these products: made-up looks in clusters, and visitors who each keep to one cluster.

    Neighbours are searched among the product's own cluster, which holds nearly all of them.
    """
    from recommender.core import calibrating, cold_start
    from recommender.core.matching import measure_matches
    from recommender.core.neighbours import item_item_neighbours
    from recommender.core.vectors import unit_rows
    from recommender.core.weighting import popularity
    from recommender.engines.als import ImplicitALS
    from recommender.engines.item_item import ImplicitItemItem
    from recommender.services import learning
    from recommender.services.configuring import default_blends
    from recommender.services.histories import Events

    n = len(ids)
    rng = np.random.default_rng(seed)
    cluster = rng.integers(0, N_CLUSTERS, n)
    vectors = _vectors(cluster, blocks, rng)
    members = [np.flatnonzero(cluster == c) for c in range(N_CLUSTERS)]
    n_visitors = max(n // 5, 100)
    taste = rng.integers(0, N_CLUSTERS, n_visitors)
    rows = np.concatenate([rng.choice(members[c] if members[c].size else n, EVENTS_A_VISITOR) for c in taste])
    users = np.repeat(np.arange(n_visitors), EVENTS_A_VISITOR).astype(np.int32)
    ones = np.ones(rows.size, np.float32)
    ages = rng.exponential(30, rows.size).astype(np.float32)
    events = Events(users, rows.astype(np.int32), ones, ages, ones, n_visitors)
    weighted = learning.weigh(events, n, 90.0)
    engine = ImplicitALS(factors=64, iterations=3) if factors else ImplicitItemItem()
    artefact = engine.fit(learning.as_matrix(weighted, n))
    behaviour = cold_start.behaviour_factors(artefact, seed=seed)
    image_map = cold_start.fit_image_map(vectors, behaviour, weighted.events, 10.0)
    item_blend, visitor_blend = default_blends()
    catalogue = Catalogue(
        n,
        item_blend,
        visitor_blend,
        vectors=vectors,
        blocks=blocks,
        events=weighted.events,
        trend=popularity(weighted),
        groups=groups,
        artefact=artefact,
        image_map=image_map,
        predicted=cold_start.predict_factors(vectors, image_map),
        visual=_neighbours(vectors, members),
        collaborative=_neighbours(unit_rows(behaviour), members) if factors else item_item_neighbours(artefact, 200),
    )
    own = [np.unique(rows[users == user]).astype(np.int32) for user in range(100)]
    histories = [(products, np.ones(products.size, np.float32)) for products in own]
    return measure_matches(calibrating.calibrate(catalogue, histories, seed=seed), histories, seed=seed)


def _vectors(cluster: NDArray[np.int64], blocks: tuple[Block, ...], rng: np.random.Generator) -> Float32:
    """Unit vectors of two blocks, each of unit length times the root of its weight."""
    from recommender.core.vectors import unit_rows

    centres = rng.normal(size=(N_CLUSTERS, blocks[-1].stop)).astype(np.float32)
    vectors = centres[cluster] + rng.standard_normal((cluster.size, blocks[-1].stop), np.float32)
    for block in blocks:
        columns = slice(block.start, block.stop)
        vectors[:, columns] = np.float32(np.sqrt(block.weight)) * unit_rows(vectors[:, columns])
    return vectors


def _neighbours(vectors: Float32, members: list[NDArray[np.int64]], k: int = 200) -> Neighbours:
    from recommender.core.neighbours import visual_neighbours

    rows = np.full((len(vectors), k), -1, np.int32)
    scores = np.zeros((len(vectors), k), np.float32)
    for own in members:
        found = visual_neighbours(vectors[own], k)
        rows[own] = np.where(found.rows >= 0, own[found.rows], -1)
        scores[own] = found.scores
    return Neighbours(rows, scores)


def _groups(ids: NDArray[np.bytes_], keys: list[int]) -> Int64:
    """Codes as `services.grouping` makes them, from what `products` gives."""
    from catalog.models import Product
    from recommender.services.grouping import group_codes
    from recommender.sources import get_source

    source = get_source()
    codes = {
        str(product.pk).encode(): group_codes(source, product)
        for product in Product.objects.filter(pk__in=keys).select_related("family__brand").iterator()
    }
    return np.array([codes[key] for key in ids.tolist()], np.int64)


def products(n: int) -> list[int]:
    """n products of n / 4 families with a picture's row each, and nothing known about them; their keys."""
    from catalog.models import Brand, Family, Product, ProductImage

    brands = Brand.objects.bulk_create([Brand(name=f"Brand {i}") for i in range(N_BRANDS)])
    families = Family.objects.bulk_create(
        [
            Family(key=f"family-{i}", name=f"Family {i}", brand=brands[i % N_BRANDS], category="phone")
            for i in range((n + 3) // 4)
        ],
        batch_size=2000,
    )
    products = Product.objects.bulk_create(
        [
            Product(sku=f"sku-{i}", title=f"Phone {i}", family=families[i // 4], stock=5, price=199 + i % 800)
            for i in range(n)
        ],
        batch_size=2000,
    )
    ProductImage.objects.bulk_create(
        [
            ProductImage(
                product=product,
                file=f"products/{product.pk}.webp",
                content_hash=hashlib.sha256(str(product.pk).encode()).hexdigest(),
                width=640,
                height=640,
            )
            for product in products
        ],
        batch_size=2000,
    )
    return [product.pk for product in products]


def guest_with_events(keys: list[int], number: int) -> str:
    """A guest token whose guest has looked at ten products."""
    from django.test import RequestFactory

    from recommender.models import Interaction
    from recommender.services import visitors
    from recommender.services.reading_events import order_line_id

    token = visitors.issue_token()
    visitor = visitors.from_request(RequestFactory().get("/", headers={visitors.TOKEN_HEADER: token}), create=True)
    rng = np.random.default_rng(number)
    now = datetime.now(UTC)
    Interaction.objects.bulk_create(
        Interaction(
            visitor=visitor,
            product_id=keys[int(row)],
            kind="view",
            occurred_at=now - timedelta(hours=place),
            client_id=order_line_id(str(number), str(keys[int(row)]), "view", place),
        )
        for place, row in enumerate(rng.integers(0, len(keys), 10))
    )
    return token
