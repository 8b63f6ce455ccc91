"""Pictures a second: a Celery worker that reads, decodes, encodes and stores, against a bare loop that only encodes.

Both use one process and one thread, the same files, decoder and encoder. The loop has no database and no broker.
"""

from __future__ import annotations

import time

from benchmarks.report import Report, Row, compare
from benchmarks.shop import import_range, running_shop, running_worker

_PATIENCE_SECONDS = 600


def run(*, quick: bool = False) -> Report:
    """The comparison with one worker process."""
    products, rounds = (12, 1) if quick else (40, 5)
    with running_shop() as folder:
        keys = import_range(folder, products)
        with running_worker(folder, "vision", 1):
            return Report([_compare(keys, rounds)])


def _compare(keys: list[int], rounds: int) -> Row:
    from recommender import tasks
    from recommender.imaging.decode import decode
    from recommender.models import ImageEmbedding
    from recommender.services.engines import get_encoder
    from recommender.sources import get_source

    source, encoder = get_source(), get_encoder()
    images = [
        image for product in source.queryset().filter(pk__in=keys).order_by("pk") for image in source.images(product)
    ]

    def bare_loop() -> float:
        started = time.perf_counter()
        for image in images:
            with image.open() as file:
                encoder.encode([decode(file.read())])
        return len(images) / (time.perf_counter() - started)

    def pipeline() -> float:
        ImageEmbedding.objects.all().delete()
        started = time.perf_counter()
        tasks.dispatch_embedding(keys)
        ready = ImageEmbedding.objects.filter(status=ImageEmbedding.Status.READY)
        while ready.count() < len(images):
            if time.perf_counter() - started > _PATIENCE_SECONDS:
                raise SystemExit(f"Only {ready.count()} of {len(images)} pictures were embedded; see the worker's log.")
            time.sleep(0.02)
        return len(images) / (time.perf_counter() - started)

    bare_loop()
    pipeline()  # both have their networks loaded now
    return compare("Celery pipeline, 1 worker", len(images), pipeline, bare_loop, rounds=rounds, unit="pictures/s")
