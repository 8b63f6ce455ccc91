"""A throw-away shop for benchmarks: PostgreSQL, Valkey, migrated, with the demo range's products."""

from __future__ import annotations

import os
import secrets
import sys
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import date
from multiprocessing import get_context
from pathlib import Path
from typing import TypeVar

from shopsite.stack import Child, Services

END = date(2026, 1, 1)

Answer = TypeVar("Answer")


def in_a_process_of_its_own(measure: Callable[..., Answer], *arguments: object) -> Answer:
    """What a function of a module answers, called in a new process with one BLAS thread, as the web server's have.

    Django is set up once a process, on one database; who measures in several shops takes a process for each.
    """
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # read when the new process loads NumPy
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as pool:
        return pool.submit(measure, *arguments).result()


@contextmanager
def running_shop() -> Iterator[Path]:
    """Services started, Django set up on them, tables made; the folder is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="shop-bench-") as name, Services(Path(name), durable=False) as services:
        os.environ.update(
            services.environment,
            DATA_DIR=name,
            SECRET_KEY=secrets.token_hex(),
            LOG_LEVEL="ERROR",
            DJANGO_SETTINGS_MODULE="shopsite.settings",
        )
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        try:
            yield Path(name)
        finally:
            from django.db import connections

            connections.close_all()


def import_range(folder: Path, n: int) -> list[int]:
    """Draw the small demo range, import its first n products without embedding them; return their keys."""
    from catalog import demo
    from recommender.datasets.folder import DatasetFolder
    from recommender.models import ImageEmbedding
    from recommender.sources import get_source

    demo.build(folder / "range", size="small", end=END)
    keys = []
    for record, _ in zip(DatasetFolder(folder / "range").products(), range(n), strict=False):
        keys.append(get_source().upsert(record).pk)
    ImageEmbedding.objects.all().delete()
    return keys


@contextmanager
def running_worker(folder: Path, queues: str, concurrency: int) -> Iterator[Child]:
    """A Celery worker on the shop."""
    command = [sys.executable, "-m", "celery", "-A", "shopsite", "worker", "--loglevel=INFO", "--without-gossip"]
    command += ["--without-mingle", f"--queues={queues}", f"--concurrency={concurrency}"]
    worker = Child("worker", command, folder, grace_seconds=10)
    worker.start()
    try:
        yield worker
    finally:
        worker.stop()
