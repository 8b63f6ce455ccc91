"""A few of a visitor's scores are what they are among all, and so is what is said of all of them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from recommender.core.fold_in import fold_in_scores
from recommender.core.folded import fold
from recommender.core.types import Factors
from recommender.engines.factor_search import MIN_ROWS, factor_search
from tests.core.test_fold_in import factors, item_item

KINDS = ["ridge", "projection", "queries", "unregularised", "item-item"]
events = st.lists(st.tuples(st.integers(0, 29), st.floats(-8, 8, width=32)), max_size=12)


def artefact(kind, seed, silent=()):
    """Of 30 products, those that are silent having no factors; the second half repeats the first, so that all tie."""
    if kind == "item-item":
        return item_item(seed=seed)[0]
    rng = np.random.default_rng(seed)
    items = rng.standard_normal((15, 5)).astype(np.float32)
    items[list(silent)] = 0
    items = np.vstack([items, items])
    queries = rng.standard_normal((30, 5)).astype(np.float32) if kind == "queries" else None
    solver = "ridge" if kind in ("ridge", "unregularised") else "projection"
    return Factors(items, items.T @ items, 0.0 if kind == "unregularised" else 0.3, solver, queries)


def visit(pairs):
    return np.array([row for row, _ in pairs], np.int32), np.array([weight for _, weight in pairs], np.float32)


@pytest.mark.parametrize("kind", KINDS)
@given(pairs=events, seed=st.integers(0, 99), silent=st.sets(st.integers(0, 14), max_size=3))
def test_the_scores_asked_for_are_those_among_all(kind, pairs, seed, silent):
    fitted = artefact(kind, seed, silent)
    everything = fold_in_scores(fitted, *visit(pairs))
    folded = fold(fitted, *visit(pairs))
    rows = np.array([29, 0, 7, 7], np.int32)
    most = max(1.0, float(np.abs(everything).max()))

    assert_allclose(folded.of(rows), everything[rows], atol=1e-5 * most)
    assert folded.of(rows).dtype == np.float32
    assert folded.of(rows[:0]).shape == (0,)
    expected = float(np.sqrt(np.mean(everything.astype(np.float64) ** 2)))
    assert folded.root_mean_square() == pytest.approx(expected, rel=1e-3, abs=1e-5 * most)


@pytest.mark.parametrize("kind", KINDS)
@given(pairs=events, seed=st.integers(0, 99), k=st.integers(0, 40))
def test_the_best_are_those_of_all_scores(kind, pairs, seed, k):
    folded = fold(artefact(kind, seed), *visit(pairs))
    scores = folded.of(np.arange(30, dtype=np.int32))
    best = folded.best(k)

    assert best.dtype == np.int32
    assert best.size == min(k, (scores > 0).sum())
    assert_allclose(scores[best], np.sort(scores[scores > 0])[::-1][:k], rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_equal_products_have_equal_scores_wherever_they_stand(kind):
    folded = fold(artefact(kind, 4), np.array([3, 8], np.int32), np.array([1, 2], np.float32))
    if kind != "item-item":
        rows = np.arange(15, dtype=np.int32)
        assert_array_equal(folded.of(rows), folded.of(rows + 15))
        assert_array_equal(folded.of(rows), [folded.of(rows[at : at + 1])[0] for at in range(15)])


@pytest.mark.parametrize("kind", KINDS)
def test_nobody_without_events_has_a_score(kind):
    folded = fold(artefact(kind, 0), np.zeros(0, np.int32), np.zeros(0, np.float32))
    assert_array_equal(folded.of(np.arange(30, dtype=np.int32)), np.zeros(30))
    assert folded.root_mean_square() == 0
    assert folded.best(5).size == 0


def test_an_artefact_of_no_products_has_nothing_to_say():
    empty = Factors(np.zeros((0, 3), np.float32), np.zeros((3, 3), np.float32), 0.0)
    folded = fold(empty, np.zeros(0, np.int32), np.zeros(0, np.float32))
    assert folded.root_mean_square() == 0
    assert folded.best(5).size == 0


@pytest.mark.parametrize("solver", ["ridge", "projection"])
def test_a_search_finds_the_best_of_all(solver):
    fitted = factors(solver, n=MIN_ROWS, f=16)
    folded = fold(fitted, np.array([5, 900, 17], np.int32), np.array([3, 1, 2], np.float32))
    search = factor_search(fitted)
    assert_array_equal(np.sort(folded.best(200, search)), np.sort(folded.best(200)))
