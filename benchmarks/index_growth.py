"""What each vector index costs as a shop grows: building, size, recall and time of the best 10, on clustered vectors.

Random directions are the hardest case for a graph, and no catalogue looks so: they are measured beside it once.
"""

from __future__ import annotations

import argparse
import time
from typing import TextIO

from benchmarks.indexes import NAMES, Transaction, make, postgres, recall, searching, times_ms, truth
from benchmarks.report import Report, Row
from benchmarks.report import write_table as write_rows
from benchmarks.vectors import clustered, near, scattered
from recommender.core.types import Float32

_QUERIES = 300
_MEASURES = ("build", "size", "recall@10", "p50", "p99")
_SIZE_QUERY = "SELECT coalesce(sum(pg_total_relation_size(oid)), 0) FROM pg_class WHERE relname = 'recommender_vector'"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which index, when not all."""
    parser.add_argument("--only", choices=NAMES, help="one of the indexes")


def run(*, quick: bool = False, only: str | None = None) -> Report:
    """1,000, 10,000 and 100,000 vectors; the first two when quick."""
    sizes = (1_000, 10_000) if quick else (1_000, 10_000, 100_000)
    rows: list[Row] = []
    with postgres() as transaction:
        for name in [only] if only else NAMES:
            for n in sizes:
                rows += _measure(name, transaction, clustered(n), f"{n}")
            rows += _measure(f"{name}, random directions", transaction, scattered(sizes[1]), "random")
    return Report(rows)


def _measure(name: str, transaction: Transaction, vectors: Float32, space: str) -> list[Row]:
    queries = near(vectors, _QUERIES)
    kind = name.split(",")[0]
    index = make(kind, transaction, space)
    before = _database_bytes(transaction)
    started = time.perf_counter()
    index.open(vectors)
    seconds = time.perf_counter() - started
    saved = index.save()
    size = sum(array.nbytes for array in saved.values()) + _database_bytes(transaction) - before
    search = searching(index)
    share = recall(search, queries, truth(vectors, queries))
    p50, p99 = times_ms(search, queries)
    values = zip(_MEASURES, (seconds, size / 2**20, share, p50, p99), ("s", "MB", "", "ms", "ms"), strict=True)
    return [Row(f"{name}: {what}", len(vectors), value, None, unit, None, None) for what, value, unit in values]


def _database_bytes(transaction: Transaction) -> int:
    with transaction() as cursor:
        cursor.execute(_SIZE_QUERY)
        return int(cursor.fetchone()[0])


def write_table(report: Report, out: TextIO) -> None:
    """A line for each index and size."""
    write_rows(Report([], report.machine), out)
    out.write("\n| index | products | build, s | size, MB | recall@10 | p50, ms | p99, ms |\n")
    out.write("|---|--:|--:|--:|--:|--:|--:|\n")
    for start in range(0, len(report.rows), len(_MEASURES)):
        rows = report.rows[start : start + len(_MEASURES)]
        name = rows[0].what.split(":")[0]
        values = " | ".join(f"{row.ours:.3g}" for row in rows)
        out.write(f"| {name} | {rows[0].n:,} | {values} |\n")
