"""A large made-up catalogue: products with pictures' rows, clustered vectors, events, and a published snapshot."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import numpy as np

N_CLUSTERS = 200
EVENTS_A_VISITOR = 20


def fill(n: int, *, seed: int = 0) -> list[int]:
    """n products of n / 4 families, published as a snapshot with looks and behaviour; returns their keys."""
    from recommender.core.vectors import unit_rows
    from recommender.models import Visitor
    from recommender.services import publishing, serving
    from recommender.services.engines import get_collaborative_model, get_encoder
    from recommender.services.histories import Events
    from recommender.services.indexing import Collected
    from recommender.services.learning import learn

    keys = _products(n)
    rng = np.random.default_rng(seed)
    ids = np.array(sorted(str(key).encode() for key in keys), np.bytes_)
    cluster = rng.integers(0, N_CLUSTERS, n)
    dimension = get_encoder().dimension
    centres = rng.normal(size=(N_CLUSTERS, dimension)).astype(np.float32)
    vectors = unit_rows(centres[cluster] + rng.normal(size=(n, dimension)).astype(np.float32))
    n_visitors = max(n // 5, 100)
    taste = rng.integers(0, N_CLUSTERS, n_visitors)
    members = [np.flatnonzero(cluster == c) for c in range(N_CLUSTERS)]
    rows = np.concatenate([rng.choice(members[c] if members[c].size else n, EVENTS_A_VISITOR) for c in taste])
    users = np.repeat(np.arange(n_visitors), EVENTS_A_VISITOR).astype(np.int32)
    ones = np.ones(rows.size, np.float32)
    events = Events(
        users, rows.astype(np.int32), ones, rng.exponential(30, rows.size).astype(np.float32), ones, n_visitors
    )
    collected = Collected(ids, vectors, get_encoder().blocks, None, ())
    catalogue = learn(collected, events, get_collaborative_model())
    snapshot = publishing.publish(
        ids, catalogue, encoder_version=get_encoder().version, sequence=0, metrics={"events": rows.size}
    )
    publishing.activate(snapshot)
    serving.reset()
    Visitor.objects.all().delete()
    return keys


def _products(n: int) -> list[int]:
    from catalog.models import Brand, Family, Product, ProductImage

    brand = Brand.objects.create(name="Bench")
    families = Family.objects.bulk_create(
        [Family(key=f"family-{i}", name=f"Family {i}", brand=brand, category="phone") for i in range((n + 3) // 4)],
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
    from recommender.services import tracking, visitors

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
            client_id=tracking.order_line_id(str(number), str(keys[int(row)]), "view", place),
        )
        for place, row in enumerate(rng.integers(0, len(keys), 10))
    )
    return token
