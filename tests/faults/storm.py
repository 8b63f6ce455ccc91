"""A storm of SIGKILLs over embedding workers, and what is left after it."""

import os
import random
import signal
import time
from dataclasses import dataclass
from io import BytesIO

import psutil

from catalog import pictures
from catalog.models import Family, Product, ProductImage
from recommender import tasks
from recommender.models import ImageEmbedding
from recommender.services import catching_up
from tests.shop import phone_picture

CALM_SECONDS = (0.1, 0.6)
"""Between two kills."""


@dataclass
class Storm:
    """How often what was killed, and how long it all took."""

    children: int = 0
    workers: int = 0
    seconds: float = 0.0


def products_with_pictures(n):
    """n products that share one picture file, which nobody was told about; their keys."""
    picture = pictures.prepare(BytesIO(phone_picture("red")))
    pictures.store(picture)
    family = Family.objects.create(key="storm")
    made = Product.objects.bulk_create(Product(sku=f"storm-{i}", family=family, stock=1) for i in range(n))
    ProductImage.objects.bulk_create(
        ProductImage(
            product=product,
            file=picture.name,
            content_hash=picture.content_hash,
            width=picture.width,
            height=picture.height,
        )
        for product in made
    )
    return [product.pk for product in made]


def rage(start_worker, keys, *, children, workers, seconds, seed=0):
    """Embed these products, one task each, by two workers of which children and whole workers are killed at random.

    A beat's part is played here: the sweep runs every two seconds. Returns when nothing waits any more, or in time.
    """
    rng, storm, began = random.Random(seed), Storm(), time.monotonic()
    crew = [start_worker("vision", f"storm{number}") for number in (1, 2)]
    catching_up.embedding.request(keys)
    for key in keys:
        tasks.embed_products.delay([key])
    swept = time.monotonic()
    # Whole workers take seconds to come back: they are spread over the children's kills.
    plan = ["child"] * children + ["worker"] * workers
    rng.shuffle(plan)
    while catching_up.backlog() and time.monotonic() - began < seconds:
        time.sleep(rng.uniform(*CALM_SECONDS))
        if time.monotonic() - swept > 2:
            tasks.sweep()
            swept = time.monotonic()
        if not plan:
            continue
        victim = rng.choice(crew)
        if plan[-1] == "worker":
            os.killpg(victim.pid, signal.SIGKILL)
            victim.stop()
            victim.start()
            storm.workers += 1
            plan.pop()
        elif found := psutil.Process(victim.pid).children():
            found[0].kill()
            storm.children += 1
            plan.pop()
    storm.seconds = time.monotonic() - began
    return storm


def states(keys):
    """(product, status) of every embedding row, in the order of the keys."""
    rows = ImageEmbedding.objects.filter(product__in=keys).order_by("product_id")
    return list(rows.values_list("product_id", "status"))
