"""The vector indexes ready to be timed: each by its name, those in a database in a PostgreSQL of their own."""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from recommender.core.nearest import nearest
from recommender.core.types import Float32, Int32
from recommender.engines.base import VectorIndex
from recommender.engines.exact import ExactIndex
from recommender.engines.hnsw import HnswIndex
from recommender.engines.postgres import PgvectorIndex

Transaction: TypeAlias = Callable[[], AbstractContextManager[Any]]
Search: TypeAlias = Callable[[Float32], Int32]

NAMES = ("exact", "hnsw", "pgvector")
K = 10


def make(name: str, transaction: Transaction, space: str, expansion: int | None = None) -> VectorIndex:
    """The index "exact", "hnsw" or "pgvector", searching `expansion` candidates, or as many as by default."""
    options = {} if expansion is None else {"expansion_search": expansion}
    if name == "exact":
        return ExactIndex()
    if name == "hnsw":
        return HnswIndex(**options)
    return PgvectorIndex(transaction=transaction, space=space, **options)


@contextmanager
def postgres() -> Iterator[Transaction]:
    """Transactions on one connection to a PostgreSQL that is gone afterwards."""
    import psycopg

    from shopsite.stack import Services

    with (
        tempfile.TemporaryDirectory(prefix="index-bench-") as folder,
        Services(Path(folder), durable=False) as services,
    ):
        url = services.environment["DATABASE_URL"]
        with psycopg.connect(url, autocommit=True, cursor_factory=psycopg.ClientCursor) as connection:
            connection.execute("CREATE EXTENSION IF NOT EXISTS vector")

            @contextmanager
            def transaction() -> Iterator[Any]:
                with connection.transaction(), connection.cursor() as cursor:
                    yield cursor

            yield transaction


def truth(vectors: Float32, queries: Float32, among: Int32 | None = None) -> list[Int32]:
    """The best 10 rows of each query."""
    rows = np.arange(len(vectors), dtype=np.int32) if among is None else among
    scores = queries @ vectors[rows].T
    likely = np.sort(np.argpartition(-scores, 2 * K, axis=1)[:, : 2 * K], axis=1)
    return [nearest(query, vectors, rows[at], K).rows for query, at in zip(queries, likely, strict=True)]


def recall(search: Search, queries: Float32, best: list[Int32]) -> float:
    """The share of the best 10 that a search finds."""
    found = [np.isin(search(query), rows).sum() / K for query, rows in zip(queries, best, strict=True)]
    return float(np.mean(found))


def times_ms(search: Search, queries: Float32) -> tuple[float, float]:
    """Median and 99th percentile of a search."""
    taken = []
    for query in queries:
        started = time.perf_counter()
        search(query)
        taken.append(1000 * (time.perf_counter() - started))
    return statistics.median(taken), float(np.percentile(taken, 99))


def searching(index: VectorIndex, among: Int32 | None = None) -> Search:
    """One query at a time."""
    return lambda query: index.search(query[None], K, among=among).rows[0]
