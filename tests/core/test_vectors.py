"""Unit rows, exact search and merging, against the plain definitions."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from numpy.testing import assert_allclose, assert_array_equal

from recommender.core.types import Neighbours
from recommender.core.vectors import exact_top_k, merge_top_k, unit_rows

RNG = np.random.default_rng(5)


def random_units(n, d):
    return unit_rows(RNG.normal(size=(n, d)).astype(np.float32))


def test_unit_rows_of_a_pythagorean_triple_and_of_nothing():
    rows = unit_rows(np.array([[3, 4], [0, 0], [np.nan, 1], [np.inf, 1]], np.float32))
    assert rows.dtype == np.float32
    assert_allclose(rows, [[0.6, 0.8], [0, 0], [0, 0], [0, 0]], rtol=1e-6)
    assert unit_rows(np.zeros((0, 3), np.float32)).shape == (0, 3)


def test_unit_rows_leave_their_argument_alone():
    given_rows = np.array([[3, 4]], np.float32)
    unit_rows(given_rows)
    assert_array_equal(given_rows, [[3, 4]])


@given(npst.arrays(np.float32, (3, 5), elements=st.floats(width=32, allow_nan=False, allow_infinity=False)))
def test_unit_rows_have_length_one_or_zero(matrix):
    lengths = np.linalg.norm(unit_rows(matrix), axis=1)
    assert_allclose(lengths, matrix.any(axis=1).astype(float), atol=1e-5)


@pytest.mark.parametrize("block_rows", [None, 1, 7, 100])
@pytest.mark.parametrize("n", [40, 3000])
def test_search_equals_a_full_sort(n, block_rows):
    matrix, queries = random_units(n, 8), random_units(20, 8)
    found = exact_top_k(queries, matrix, 5, block_rows=block_rows)

    products = queries @ matrix.T
    assert found.rows.dtype == np.int32
    assert found.scores.dtype == np.float32
    assert_array_equal(found.rows, np.argsort(-products, axis=1, kind="stable")[:, :5])
    assert_allclose(found.scores, -np.sort(-products, axis=1)[:, :5], rtol=1e-6)


def test_a_row_never_finds_itself_but_finds_its_copies_in_order():
    matrix = np.repeat(np.eye(2, dtype=np.float32), 3, axis=0)
    found = exact_top_k(matrix, matrix, 2, exclude_self=True, block_rows=2)
    assert_array_equal(found.rows, [[1, 2], [0, 2], [0, 1], [4, 5], [3, 5], [3, 4]])


@pytest.mark.parametrize(("n", "exclude_self", "found"), [(0, False, 0), (2, False, 2), (2, True, 1), (1, True, 0)])
def test_short_lists_are_padded(n, exclude_self, found):
    matrix = random_units(n, 3)
    lists = exact_top_k(matrix, matrix, 4, exclude_self=exclude_self)
    assert lists.rows.shape == (n, 4)
    assert ((lists.rows >= 0).sum(axis=1) == found).all()
    assert_array_equal(lists.scores[lists.rows < 0], np.zeros((4 - found) * n))


def test_float64_queries_and_progress():
    matrix, steps = random_units(10, 3), []
    found = exact_top_k(matrix.astype(np.float64), matrix, 1, block_rows=4, progress=lambda *step: steps.append(step))
    assert_array_equal(found.rows[:, 0], np.arange(10))
    assert steps == [(4, 10), (8, 10), (10, 10)]


def test_merging_drops_tombstones_and_keeps_order():
    older = Neighbours(np.array([[4, 2, 9]], np.int32), np.array([[0.9, 0.8, 0.7]], np.float32))
    fresh = Neighbours(np.array([[12, 2, -1]], np.int32), np.array([[0.8, 0.75, 0]], np.float32))

    merged = merge_top_k(older, fresh, 5, tombstones=np.array([2, 9], np.int32))

    assert_array_equal(merged.rows, [[4, 12, 2, -1, -1]])
    assert_allclose(merged.scores, [[0.9, 0.8, 0.75, 0, 0]])


@given(st.integers(1, 30), st.integers(1, 30), st.integers(1, 12), st.integers(0, 2**32 - 1))
def test_merging_two_segments_equals_searching_their_union(n_older, n_fresh, k, seed):
    rng = np.random.default_rng(seed)
    matrix = rng.integers(-2, 3, (n_older + n_fresh, 3)).astype(np.float32)
    queries = rng.integers(-2, 3, (4, 3)).astype(np.float32)
    fresh = exact_top_k(queries, matrix[n_older:], k)
    fresh = Neighbours(np.where(fresh.rows >= 0, fresh.rows + n_older, -1).astype(np.int32), fresh.scores)

    merged = merge_top_k(exact_top_k(queries, matrix[:n_older], k), fresh, k, tombstones=np.zeros(0, np.int32))

    expected = exact_top_k(queries, matrix, k)
    assert_array_equal(merged.rows, expected.rows)
    assert_array_equal(merged.scores, expected.scores)
