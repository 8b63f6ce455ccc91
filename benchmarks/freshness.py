"""How soon a new product stands in another one's shelf, and is found by a photo of it, without a training.

On PostgreSQL and Valkey, with one Celery worker. A phone is saved with its picture in one transaction; after the commit
the worker embeds it, and this process, which serves as a web process does, is asked until it shows the phone: in the
shelf of the phone of the same design in another colour, which is in the shop already, and for a bad photo of it. Each
new phone is a family of its own, on sale and in the category of the shelf: a shelf rightly leaves out others.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.catalogue import products, publish
from benchmarks.report import Report, Row
from benchmarks.shop import END, in_a_process_of_its_own, running_shop, running_worker

_NEW = 10
_PATIENCE_SECONDS = 60
_ASK_EVERY_SECONDS = 0.02

Times = tuple[list[float], list[float]]


def run(*, quick: bool = False) -> Report:
    """10,000 and 100,000 products; 300 when quick."""
    sizes, n_new = ((300,), 2) if quick else ((10_000, 100_000), _NEW)
    rows = []
    for n in sizes:
        shelves, photos = in_a_process_of_its_own(_measure, n, n_new)
        for seen, seconds in (("in another product's shelf", shelves), ("found by its photo", photos)):
            for of, value in ((f"median of {n_new}", statistics.median(seconds)), ("slowest", max(seconds))):
                rows.append(Row(f"from the save until {seen}, {of}", n, value, None, "s", None, None))
    return Report(rows)


def _measure(n: int, n_new: int) -> Times:
    with running_shop() as folder:
        from recommender.services.engines import get_encoder

        publish(products(n), encoder=get_encoder())
        pictures = _pictures(folder, n_new)
        with running_worker(folder, "vision,default", 1):
            return _arrivals(pictures)


def _arrivals(pictures: list[tuple[bytes, bytes]]) -> Times:
    """Seconds until each new phone was shown beside its sibling, and found by its photo."""
    from recommender.services import recommending, searching

    rng = np.random.default_rng(END.toordinal())
    shelves, photos = [], []
    for number, (picture_of_sibling, picture) in enumerate(pictures):
        sibling, _ = _save(f"sibling-{number}", picture_of_sibling)

        def is_seen(picture: bytes = picture_of_sibling, sibling: Any = sibling) -> bool:
            return _finds(searching.look(picture), sibling)

        _until(is_seen, f"{sibling} is not found by its own picture")
        photo = searching.look(_bad_photo(picture, rng))
        product, saved = _save(f"new-{number}", picture)

        def is_beside(product: Any = product, sibling: Any = sibling) -> bool:
            return any(item.product == product for item in recommending.similar(sibling).items)

        def is_found(product: Any = product, photo: searching.Glance = photo) -> bool:
            return _finds(photo, product)

        shelves.append(_until(is_beside, f"{product} is not in the shelf of {sibling}") - saved)
        photos.append(_until(is_found, f"{product} is not found by its photo") - saved)
        _sell_out(sibling, product)
    return shelves, photos


def _finds(seen: Any, product: Any) -> bool:
    from recommender.services import searching

    return any(item.product == product for item in searching.search(seen, anyway=True).items)


def _sell_out(*products: Any) -> None:
    """Take them off the shelves: the next pair competes with made-up products only, not with all pairs before it."""
    for product in products:
        product.stock = 0
        product.save()


def _save(name: str, picture: bytes) -> tuple[Any, float]:
    """A phone with its picture, saved as the shop's admin does, and when that began."""
    from django.db import transaction

    from catalog import pictures
    from catalog.models import Family, Product

    prepared = pictures.prepare(BytesIO(picture))
    started = time.perf_counter()
    with transaction.atomic():
        family = Family.objects.create(key=name, name=name, category="phone")
        product = Product.objects.create(sku=name, title=name, family=family, stock=5, price=299)
        pictures.attach(product, prepared)
    return product, started


def _pictures(folder: Path, n: int) -> list[tuple[bytes, bytes]]:
    """The backs of n phones of the demo range, each in two colours."""
    from catalog.demo.building import PLANS
    from catalog.demo.picturing import shoot, sittings
    from catalog.demo.variants import picture_path

    plan = PLANS["full"]
    families = [family for family in plan.families if len(family.colours) > 1][:n]
    work = [sitting for sitting in sittings(families, ("back",)) if sitting.colour in list(sitting.family.colours)[:2]]
    shoot(folder / "range", work, seed=0, pixels=plan.pixels, progress=lambda done, total: None)
    files = [(folder / "range" / picture_path(s.family, s.colour, "back")).read_bytes() for s in work]
    return list(zip(files[::2], files[1::2], strict=True))


def _bad_photo(picture: bytes, rng: np.random.Generator) -> bytes:
    """A file of a photo of the phone, badly taken."""
    from PIL import Image

    from recommender.imaging.decode import decode
    from recommender.imaging.degrading import badly_photographed

    out = BytesIO()
    Image.fromarray(badly_photographed(decode(picture), rng).pixels).save(out, "JPEG", quality=85)
    return out.getvalue()


def _until(holds: Callable[[], bool], otherwise: str) -> float:
    end = time.perf_counter() + _PATIENCE_SECONDS
    while not holds():
        if time.perf_counter() > end:
            raise SystemExit(f"After {_PATIENCE_SECONDS} s {otherwise}; see the worker's log.")
        time.sleep(_ASK_EVERY_SECONDS)
    return time.perf_counter()
