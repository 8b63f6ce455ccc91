"""A whole catalogue through the import and two embedding workers, with an importer and a worker killed on the way.

`--folder` names a data set folder; without it a small range is drawn. Everything is real: PostgreSQL, Valkey, beat, two
worker processes and the command itself. It ends with an error unless every product, picture, event and vector is there
exactly once. The floor is a loop in one process that only decodes and encodes.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

from benchmarks.report import Report, Row
from benchmarks.shop import END, running_shop
from shopsite.stack import Child

if TYPE_CHECKING:
    from recommender.sources import ProductRecord

_FLOOR_PICTURES = 200
_POLL_SECONDS = 0.5
_PATIENCE_SECONDS = 3600.0
_MIB = 2**20
_CELERY = [sys.executable, "-m", "celery", "-A", "shopsite", "--quiet"]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to import."""
    parser.add_argument("--folder", type=Path, metavar="DIR", help="the data set folder; a small range if not given")


def run(*, quick: bool = False, folder: Path | None = None) -> Report:
    """Rates, peaks of private memory, and what a second run costs."""
    with running_shop() as home:
        source = folder.resolve() if folder else _drawn(home)
        limit = ["--limit", "300"] if quick else []
        return Report(_Import(home, source, limit).rows())


def _drawn(home: Path) -> Path:
    from catalog import demo

    demo.build(home / "range", size="small", end=END)
    return home / "range"


@dataclass
class Memory:
    """Peak private memory (USS) by kind of process, in bytes, sampled twice a second."""

    peaks: dict[str, int] = field(default_factory=dict)

    def sample(self, kind: str, process: psutil.Process) -> None:
        """Note what the process has to itself now."""
        try:
            used = process.memory_full_info().uss
        except psutil.Error:
            return
        self.peaks[kind] = max(self.peaks.get(kind, 0), used)


