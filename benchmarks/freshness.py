"""How soon a new product stands in another one's shelf, and is found by its photo, without a training.

At 100,000 products, on PostgreSQL and Valkey, with one Celery worker: the product is saved with its picture, the worker
embeds it after the commit, and this process, which serves as a web process does, is asked until it shows the product.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.catalogue import products
from benchmarks.photo_search import publish_looks
from benchmarks.report import Report, Row
from benchmarks.shop import END, running_shop, running_worker

_NEW = 6
_PATIENCE_SECONDS = 60


def run(*, quick: bool = False) -> Report:
    """100,000 products; 300 when quick."""
    n = 300 if quick else 100_000
    with running_shop() as folder:
        publish_looks(products(n), with_pictures=False)
        with running_worker(folder, "vision,default", 1):
            shelves, photos = _arrivals(folder)
    rows = []
    for what, seconds in (("in another product's shelf", shelves), ("found by its photo", photos)):
        rows += [
            Row(f"saved until {what}, median of {len(seconds)}", n, statistics.median(seconds), None, "s", None, None),
            Row(f"saved until {what}, slowest", n, max(seconds), None, "s", None, None),
        ]
    return Report(rows)


def _arrivals(folder: Path) -> tuple[list[float], list[float]]:
    """Seconds until each new product was shown beside the one before it, and found by its photo."""
    from catalog import demo
    from recommender.datasets.folder import DatasetFolder
    from recommender.services import recommending, searching
    from recommender.sources import get_source

    demo.build(folder / "range", size="small", end=END)
    by_family = {record.family: record for record in DatasetFolder(folder / "range").products()}
    shelves: list[float] = []
    photos: list[float] = []
    before: Any = None
    for record in list(by_family.values())[: _NEW + 1]:
        started = time.perf_counter()
        product = get_source().upsert(record)
        photo = record.images[0].read_bytes()

        def is_found(product: Any = product, photo: bytes = photo) -> bool:
            found = searching.search(searching.look(photo), anyway=True)
            return any(item.product == product for item in found.items)

        def is_beside(product: Any = product, seed: Any = before) -> bool:
            return any(item.product == product for item in recommending.similar(seed).items)

        if before is not None:  # the first one loads the worker's network
            shelves.append(_until(is_beside) - started)
        reached = _until(is_found) - started
        if before is not None:
            photos.append(reached)
        before = product
    return shelves, photos


def _until(holds: Callable[[], bool]) -> float:
    end = time.perf_counter() + _PATIENCE_SECONDS
    while not holds():
        if time.perf_counter() > end:
            raise SystemExit("The product did not come; see the worker's log.")
        time.sleep(0.02)
    return time.perf_counter()
