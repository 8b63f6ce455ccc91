"""Approximate indexes at recall@10 >= .99, against hnswlib at the same recall; and with a filter that leaves 5 %.

hnswlib is no dependency, as it has no wheels: `pip install hnswlib==0.8.0` builds it.
"""

from __future__ import annotations

import argparse
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np

from benchmarks.indexes import NAMES, K, Search, Transaction, make, postgres, recall, searching, times_ms, truth
from benchmarks.report import Report, Row, compare, milliseconds
from benchmarks.vectors import clustered, near
from recommender.core.types import Float32, Int32

_QUERIES = 200
_GOAL = 0.99
_EXPANSIONS = (16, 24, 32, 40, 48, 64, 96, 128, 192, 256, 512)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which index, when not both."""
    parser.add_argument("--only", choices=NAMES[1:], help="one of the indexes")


def run(*, quick: bool = False, only: str | None = None) -> Report:
    """100,000 clustered vectors; 20,000 when quick."""
    if find_spec("hnswlib") is None:
        raise SystemExit("This benchmark's peer is missing: .venv/bin/python -m pip install hnswlib==0.8.0")
    vectors = clustered(20_000 if quick else 100_000)
    queries = near(vectors, _QUERIES)
    best = truth(vectors, queries)
    peer, peer_recall = _peer(vectors, queries, best)
    rng = np.random.default_rng(2)
    few = np.sort(rng.choice(len(vectors), len(vectors) // 20, replace=False)).astype(np.int32)
    rows: list[Row] = []
    with postgres() as transaction:
        for name in [only] if only else NAMES[1:]:
            rows += _compare(name, transaction, vectors, queries, best, few, (peer, peer_recall))
    return Report(rows)


def _compare(
    name: str,
    transaction: Transaction,
    vectors: Float32,
    queries: Float32,
    best: list[Int32],
    few: Int32,
    peer: tuple[Search, float],
) -> list[Row]:
    n = len(vectors)
    built = make(name, transaction, "bench")
    built.open(vectors)
    saved = built.save()
    for expansion in _EXPANSIONS:
        index = make(name, transaction, "bench", expansion)
        index.open(vectors, saved)
        if (reached := recall(searching(index), queries, best)) >= _GOAL:
            break
    search, filtered = searching(index), searching(index, few)
    found = [filtered(query) for query in queries]
    full = float(np.mean([(rows >= 0).sum() for rows in found]))
    return [
        Row(f"{name}: recall@10, {expansion} candidates", n, reached, peer[1], "", None, None),
        compare(f"{name}: best 10", n, _timed(search, queries), _timed(peer[0], queries), rounds=9, unit="ms"),
        Row(f"{name}: rows of 10 with a 5 % filter", n, full, None, "", None, None),
        Row(
            f"{name}: recall@10 with it",
            n,
            recall(filtered, queries, truth(vectors, queries, few)),
            None,
            "",
            None,
            None,
        ),
        Row(f"{name}: best 10 with it", n, times_ms(filtered, queries)[0], None, "ms", None, None),
    ]


def _peer(vectors: Float32, queries: Float32, best: list[Int32]) -> tuple[Search, float]:
    """hnswlib, searching as few candidates as give the recall."""
    hnswlib = import_module("hnswlib")
    graph: Any = hnswlib.Index("ip", vectors.shape[1])
    graph.init_index(len(vectors), M=16, ef_construction=128, random_seed=0)
    graph.set_num_threads(1)
    graph.add_items(vectors)

    def search(query: Float32) -> Int32:
        rows: Int32 = graph.knn_query(query, K)[0][0].astype(np.int32)
        return rows

    for expansion in _EXPANSIONS:
        graph.set_ef(expansion)
        if (reached := recall(search, queries, best)) >= _GOAL:
            break
    return search, reached


def _timed(search: Search, queries: Float32) -> Any:
    return milliseconds(lambda number: search(queries[number % len(queries)]), 100)