class _Import:
    def __init__(self, home: Path, source: Path, limit: list[str]) -> None:
        self._home = home
        self._command = [sys.executable, "manage.py", "recommender_import", str(source), *limit]
        self._workers = [self._worker(number) for number in (1, 2)]
        self._importer = Child("import", self._command, home, stop_signal=signal.SIGINT)
        self._memory = Memory()
        self._source = source
        self._limit = int(limit[1]) if limit else None

    def rows(self) -> list[Row]:
        """Run, kill, resume, check and run once more."""
        floor = self._floor()
        beat = Child("beat", [*_CELERY, "beat", "--pidfile="], self._home)
        children = [beat, *self._workers]
        for child in children:
            child.start()
        try:
            with self._sampling():
                began = time.monotonic()
                imported, embedded = self._through_kills(began)
                products, pictures = self._check()
                again = self._again()
        finally:
            for child in (self._importer, *children):
                child.stop()
        peaks = self._memory.peaks
        return [
            Row("rows imported, importer killed once", products, products / imported, None, "products/s", None, None),
            Row(
                "pictures in and embedded by two workers, one of them killed",
                pictures,
                pictures / embedded,
                floor,
                "pictures/s",
                pictures / embedded / floor,
                None,
            ),
            Row("from nothing to the last vector", pictures, embedded, None, "s", None, None),
            Row("the same import again, nothing new", products, again, None, "s", None, None),
            *(
                Row(f"peak private memory, {kind}", products, peak / _MIB, None, "MiB", None, None)
                for kind, peak in sorted(peaks.items())
            ),
        ]

    def _through_kills(self, began: float) -> tuple[float, float]:
        """Seconds until the last row, and until the last vector, kills and resumes included."""
        from recommender.models import ImportedProduct

        expected = self._expected()
        self._importer.start()
        self._until(lambda: ImportedProduct.objects.count() >= 0.4 * expected)
        self._kill(self._importer)
        _say(f"importer killed at {ImportedProduct.objects.count():,} of {expected:,} products")
        self._importer.start()
        self._until(lambda: _n_ready() >= 0.5 * expected)
        self._kill(self._workers[0])
        _say(f"worker 1 killed at {_n_ready():,} pictures")
        self._workers[0].start()
        imported: list[float] = []

        def is_over() -> bool:
            if not imported and ImportedProduct.objects.count() >= expected:
                imported.append(time.monotonic() - began)
            return not self._importer.is_running()

        self._until(is_over)
        if self._importer.exit_code:
            raise SystemExit(f"The import failed:\n{self._importer.last_words(20)}")
        _say(self._importer.last_words(4))
        return (imported or [time.monotonic() - began])[0], self._last_vector(began)

    def _last_vector(self, began: float) -> float:
        """Seconds from the start to the newest vector: the command itself looks only once a second."""
        from django.db.models import Max
        from django.utils import timezone

        from recommender.models import ImageEmbedding

        newest = ImageEmbedding.objects.aggregate(at=Max("updated_at"))["at"]
        since: float = (timezone.now() - newest).total_seconds()
        return time.monotonic() - began - since

    def _expected(self) -> int:
        from recommender.datasets.folder import DatasetFolder

        rows = DatasetFolder(self._source).count("products")
        return rows if self._limit is None else min(rows, self._limit)

    def _check(self) -> tuple[int, int]:
        """Everything is there exactly once; how many products and pictures."""
        from catalog.models import OrderLine, Product, ProductImage
        from recommender.datasets.folder import DatasetFolder
        from recommender.models import ImageEmbedding, Interaction

        expected = {record.product_id: len(set(record.images)) for record in self._records()}
        history = list(DatasetFolder(self._source).interactions())[: self._limit]
        known = [event for event in history if event.product_id in expected]
        orders = sum(event.kind in ("purchase", "refund") for event in known)
        found = {
            "products": (Product.objects.count(), len(expected)),
            "pictures": (ProductImage.objects.count(), sum(expected.values())),
            "vectors": (_n_ready(), sum(expected.values())),
            "embedding rows": (ImageEmbedding.objects.count(), sum(n or 1 for n in expected.values())),
            "order lines": (OrderLine.objects.count(), orders),
            "events": (Interaction.objects.count(), len(known)),
        }
        _say(", ".join(f"{has:,} {name}" for name, (has, _) in found.items()))
        wrong = [f"{has:,} {name} instead of {should:,}" for name, (has, should) in found.items() if has != should]
        if wrong:
            raise SystemExit(f"Lost or doubled: {'; '.join(wrong)}.")
        return len(expected), sum(expected.values())

    def _records(self) -> Iterator[ProductRecord]:
        from itertools import islice

        from recommender.datasets.folder import DatasetFolder

        return islice(DatasetFolder(self._source).products(), self._limit)

    def _again(self) -> float:
        began = time.monotonic()
        self._importer.start()
        self._until(lambda: not self._importer.is_running())
        seconds = time.monotonic() - began
        self._check()
        return seconds

    def _floor(self) -> float:
        """Pictures a second of a loop that decodes and encodes, in this process."""
        from recommender.imaging.decode import decode
        from recommender.services.engines import get_encoder

        paths = [path for record in self._records() for path in record.images][:_FLOOR_PICTURES]
        encoder = get_encoder()
        encoder.encode([decode(paths[0].read_bytes())])
        began = time.perf_counter()
        for path in paths:
            encoder.encode([decode(path.read_bytes())])
        return len(paths) / (time.perf_counter() - began)

    def _worker(self, number: int) -> Child:
        command = [*_CELERY, "worker", "--loglevel=INFO", "--without-gossip", "--without-mingle", "--concurrency=1"]
        command += ["--queues=vision,default", f"--hostname=worker{number}@%h"]
        return Child(f"worker{number}", command, self._home, stop_signal=signal.SIGQUIT)

    def _kill(self, child: Child) -> None:
        """SIGKILL to the process and all that it started."""
        if child.pid is not None:
            os.killpg(child.pid, signal.SIGKILL)
        child.stop()

    def _until(self, condition: Callable[[], object]) -> None:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while not condition():
            if time.monotonic() > deadline:
                raise SystemExit(f"Nothing came of it in {_PATIENCE_SECONDS:.0f} s.")
            time.sleep(_POLL_SECONDS)

    @contextmanager
    def _sampling(self) -> Iterator[None]:
        ended = threading.Event()

        def watch() -> None:
            while not ended.wait(_POLL_SECONDS):
                self._sample(self._importer, "importer")
                for worker in self._workers:
                    self._sample(worker, "worker, parent", "worker, child")

        thread = threading.Thread(target=watch)
        thread.start()
        try:
            yield
        finally:
            ended.set()
            thread.join()

    def _sample(self, child: Child, kind: str, of_children: str = "") -> None:
        if child.pid is None or not child.is_running():
            return
        try:
            process = psutil.Process(child.pid)
            started = process.children() if of_children else []
        except psutil.Error:
            return
        self._memory.sample(kind, process)
        for one in started:
            self._memory.sample(of_children, one)


def _n_ready() -> int:
    from recommender.models import ImageEmbedding

    return ImageEmbedding.objects.filter(status=ImageEmbedding.Status.READY).count()


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()
