"""A visitor's scores from either artefact, against the same thing written out."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.core.fold_in import fold_in_scores, visitor_vector
from recommender.core.types import Factors, ItemItem


def factors(solver="ridge", n=30, f=5, seed=0, **changes):
    items = np.random.default_rng(seed).standard_normal((n, f)).astype(np.float32)
    return Factors(items, items.T @ items, 0.3, solver, **changes)


def item_item(n=30, seed=0):
    rng = np.random.default_rng(seed)
    weights = np.where(rng.random((n, n)) < 0.2, rng.standard_normal((n, n)), 0).astype(np.float32)
    np.fill_diagonal(weights, 0)
    rows, columns = np.nonzero(weights)
    indptr = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=n))]).astype(np.int64)
    return ItemItem(indptr, columns.astype(np.int32), weights[rows, columns]), weights


ARTEFACTS = [factors(), factors("projection"), item_item()[0]]
events = st.lists(st.tuples(st.integers(0, 29), st.floats(0.125, 8, width=32)), min_size=1, max_size=12)


def arrays(pairs):
    return np.array([row for row, _ in pairs], np.int32), np.array([weight for _, weight in pairs], np.float32)


def test_the_ridge_solution_minimises_its_weighted_squares():
    artefact = factors(alpha=2.0)
    rows, weights = np.array([3, 8], np.int32), np.array([1.0, 4.0], np.float32)

    y, c, liked = artefact.items.astype(np.float64), np.zeros(30), np.zeros(30)
    c[rows], liked[rows] = 2.0 * weights, 1.0
    system = y.T @ (y * (1 + c)[:, None]) + 0.3 * np.eye(5)
    expected = np.linalg.solve(system, y.T @ ((1 + c) * liked))
    np.testing.assert_allclose(visitor_vector(artefact, rows, weights), expected, rtol=1e-3)


def test_a_projection_adds_up_query_vectors():
    queries = np.random.default_rng(1).standard_normal((30, 5)).astype(np.float32)
    artefact = factors("projection", queries=queries)
    rows, weights = np.array([1, 1, 4], np.int32), np.array([1, 2, 0.5], np.float32)
    expected = artefact.items @ (3 * queries[1] + 0.5 * queries[4])
    np.testing.assert_allclose(fold_in_scores(artefact, rows, weights), expected, rtol=1e-4)


@given(events)
def test_item_item_scores_are_a_row_vector_times_the_matrix(pairs):
    artefact, weights = item_item()
    rows, amounts = arrays(pairs)
    signal = np.bincount(rows, weights=amounts, minlength=30)
    np.testing.assert_allclose(fold_in_scores(artefact, rows, amounts), signal @ weights, atol=1e-3)


@pytest.mark.parametrize("artefact", ARTEFACTS, ids=["ridge", "projection", "item-item"])
@given(pairs=events)
def test_candidates_get_what_they_get_among_all(artefact, pairs):
    rows, weights = arrays(pairs)
    candidates = np.array([29, 0, 7, 7], np.int32)
    everything = fold_in_scores(artefact, rows, weights)
    np.testing.assert_allclose(fold_in_scores(artefact, rows, weights, candidates), everything[candidates], atol=1e-4)
    assert everything.dtype == np.float32


@pytest.mark.parametrize("artefact", ARTEFACTS, ids=["ridge", "projection", "item-item"])
def test_nobody_without_events_has_a_score(artefact):
    nothing = fold_in_scores(artefact, np.zeros(0, np.int32), np.zeros(0, np.float32))
    np.testing.assert_array_equal(nothing, np.zeros(30, np.float32))


def test_refunds_are_no_events_for_the_ridge():
    artefact = factors()
    one = fold_in_scores(artefact, np.array([2], np.int32), np.array([1], np.float32))
    both = fold_in_scores(artefact, np.array([2, 5], np.int32), np.array([1, -5], np.float32))
    np.testing.assert_array_equal(one, both)


def test_without_regularisation_a_singular_system_still_has_a_solution():
    items = np.zeros((4, 3), np.float32)
    items[0, 0] = 1
    artefact = Factors(items, items.T @ items, 0.0)
    assert np.isfinite(fold_in_scores(artefact, np.array([0], np.int32), np.array([1], np.float32))).all()


def test_an_unknown_solver_is_named():
    with pytest.raises(ValueError, match="'guess'"):
        fold_in_scores(factors("guess"), np.array([0], np.int32), np.array([1], np.float32))


def test_a_hundred_thousand_products_take_milliseconds():
    artefact = factors(n=100_000, f=64)
    rows, weights = np.arange(50, dtype=np.int32), np.ones(50, np.float32)
    fold_in_scores(artefact, rows, weights)
    durations = []
    for _ in range(5):
        started = time.perf_counter()
        fold_in_scores(artefact, rows, weights)
        durations.append(time.perf_counter() - started)
    assert min(durations) < 0.05
