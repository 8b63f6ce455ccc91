"""What every vector index must do."""

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import numpy as np
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from recommender.core.vectors import unit_rows
from recommender.engines.approximate import ApproximateIndex
from recommender.engines.exact import ExactIndex
from recommender.engines.hnsw import HnswIndex
from recommender.engines.postgres import PgvectorIndex
from recommender.engines.rescored import RescoredIndex
from recommender.exceptions import DimensionMismatchError, IndexUnusableError, VectorRefusedError

INDEXES = {
    "exact": ExactIndex,
    "exact without codes": lambda: ExactIndex(coded=False),
    "hnsw": HnswIndex,
    "pgvector": lambda: PgvectorIndex(transaction=in_postgres, space="contract"),
}
SEARCHED = settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
URL = os.environ.get("DATABASE_URL", "")


@contextmanager
def in_postgres():
    """A transaction in a schema of its own in the real PostgreSQL that `python -m shopsite.stack` starts."""
    with psycopg.connect(URL, cursor_factory=psycopg.ClientCursor) as connection, connection.cursor() as cursor:
        cursor.execute("CREATE EXTENSION IF NOT EXISTS vector")
        cursor.execute("CREATE SCHEMA IF NOT EXISTS contract")
        cursor.execute("SET LOCAL search_path = contract, public")
        yield cursor


@pytest.fixture(
    params=[pytest.param(name, marks=pytest.mark.realservices if name == "pgvector" else ()) for name in INDEXES]
)
def name(request):
    if request.param == "pgvector" and not URL.startswith("postgres"):
        pytest.skip("needs PostgreSQL: python -m shopsite.stack .venv/bin/pytest -m realservices")
    return request.param


@pytest.fixture
def make(name):
    return INDEXES[name]


def opened(make, vectors, *arguments, **options):
    index = make()
    index.open(vectors, *arguments, **options)
    return index


def vectors_of(seed, n, d=6):
    return unit_rows(np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32))


def rows(*numbers):
    return np.array(numbers, np.int32)


def expected(vectors, query, k, among=None):
    """Rows by comparing with everything, ties by lower row; zeros are nobody."""
    scores = np.einsum("ij,j->i", vectors, query)
    scores[~vectors.any(axis=1)] = -np.inf
    if among is not None:
        scores[np.setdiff1d(np.arange(len(vectors)), among)] = -np.inf
    order = np.argsort(-scores, kind="stable")[:k]
    found = order[np.isfinite(scores[order])]
    return np.pad(found, (0, k - found.size), constant_values=-1)


@given(seed=st.integers(0, 10_000), n=st.integers(1, 60), k=st.integers(1, 70))
@SEARCHED
def test_it_finds_what_comparing_with_everything_finds(name, seed, n, k):
    vectors, queries = vectors_of(seed, n), vectors_of(seed + 1, 3)
    found = opened(INDEXES[name], vectors).search(queries, k)
    assert found.rows.shape == found.scores.shape == (3, k)
    assert (found.rows.dtype, found.scores.dtype) == (np.int32, np.float32)
    for query, its_rows, scores in zip(queries, *found, strict=True):
        assert_array_equal(its_rows, expected(vectors, query, k))
        assert np.allclose(scores[: min(n, k)], vectors[its_rows[: min(n, k)]] @ query, atol=1e-6)
    assert (found.scores[:, n:] == 0).all()


@st.composite
def changes(draw):
    """A first catalogue, and what is put and removed afterwards; zero rows, equal rows and new rows among them."""
    seed, n = draw(st.integers(0, 10_000)), draw(st.integers(0, 30))
    steps = draw(st.lists(st.tuples(st.booleans(), st.sets(st.integers(0, 39), max_size=8)), max_size=4))
    return seed, n, steps


def apply(index, vectors, seed, steps):
    for number, (put, chosen) in enumerate(steps):
        at = np.array(sorted(chosen), np.int32)[::-1]
        if put:
            fresh = vectors_of(seed + number, len(at))
            fresh[1::3] = 0
            index.put(at, fresh)
            grown = np.zeros((max(len(vectors), int(at.max(initial=-1)) + 1), vectors.shape[1]), np.float32)
            grown[: len(vectors)] = vectors
            grown[at] = fresh
            vectors = grown
        else:
            index.remove(at)
            vectors = vectors.copy()
            vectors[at[at < len(vectors)]] = 0
    return vectors


