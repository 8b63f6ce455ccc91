"""All products' best 200 by looks, against BLAS's product of the same matrices and nothing else.

Both run on one thread and are measured in processor time, which other work on the machine disturbs least.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from benchmarks.report import Report, compare
from benchmarks.vectors import clustered
from recommender.core.neighbours import updated_neighbours, visual_neighbours
from recommender.core.types import Float32, Neighbours
from recommender.core.vectors import SCORES_BYTES

K = 200


def run(*, quick: bool = False) -> Report:
    """100,000 vectors, and then 1 % more; 20,000 when quick."""
    n = 20_000 if quick else 100_000
    every = clustered(n + n // 100)
    vectors = every[:n]
    lists: list[Neighbours] = []
    made = compare(
        f"lists of {K}, from nothing",
        n,
        _seconds(lambda: lists.append(visual_neighbours(vectors, K))),
        _seconds(lambda: _product(vectors)),
        rounds=1,
        unit="CPU s",
    )
    origin = np.append(np.arange(n), np.full(n // 100, -1)).astype(np.int32)
    updated = compare(
        "the same with 1 % new products, from the last lists; against making all",
        len(every),
        _seconds(lambda: updated_neighbours(every, K, lists[0], origin)),
        lambda: made.ours,
        rounds=1,
        unit="CPU s",
    )
    return Report([made, updated])


def _product(vectors: Float32) -> None:
    block = max(1, SCORES_BYTES // (4 * len(vectors)))
    out = np.empty((block, len(vectors)), np.float32)
    for start in range(0, len(vectors), block):
        part = vectors[start : start + block]
        np.matmul(part, vectors.T, out=out[: len(part)])


def _seconds(call: Callable[[], object]) -> Callable[[], float]:
    def measure() -> float:
        started = time.process_time()
        call()
        return time.process_time() - started

    return measure
