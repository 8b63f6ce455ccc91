"""One query of the exact index, against reading the matrix's float32 bytes once: a product with it, nothing else."""

from __future__ import annotations

import numpy as np

from benchmarks.report import Report, Row, compare, milliseconds
from benchmarks.vectors import clustered, near, scattered
from recommender.core.nearest import nearest
from recommender.core.types import Float32
from recommender.engines.exact import ExactIndex

K = 48
_QUERIES = 40


def run(*, quick: bool = False) -> Report:
    """10,000 and 100,000 vectors; 2,000 when quick."""
    rows: list[Row] = []
    for n in (2_000,) if quick else (10_000, 100_000):
        for kind, vectors in (("clustered", clustered(n)), ("random", scattered(n))):
            rows += _compare(kind, vectors, rounds=3 if quick else 11)
    return Report(rows)


def _compare(kind: str, vectors: Float32, rounds: int) -> list[Row]:
    queries = near(vectors, _QUERIES)
    every = np.arange(len(vectors), dtype=np.int32)
    rows = []
    for name, index in (("8 bits first", ExactIndex()), ("float32 only", ExactIndex(coded=False))):
        index.open(vectors)
        for query in queries[:5]:
            if not np.array_equal(index.search(query[None], K).rows[0], nearest(query, vectors, every, K).rows):
                raise SystemExit(f"{name}: the list is not the exact one")
        ours = milliseconds(lambda i, index=index: index.search(queries[i % _QUERIES][None], K), _QUERIES)  # type: ignore[misc]
        floor = milliseconds(lambda i: vectors @ queries[i % _QUERIES], _QUERIES)
        ours(), floor()
        what = f"best {K}, {name}, {kind} vectors"
        rows.append(compare(what, len(vectors), ours, floor, rounds=rounds, unit="ms"))
    return rows