@given(case=changes(), k=st.integers(1, 45), among=st.none() | st.sets(st.integers(0, 50)))
@SEARCHED
def test_after_any_changes_it_answers_as_if_built_anew(name, case, k, among):
    seed, n, steps = case
    vectors = vectors_of(seed, n)
    vectors[::7] = 0
    index = opened(INDEXES[name], vectors)
    vectors = apply(index, vectors, seed, steps)
    allowed = None if among is None else np.array(sorted(among), np.int32)
    query = vectors_of(seed + 99, 1)
    assert_array_equal(index.search(query, k, among=allowed).rows[0], expected(vectors, query[0], k, allowed))
    again = opened(INDEXES[name], vectors, index.save())
    assert_array_equal(again.search(query, k, among=allowed).rows[0], expected(vectors, query[0], k, allowed))


@given(seed=st.integers(0, 10_000), n=st.integers(1, 30), moves=st.data())
@SEARCHED
def test_saved_arrays_carry_over_to_a_later_catalogue(name, seed, n, moves):
    """Rows come, go, change and get other numbers between two snapshots: only what is new is added."""
    vectors = vectors_of(seed, n)
    vectors[::5] = 0
    saved = opened(INDEXES[name], vectors).save()
    kept = moves.draw(st.lists(st.integers(0, n - 1), unique=True))
    origin = np.array([*kept, *[-1] * moves.draw(st.integers(0, 5))], np.int32)
    np.random.default_rng(seed).shuffle(origin)
    later = np.where((origin >= 0)[:, None], vectors[origin], vectors_of(seed + 1, len(origin)))
    index = opened(INDEXES[name], later, saved, origin=origin)
    query = vectors_of(seed + 2, 1)
    assert_array_equal(index.search(query, 8).rows[0], expected(later, query[0], 8))
    assert_array_equal(opened(INDEXES[name], vectors, saved).search(query, 8).rows[0], expected(vectors, query[0], 8))


def test_a_filter_never_costs_results_while_more_exist(make, monkeypatch):
    """The best 300 rows are all forbidden: whatever the index proposes first, it must go on."""
    monkeypatch.setattr(RescoredIndex, "few_rows", 3)
    monkeypatch.setattr(ApproximateIndex, "few_rows", 3)
    vectors = vectors_of(3, 400)
    query = vectors_of(4, 1)
    order = expected(vectors, query[0], 400)
    allowed = np.sort(order[300:]).astype(np.int32)
    found = opened(make, vectors).search(query, 20, among=allowed)
    assert (found.rows >= 0).all()
    assert np.isin(found.rows, allowed).all()


def test_equal_vectors_come_in_the_order_of_their_rows(make):
    vectors = np.repeat(vectors_of(0, 1, d=37), 21, axis=0)
    found = opened(make, vectors).search(vectors[:1], 9)
    assert found.rows.tolist() == [list(range(9))]
    assert len(set(found.scores[0].tolist())) == 1


def test_nothing_one_row_and_no_places(make):
    query = vectors_of(0, 2)
    empty = opened(make, np.empty((0, 6), np.float32))
    assert empty.search(query, 2).rows.tolist() == [[-1, -1], [-1, -1]]
    assert opened(make, vectors_of(0, 1)).search(query, 2).rows.tolist() == [[0, -1], [0, -1]]
    assert opened(make, vectors_of(0, 3)).search(query, 0).rows.shape == (2, 0)
    assert opened(make, vectors_of(0, 3)).search(query[:0], 2).rows.shape == (0, 2)
    assert opened(make, vectors_of(0, 3)).search(query[:1], 2, among=rows()).rows.tolist() == [[-1, -1]]


def test_many_fresh_rows_are_found_among_many_old(make):
    vectors, fresh = vectors_of(0, 300), vectors_of(1, 200)
    index = opened(make, vectors)
    at = np.arange(200, 400, dtype=np.int32)
    index.put(at, fresh)
    query = vectors_of(2, 1)
    now = np.concatenate([vectors[:200], fresh])
    assert_array_equal(index.search(query, 20).rows[0], expected(now, query[0], 20))


def test_an_empty_index_grows(make):
    index = opened(make, np.empty((0, 6), np.float32))
    vectors = vectors_of(0, 2)
    index.put(rows(3, 1), vectors)
    assert sorted(index.search(vectors[:1], 3).rows[0].tolist()) == [-1, 1, 3]


def test_zeros_are_found_by_nothing_and_find_nothing(make):
    vectors = vectors_of(0, 4)
    vectors[1] = 0
    found = opened(make, vectors).search(np.stack([vectors[0], np.zeros(6, np.float32)]), 4)
    assert sorted(found.rows[0].tolist()) == [-1, 0, 2, 3]
    assert found.rows[1].tolist() == [-1, -1, -1, -1]
    assert found.scores[1].tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_values_that_are_not_finite_are_refused_everywhere(make, bad):
    vectors = vectors_of(0, 4)
    index = opened(make, vectors)
    spoiled = vectors.copy()
    spoiled[2, 3] = bad
    with pytest.raises(VectorRefusedError, match="Vector 2"):
        opened(make, spoiled)
    with pytest.raises(VectorRefusedError):
        index.put(rows(0, 1, 2, 3), spoiled)
    with pytest.raises(VectorRefusedError):
        index.search(spoiled, 1)
    assert index.search(vectors, 1).rows[:, 0].tolist() == [0, 1, 2, 3]


