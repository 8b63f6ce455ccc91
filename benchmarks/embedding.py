"""Pictures a second: Celery workers that read, decode, encode and store, against bare loops that only encode.

Both use as many processes of one thread each, the same files, decoder and encoder. The loops have no database and no
broker. Then what the small blocks cost beside the network, and the memory that a worker has for itself.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from benchmarks.report import Report, Row, compare
from benchmarks.shop import import_range, running_shop, running_worker
from shopsite.stack.children import Child

if TYPE_CHECKING:
    from recommender.engines.composite import CompositeEncoder

_PATIENCE_SECONDS = 600
_MOST_MB = 300


def run(*, quick: bool = False) -> Report:
    """The comparison with one worker process and with two, the cost of the small blocks, and the memory."""
    products, rounds = (12, 1) if quick else (40, 5)
    rows = []
    with running_shop() as folder:
        keys = import_range(folder, products)
        for workers in (1, 2):
            with running_worker(folder, "vision", workers) as child:
                rows.append(_compare(keys, workers, rounds))
                if workers == 1:
                    rows.append(_memory(child))
        rows.append(_small_blocks(keys, rounds))
    return Report(rows)


def _compare(keys: list[int], workers: int, rounds: int) -> Row:
    from recommender import tasks
    from recommender.models import ImageEmbedding

    paths = _paths(keys)
    # Not fork: this process has a database connection and perhaps threads.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:

        def bare_loop() -> float:
            started = time.perf_counter()
            list(pool.map(_encode, [paths[number::workers] for number in range(workers)]))
            return len(paths) / (time.perf_counter() - started)

        def pipeline() -> float:
            ImageEmbedding.objects.all().delete()
            started = time.perf_counter()
            tasks.dispatch_embedding(keys)
            ready = ImageEmbedding.objects.filter(status=ImageEmbedding.Status.READY)
            while ready.count() < len(paths):
                if time.perf_counter() - started > _PATIENCE_SECONDS:
                    raise SystemExit(
                        f"Only {ready.count()} of {len(paths)} pictures were embedded; see the worker's log."
                    )
                time.sleep(0.02)
            return len(paths) / (time.perf_counter() - started)

        bare_loop()
        pipeline()  # all have their networks loaded now
        what = f"Celery pipeline, {workers} worker{'s' if workers > 1 else ''}"
        return compare(what, len(paths), pipeline, bare_loop, rounds=rounds, unit="pictures/s")


def _paths(keys: list[int]) -> list[Path]:
    """The files of the products' pictures."""
    from recommender.sources import get_source

    source = get_source()
    products = source.queryset().filter(pk__in=keys).order_by("pk")
    found = []
    for product in products:
        for image in source.images(product):
            with image.open() as file:
                found.append(Path(file.name))
    return found


def _encode(paths: Sequence[Path]) -> int:
    """The bare loop, in a process of its own."""
    from recommender.imaging.decode import decode

    for path in paths:
        _encoder().encode([decode(path.read_bytes())])
    return len(paths)


@lru_cache(maxsize=1)
def _encoder() -> CompositeEncoder:
    from recommender.engines.composite import CompositeEncoder

    return CompositeEncoder()


def _small_blocks(keys: list[int], rounds: int) -> Row:
    """Colour, texture and shape together, against the network, in milliseconds a picture."""
    import numpy as np

    from recommender.engines import finish, semantic, shape, texture
    from recommender.engines.efficientnet_lite0 import SIDE
    from recommender.engines.export import default_path
    from recommender.engines.framing import crop_to_product, square
    from recommender.imaging.decode import decode

    backbone = semantic.Backbone(default_path())
    framed = [square(crop_to_product(decode(path.read_bytes())), SIDE) for path in _paths(keys)]
    maps = [backbone(picture) for picture in framed]
    masks = [np.ones((SIDE, SIDE), np.bool_) if picture.mask is None else picture.mask for picture in framed]

    def blocks() -> float:
        started = time.perf_counter()
        for picture, seen, mask in zip(framed, maps, masks, strict=True):
            finish.finish_block(picture, 0.0)
            texture.texture_block(seen.middle, mask, 0.0)
            shape.shape_block(picture, 0.0)
        return 1000 * (time.perf_counter() - started) / len(framed)

    def network() -> float:
        started = time.perf_counter()
        for picture in framed:
            backbone(picture)
        return 1000 * (time.perf_counter() - started) / len(framed)

    return compare(
        "colour, texture and shape beside the network", len(framed), blocks, network, rounds=rounds, unit="ms"
    )


def _memory(worker: Child) -> Row:
    """What the largest process of a pool shares with nobody, in MB, against the most it should have."""
    pool = psutil.Process(worker.pid).children(recursive=True)
    private = max(process.memory_full_info().uss for process in pool) / 1024**2
    return Row("private memory of a worker process", 1, private, _MOST_MB, "MB", private / _MOST_MB, None)
