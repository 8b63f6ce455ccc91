"""All products' best 200 by looks, against BLAS's product of the same matrices and nothing else."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from benchmarks.report import Report, Row, compare
from benchmarks.vectors import clustered
from recommender.core.neighbours import updated_neighbours, visual_neighbours
from recommender.core.types import Float32
from recommender.core.vectors import SCORES_BYTES

K = 200


def run(*, quick: bool = False) -> Report:
    """100,000 vectors; 20,000 when quick."""
    n = 20_000 if quick else 100_000
    vectors = clustered(n)
    rows: list[Row] = [
        compare(
            f"lists of {K}, from nothing",
            n,
            _seconds(lambda: visual_neighbours(vectors, K)),
            _seconds(lambda: _product(vectors)),
            rounds=1,
            unit="s",
        )
    ]
    before = visual_neighbours(vectors[: n - n // 100], K)
    origin = np.arange(n, dtype=np.int32)
    origin[n - n // 100 :] = -1
    rows.append(
        compare(
            "the same with 1 % new products, from the last lists",
            n,
            _seconds(lambda: updated_neighbours(vectors, K, before, origin)),
            _seconds(lambda: visual_neighbours(vectors, K)) if quick else lambda: rows[0].ours,
            rounds=1,
            unit="s",
        )
    )
    return Report(rows)


def _product(vectors: Float32) -> None:
    block = max(1, SCORES_BYTES // (4 * len(vectors)))
    out = np.empty((block, len(vectors)), np.float32)
    for start in range(0, len(vectors), block):
        part = vectors[start : start + block]
        np.matmul(part, vectors.T, out=out[: len(part)])


def _seconds(call: Callable[[], object]) -> Callable[[], float]:
    def measure() -> float:
        started = time.perf_counter()
        call()
        return time.perf_counter() - started

    return measure
