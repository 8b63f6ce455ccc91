"""Fitting and ranking for everybody, against the implicit library called directly on the same matrix.

The matrix is ml-1m's training part from RECOMMENDER_DATA_DIR. All run with one thread, so that CPU time is what counts.
Memory is measured in a process a fit: how far its peak rises above what it held with the matrix loaded and a small fit
done, the result included.

Lists are made from everybody's events, as our artefacts hold no users: implicit's ALS is asked for the same, to compute
users anew (`recalculate_user`). Its BPR cannot, and ranks by the users that it has trained.
"""

from __future__ import annotations

import gc
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from benchmarks.report import Report, Row, compare

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

    from recommender.engines.base import CollaborativeModel
    from recommender.engines.item_item import Kind

K = 20
NEIGHBOURS = 200
BPR_ITERATIONS = 20
SIDES = ("ours", "implicit's")
WARM_UP = 500
"""Rows that are fitted first, so that both sides have loaded and allocated what they keep."""


def run(*, quick: bool = False) -> Report:
    """Time of a fit, time of lists for all users, and memory of a fit."""
    from scipy.sparse import save_npz

    matrix = _read()
    if quick:
        matrix = matrix[:WARM_UP]
    rounds = 1 if quick else 3
    rows = [_compare_fits(key, matrix, rounds) for key in ENGINES]
    rows += [_compare_lists(key, matrix, rounds) for key in ENGINES]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "matrix.npz"
        save_npz(file, matrix)
        rows += [_compare_memory(key, file, matrix.nnz) for key in ENGINES]
    return Report(rows)


def _read() -> csr_matrix:
    from scipy.sparse import csr_matrix

    data_dir = os.environ.get("RECOMMENDER_DATA_DIR", "")
    if not data_dir or not Path(data_dir, "ml-1m").is_dir():
        raise SystemExit(
            "Set RECOMMENDER_DATA_DIR to the folder that holds the data set ml-1m (docs/reference/datasets.md)."
        )
    from recommender.datasets.folder import DatasetFolder

    users: dict[str, int] = {}
    products: dict[str, int] = {}
    pairs = [
        (users.setdefault(event.user_id, len(users)), products.setdefault(event.product_id, len(products)))
        for event in DatasetFolder(Path(data_dir, "ml-1m")).interactions()
    ]
    columns, rows = np.array(pairs, np.int32).T
    matrix = csr_matrix((np.ones(rows.size, np.float32), (columns, rows)), shape=(len(users), len(products)))
    matrix.sum_duplicates()
    matrix.sort_indices()
    return matrix


def _als() -> tuple[CollaborativeModel, Callable[[csr_matrix], Any]]:
    from recommender.engines.als import ImplicitALS

    def theirs(matrix: csr_matrix) -> Any:
        from implicit.als import AlternatingLeastSquares

        model = AlternatingLeastSquares(
            factors=64, regularization=10.0, iterations=15, random_state=0, num_threads=1, use_gpu=False
        )
        confidence = matrix.copy()
        confidence.data = 1 + confidence.data
        model.fit(confidence, show_progress=False)
        return model

    return ImplicitALS(factors=64, regularization=10.0, iterations=15), theirs


def _bpr() -> tuple[CollaborativeModel, Callable[[csr_matrix], Any]]:
    from recommender.engines.bpr import ImplicitBPR

    def theirs(matrix: csr_matrix) -> Any:
        from implicit.bpr import BayesianPersonalizedRanking

        model = BayesianPersonalizedRanking(
            factors=64,
            learning_rate=0.05,
            regularization=0.05,
            iterations=BPR_ITERATIONS,
            random_state=0,
            num_threads=1,
            use_gpu=False,
        )
        model.fit(matrix, show_progress=False)
        return model

    return ImplicitBPR(factors=64, learning_rate=0.05, regularization=0.05, iterations=BPR_ITERATIONS), theirs


def _item_item(kind: Kind, name: str) -> tuple[CollaborativeModel, Callable[[csr_matrix], Any]]:
    from recommender.engines.item_item import ImplicitItemItem

    def theirs(matrix: csr_matrix) -> Any:
        from implicit import nearest_neighbours

        model = getattr(nearest_neighbours, name)(K=NEIGHBOURS + 1, num_threads=1)
        model.fit(matrix, show_progress=False)
        return model

    return ImplicitItemItem(kind, k=NEIGHBOURS), theirs


ENGINES: dict[str, Callable[[], tuple[CollaborativeModel, Callable[[csr_matrix], Any]]]] = {
    "als": _als,
    "bpr": _bpr,
    "bm25": partial(_item_item, "bm25", "BM25Recommender"),
    "cosine": partial(_item_item, "cosine", "CosineRecommender"),
}


def _seconds(call: Callable[[], object]) -> Callable[[], float]:
    def measure() -> float:
        started = time.process_time()
        call()
        return time.process_time() - started

    return measure


def _compare_fits(key: str, matrix: csr_matrix, rounds: int) -> Row:
    ours, theirs = ENGINES[key]()
    with _one_thread():
        for fit in (ours.fit, theirs):
            fit(matrix[:WARM_UP])
        return compare(
            f"{key}, fit",
            matrix.nnz,
            _seconds(lambda: ours.fit(matrix)),
            _seconds(lambda: theirs(matrix)),
            rounds=rounds,
            unit="CPU s",
        )


def _compare_lists(key: str, matrix: csr_matrix, rounds: int) -> Row:
    from recommender.core.batch import recommend_all

    ours, theirs = ENGINES[key]()
    with _one_thread():
        artefact, model = ours.fit(matrix), theirs(matrix)
        users = np.arange(matrix.shape[0])
        return compare(
            f"{key}, {K} products for each user",
            matrix.shape[0],
            _seconds(lambda: recommend_all(artefact, matrix.indptr, matrix.indices, matrix.data, K)),
            _seconds(lambda: model.recommend(users, matrix, K, recalculate_user=key == "als")),
            rounds=rounds,
            unit="CPU s",
        )


def _compare_memory(key: str, file: Path, n: int) -> Row:
    ours, theirs = SIDES
    return compare(
        f"{key}, memory of a fit",
        n,
        lambda: _memory_of(key, ours, file),
        lambda: _memory_of(key, theirs, file),
        rounds=1,
        unit="MB",
    )


def _memory_of(key: str, side: str, file: Path) -> float:
    command = [sys.executable, "-W", "ignore", "-m", "benchmarks.training", key, side, str(file)]
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE)  # noqa: S603 # ourselves # nosec B603
    return float(json.loads(answer.stdout))


def _measure_memory(key: str, side: str, file: str) -> float:
    """MB by which the peak of a fit lies above what this process held before it."""
    from scipy.sparse import csr_matrix, load_npz

    matrix: csr_matrix = csr_matrix(load_npz(file))
    ours, theirs = ENGINES[key]()
    fit = ours.fit if side == SIDES[0] else theirs
    with _one_thread():
        fit(matrix[:WARM_UP])
        gc.collect()
        Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here
        before = _resident("VmRSS")
        kept = fit(matrix)
        peak = _resident("VmHWM")
    del kept
    return (peak - before) / 1024


def _resident(name: str) -> int:
    """A figure of this process from Linux, in kB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))


def _one_thread() -> Any:
    from threadpoolctl import threadpool_limits

    return threadpool_limits(limits=1, user_api="blas")


if __name__ == "__main__":
    print(json.dumps(_measure_memory(*sys.argv[1:])))
