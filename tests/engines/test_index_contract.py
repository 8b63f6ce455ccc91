"""What every vector index must do."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.core.vectors import unit_rows
from recommender.engines.exact import ExactIndex
from recommender.exceptions import DimensionMismatchError

INDEXES = [ExactIndex]


def opened(cls, vectors):
    index = cls()
    index.open(vectors)
    return index


@pytest.fixture(params=INDEXES)
def cls(request):
    return request.param


def vectors_of(seed, n, d=6):
    return unit_rows(np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32))


@given(seed=st.integers(0, 10_000), n=st.integers(1, 60), k=st.integers(1, 70))
@settings(max_examples=30, deadline=None)
@pytest.mark.parametrize("cls", INDEXES)
def test_it_finds_what_comparing_with_everything_finds(cls, seed, n, k):
    vectors, queries = vectors_of(seed, n), vectors_of(seed + 1, 3)
    found = opened(cls, vectors).search(queries, k)
    products = queries.astype(np.float64) @ vectors.astype(np.float64).T
    best = np.sort(products, axis=1)[:, ::-1][:, : min(n, k)]
    assert found.rows.shape == found.scores.shape == (3, k)
    assert np.allclose(found.scores[:, : min(n, k)], best, atol=1e-5)
    assert (found.rows[:, n:] == -1).all()
    assert (found.scores[:, n:] == 0).all()
    assert found.scores.dtype == np.float32


def test_equal_vectors_come_in_the_order_of_their_rows(cls):
    vectors = np.repeat(vectors_of(0, 1), 5, axis=0)
    assert opened(cls, vectors).search(vectors[:1], 3).rows.tolist() == [[0, 1, 2]]


def test_a_query_of_another_encoder_is_refused(cls):
    with pytest.raises(DimensionMismatchError):
        opened(cls, vectors_of(0, 4)).search(vectors_of(0, 1, d=5), 2)


def test_vectors_may_be_a_read_only_memory_map(cls, tmp_path):
    np.save(tmp_path / "vectors.npy", vectors_of(0, 4))
    mapped = np.load(tmp_path / "vectors.npy", mmap_mode="r")
    assert opened(cls, mapped).search(np.asarray(mapped[2:3]), 1).rows.tolist() == [[2]]


def test_opening_anew_forgets_the_old_vectors(cls):
    index = opened(cls, vectors_of(0, 9))
    index.open(vectors_of(1, 2))
    assert sorted(index.search(vectors_of(2, 1), 4).rows[0].tolist()) == [-1, -1, 0, 1]
