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
"""Between two looks, each of which may end in a kill."""

SWEEP_SECONDS = 2.0


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

    A supervisor's and a beat's part are played here: who ended is started again, and the sweep runs every two seconds.
    Returns when nothing waits any more, or in time.
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
    left = killed_at = len(keys)
    while left and time.monotonic() - began < seconds:
        time.sleep(rng.uniform(*CALM_SECONDS))
        left = catching_up.backlog()
        for one in crew:
            if not one.is_running():  # Celery gives up when a child is killed while it starts; a supervisor does not
                one.start()
        if time.monotonic() - swept > SWEEP_SECONDS:
            tasks.sweep()
            swept = time.monotonic()
        if not plan or left >= killed_at:
            continue  # the next blow falls when somebody is at work again
        victim = rng.choice(crew)
        if plan[-1] == "worker":
            os.killpg(victim.pid, signal.SIGKILL)
            victim.stop()
            victim.start()
            storm.workers += 1
        elif found := psutil.Process(victim.pid).children():
            found[0].kill()
            storm.children += 1
        else:
            continue
        plan.pop()
        killed_at = left
    storm.seconds = time.monotonic() - began
    return storm


def states(keys):
    """(product, status) of every embedding row, in the order of the keys."""
    rows = ImageEmbedding.objects.filter(product__in=keys).order_by("product_id")
    return list(rows.values_list("product_id", "status"))