def test_vectors_of_another_encoder_are_refused(make):
    index = opened(make, vectors_of(0, 4))
    for act in (lambda: index.search(vectors_of(0, 1, d=5), 2), lambda: index.put(rows(0), vectors_of(0, 1, d=7))):
        with pytest.raises(DimensionMismatchError):
            act()


def test_vectors_and_saved_arrays_may_be_read_only_memory_maps(make, tmp_path):
    vectors = vectors_of(0, 40)
    arrays = {"vectors": vectors, **opened(make, vectors).save()}
    for name, array in arrays.items():
        np.save(tmp_path / f"{name}.npy", array)
    mapped = {name: np.load(tmp_path / f"{name}.npy", mmap_mode="r") for name in arrays}
    base = mapped.pop("vectors")
    index = opened(make, base, mapped)
    assert index.search(vectors[2:3], 1).rows.tolist() == [[2]]
    index.put(rows(2), vectors_of(5, 1))
    assert index.search(vectors_of(5, 1), 1).rows.tolist() == [[2]]
    assert_array_equal(base, vectors)


def test_vectors_may_be_in_half_the_bytes(make):
    vectors = vectors_of(1, 50).astype(np.float16)
    query = vectors_of(2, 1)
    found = opened(make, vectors).search(query, 9)
    assert_array_equal(found.rows[0], expected(vectors.astype(np.float32), query[0], 9))


def test_what_one_host_saved_another_without_numkong_can_open():
    vectors, query = vectors_of(0, 50), vectors_of(1, 1)
    index = opened(lambda: ExactIndex(coded=False), vectors, opened(ExactIndex, vectors).save())
    assert_array_equal(index.search(query, 5).rows[0], expected(vectors, query[0], 5))


def test_opening_anew_forgets_the_old_vectors(make):
    index = opened(make, vectors_of(0, 9))
    index.open(vectors_of(1, 2))
    assert sorted(index.search(vectors_of(2, 1), 4).rows[0].tolist()) == [-1, -1, 0, 1]


def test_copies_change_on_their_own(make):
    vectors = vectors_of(0, 5)
    index = opened(make, vectors)
    other = index.copy()
    other.remove(rows(0))
    index.put(rows(5), vectors[:1])
    assert index.search(vectors[:1], 2).rows.tolist() == [[0, 5]]
    assert other.search(vectors[:1], 1).rows.tolist() != [[0]]


@pytest.mark.parametrize("damage", ["missing", "cut", "other", "shorter catalogue"])
def test_damaged_arrays_are_told_from_good_ones(make, damage):
    vectors = vectors_of(0, 40)
    saved = opened(make, vectors).save()
    for name in saved:  # what saves nothing has nothing that can be damaged
        spoiled = dict(saved)
        if damage == "missing":
            del spoiled[name]
        elif damage == "cut":
            spoiled[name] = saved[name][: len(saved[name]) // 2]
        elif damage == "other":
            spoiled = {"something": np.zeros(3)}
        with pytest.raises(IndexUnusableError, match="recommender_train"):
            opened(make, vectors[:-1] if damage == "shorter catalogue" else vectors, spoiled)


def test_an_index_that_was_never_opened_says_so(make):
    with pytest.raises(IndexUnusableError):
        make().search(vectors_of(0, 1), 1)


def test_many_threads_find_what_one_finds(make):
    vectors, queries = vectors_of(0, 3000, d=32), vectors_of(1, 400, d=32)
    index = opened(make, vectors)
    alone = index.search(queries, 10)
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda query: index.search(query[None], 10), queries))
    assert_array_equal(np.concatenate([found.rows for found in together]), alone.rows)


def test_searches_go_on_while_rows_come_and_go(make):
    """Rows 0 and 1 always change together, so a search must never see one of them without the other."""
    vectors = vectors_of(0, 60)
    pair = np.repeat(vectors_of(9, 1), 2, axis=0)
    index = opened(make, vectors)
    stop, wrong = threading.Event(), []

    def change():
        while not stop.is_set():
            index.put(rows(0, 1), pair)
            index.remove(rows(0, 1))

    writer = threading.Thread(target=change)
    writer.start()
    for _ in range(150):
        found = set(index.search(pair[:1], 60).rows[0].tolist())
        if len(found & {0, 1}) == 1:
            wrong.append(found)
    stop.set()
    writer.join()
    assert wrong == []
