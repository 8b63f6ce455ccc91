"""A running shop at half of its own peak for minutes, with trainings at low priority beside it.

First as many visitors as there can be find the peak; then half as many actions begin in each second. Visitors look,
search, report events and buy; memory is that of the web processes, its slope a straight line through one reading a
second.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import psutil

from benchmarks.catalogue import fill
from benchmarks.crowd import Crowd, Kept, Places
from benchmarks.report import Report, Row
from benchmarks.shop import running_shop
from benchmarks.web import ROOT, running_web
from shopsite.stack import Child

MIX = {"look": 10, "report": 4, "buy": 1}
VISITORS = 12


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How long."""
    parser.add_argument("--seconds", type=float, default=300.0, help="of the load at half of the peak (300)")


def run(*, quick: bool = False, seconds: float = 300.0) -> Report:
    """2,000 products; 300 and twenty seconds when quick."""
    with running_shop() as folder:
        keys = fill(300 if quick else 2000)
        with running_web(folder) as (server, port):
            places = _places(port, keys)
            warm = Crowd(places, MIX).run(visitors=VISITORS, seconds=3 if quick else 20)
            peak_seconds = 8 if quick else 30
            peak = Crowd(places, MIX, patience_seconds=0)
            found = peak.run(visitors=VISITORS, seconds=peak_seconds)
            with _trainings(folder) as trainings, _memory(server) as memory:
                crowd = Crowd(places, MIX, patience_seconds=0, seed=1)
                half = peak.done / peak_seconds / 2
                kept = crowd.run(visitors=VISITORS, seconds=20 if quick else seconds, a_second=half)
            return Report(
                [
                    *_load("at the peak", found, peak.done / peak_seconds),
                    *_load("at half of it", kept, half),
                    _row("events lost, at all loads", _lost([warm, found, kept]), "events"),
                    _row("trainings beside it", trainings.done, "trainings"),
                    *memory.rows(),
                ]
            )


def _row(what: str, value: float, unit: str, n: int = 0) -> Row:
    return Row(what, n, value, None, unit, None, None)


def _load(when: str, kept: Kept, a_second: float) -> list[Row]:
    times = np.array([1000 * answer.seconds for answer in kept.answers])
    n = len(times)
    quantiles = {"median": 50, "95 %": 95, "99 %": 99, "slowest": 100}
    return [
        _row(f"{when}: actions", a_second, "a second", n),
        *(_row(f"{when}: {name}", float(np.percentile(times, q)), "ms", n) for name, q in quantiles.items()),
        _row(f"{when}: faults of the server", len(kept.faults()), "answers", n),
        _row(f"{when}: sent away with 503", kept.statuses().get(503, 0), "answers", n),
        _row(f"{when}: refused", len(kept.refused), "actions", n),
    ]


def _lost(crowds: list[Kept]) -> int:
    """Events, and orders' events, that the shop said yes to and does not have."""
    from recommender.models import Interaction

    orders = {order for kept in crowds for order in kept.orders}
    events = [event for kept in crowds for event in kept.events]
    bought = set(Interaction.objects.filter(kind="purchase").values_list("order_id", flat=True))
    stored = {str(key) for key in Interaction.objects.values_list("client_id", flat=True)}
    return len(orders - bought) + sum(event not in stored for event in events)


def _places(port: int, keys: list[int]) -> Places:
    from catalog.models import Product

    products = {key: one.get_absolute_url() for key, one in Product.objects.in_bulk(keys[:200]).items()}
    Product.objects.update(stock=1_000_000, price="199.00")
    pages = ["/", "/products/", "/products/?q=p1", "/api/v1/recommendations/", *products.values()]
    return Places(port, [*pages, *(f"/api/v1/products/{key}/similar/" for key in products)], products)


@dataclass
class _Trainings:
    done: int = 0


@contextmanager
def _trainings(folder: Path) -> Iterator[_Trainings]:
    """Within, one training after the other runs at the lowest priority."""
    found, over = _Trainings(), threading.Event()
    command = ["nice", "-n", "19", sys.executable, "manage.py", "recommender_train"]

    def train() -> None:
        while not over.is_set():
            with (folder / "training.log").open("ab") as log:
                status = subprocess.run(command, cwd=ROOT, stdout=log, stderr=log, check=False).returncode  # noqa: S603 # nosec B603
            found.done += status == 0
            over.wait(2.0)

    thread = threading.Thread(target=train)
    thread.start()
    try:
        yield found
    finally:
        over.set()
        thread.join()


@dataclass
class _Memory:
    moments: list[float] = field(default_factory=list)
    megabytes: list[float] = field(default_factory=list)

    def rows(self) -> list[Row]:
        """Where it began, was half-way and ended, and the slope of the second half, when all caches are filled."""
        half = len(self.moments) // 2
        slope = np.polyfit(self.moments[half:], self.megabytes[half:], 1)[0] * 60
        moments = {"at the start": 0, "half-way": half, "at the end": -1}
        return [
            *(_row(f"memory of both web processes, {when}", self.megabytes[i], "MB") for when, i in moments.items()),
            _row("memory, slope of the second half", float(slope), "MB a minute"),
        ]


@contextmanager
def _memory(server: Child) -> Iterator[_Memory]:
    """Within, the web processes' own memory is read once a second."""
    found, over = _Memory(), threading.Event()

    def read() -> None:
        while not over.wait(1.0):
            with suppress(psutil.NoSuchProcess):
                children = psutil.Process(server.pid).children()
                found.megabytes.append(sum(child.memory_full_info().uss for child in children) / 2**20)
                found.moments.append(time.monotonic())

    thread = threading.Thread(target=read)
    thread.start()
    try:
        yield found
    finally:
        over.set()
        thread.join()
