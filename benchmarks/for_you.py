"""One answer for a visitor, folded in from ten events, and one item-to-item answer; then the whole endpoint.

In process: from a snapshot's arrays to scored and ordered candidates, without database. The endpoint: as `serving`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.catalogue import guest_with_events, products, publish
from benchmarks.report import Report, Row, compare, milliseconds
from benchmarks.serving import STEP, client
from benchmarks.shop import running_shop
from recommender.core.catalogue import Catalogue

EVENTS = 10


def run(*, quick: bool = False) -> Report:
    """100,000 products; 2,000 when quick."""
    n = 2000 if quick else 100_000
    rows: list[Row] = []
    with running_shop():
        keys = products(n)
        for name, factors in (("item-to-item weights", False), ("factors", True)):
            catalogue = publish(keys, factors=factors)
            rows += _endpoint(keys, name, quick=quick)
            with _mapped(catalogue) as mapped:
                rows += _in_process(mapped, name, times=50 if quick else 500)
    return Report(rows)


def _endpoint(keys: list[int], name: str, *, quick: bool) -> list[Row]:
    times = 5 if quick else 60
    tokens = [guest_with_events(keys, number) for number in range(times)]
    n = len(keys)

    with client() as get:
        plain = milliseconds(lambda number: get(f"/plain/{keys[(number * STEP) % (n - 12)]}/"), times)
        ours = milliseconds(
            lambda number: get("/api/v1/recommendations/?k=12", **{"X-Visitor-Token": tokens[number % times]}), times
        )
        plain()
        ours()
        rounds = 2 if quick else 9
        return [compare(f"for-you endpoint, 12 cards, {name}", n, ours, plain, rounds=rounds, unit="ms")]


def _in_process(catalogue: Catalogue, name: str, times: int) -> list[Row]:
    """Medians of answers for ever other visitors and products."""
    from recommender.core import hybrid
    from recommender.core.ranking import top_k

    rng = np.random.default_rng(1)
    n = catalogue.n
    histories = [rng.choice(n, EVENTS, replace=False).astype(np.int32) for _ in range(times)]
    weights = (0.9 ** np.arange(EVENTS)).astype(np.float32)

    def for_you(number: int) -> None:
        top_k(hybrid.for_you(catalogue, histories[number % times], weights).scores, 48)

    def similar(number: int) -> None:
        top_k(hybrid.similar(catalogue, (number * STEP) % n).scores, 48)

    rows = []
    for what, call in (("one fold-in answer", for_you), ("one item-to-item answer", similar)):
        measure = milliseconds(call, times)
        measure()
        rows.append(Row(f"{what}, in process, {name}", n, measure(), None, "ms", None, None))
    return rows


@contextmanager
def _mapped(catalogue: Catalogue) -> Iterator[Catalogue]:
    """The catalogue with its arrays as memory-mapped files, as a web process has them."""
    from recommender.engines.factor_search import factor_search
    from recommender.services.publishing import pack, unpack

    arrays, config = pack(catalogue)
    with tempfile.TemporaryDirectory(prefix="for-you-") as folder:
        mapped = {}
        for number, (name, array) in enumerate(arrays.items()):
            path = Path(folder, f"{number}.npy")
            np.save(path, array)
            mapped[name] = np.load(path, mmap_mode="r")
        opened = unpack(mapped, config, catalogue.n)
        yield replace(opened, factor_search=factor_search(opened.artefact))
