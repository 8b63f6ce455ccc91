"""Many visitors at once get what each of them would get alone."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.core import batch
from recommender.core.batch import recommend_all, score_visitors
from recommender.core.fold_in import fold_in_scores
from recommender.core.types import Factors, ItemItem


def factors(solver, n=30, f=4, seed=0):
    rng = np.random.default_rng(seed)
    items, queries = rng.normal(size=(2, n, f)).astype(np.float32)
    return Factors(items, items.T @ items, 0.5, solver, queries if solver == "projection" else None, 2.0)


def item_item(n=30, seed=0):
    rng = np.random.default_rng(seed)
    dense = rng.normal(size=(n, n)) * (rng.random((n, n)) < 0.3)
    rows, columns = np.nonzero(dense)
    indptr = np.concatenate([[0], np.cumsum(np.bincount(rows, minlength=n))]).astype(np.int64)
    return ItemItem(indptr, columns.astype(np.int32), dense[rows, columns].astype(np.float32))


ARTEFACTS = {"ridge": factors("ridge"), "projection": factors("projection"), "item-item": item_item()}


def visitors(sizes, n=30, seed=0):
    rng = np.random.default_rng(seed)
    rows = [np.sort(rng.permutation(n)[:size]) for size in sizes]
    indptr = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    together = np.concatenate([*rows, []]).astype(np.int32)
    return indptr, together, (rng.random(together.size) + 0.1).astype(np.float32)


@pytest.mark.parametrize("kind", ARTEFACTS)
@settings(max_examples=30, deadline=None)
@given(sizes=st.lists(st.integers(0, 12), max_size=9), seed=st.integers(0, 99))
def test_scores_are_those_of_each_visitor_alone(kind, sizes, seed):
    indptr, rows, weights = visitors(sizes, seed=seed)
    scores = score_visitors(ARTEFACTS[kind], indptr, rows, weights)
    assert scores.shape == (len(sizes), 30)
    assert scores.dtype == np.float32
    for visitor in range(len(sizes)):
        own = slice(indptr[visitor], indptr[visitor + 1])
        alone = fold_in_scores(ARTEFACTS[kind], rows[own], weights[own])
        np.testing.assert_allclose(scores[visitor], alone, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("kind", ARTEFACTS)
def test_lists_are_the_best_of_what_a_visitor_does_not_know(kind, monkeypatch):
    monkeypatch.setattr(batch, "BLOCK_BYTES", 4 * 30 * 3)  # three visitors a block
    indptr, rows, weights = visitors([5, 1, 0, 28, 7, 3, 30])
    told = []
    found = recommend_all(ARTEFACTS[kind], indptr, rows, weights, 4, lambda *done: told.append(done))
    assert told == [(3, 7), (6, 7), (7, 7)]
    for visitor in (0, 1, 4, 5):
        own = slice(indptr[visitor], indptr[visitor + 1])
        alone = fold_in_scores(ARTEFACTS[kind], rows[own], weights[own])
        alone[rows[own]] = -np.inf
        best = np.argsort(-alone, kind="stable")[:4]
        assert found.rows[visitor].tolist() == best.tolist()
        np.testing.assert_allclose(found.scores[visitor], alone[best], rtol=1e-4, atol=1e-4)
    assert found.rows[2].tolist() == found.rows[6].tolist() == [-1] * 4
    assert found.rows[3, 2:].tolist() == [-1, -1]
    assert (found.rows[3, :2] >= 0).all()
    assert found.scores[found.rows < 0].tolist() == [0] * int((found.rows < 0).sum())


def test_refunds_and_singular_systems_are_as_for_one_visitor_alone():
    indptr, rows, weights = visitors([5, 1, 9])
    weights[::3] *= -1
    singular = ARTEFACTS["ridge"]._replace(items=np.zeros((30, 4), np.float32), gram=np.zeros((4, 4)), regularization=0)
    for artefact in (*ARTEFACTS.values(), singular):
        scores = score_visitors(artefact, indptr, rows, weights)
        for visitor in range(3):
            own = slice(indptr[visitor], indptr[visitor + 1])
            alone = fold_in_scores(artefact, rows[own], weights[own])
            np.testing.assert_allclose(scores[visitor], alone, rtol=1e-4, atol=1e-4)


def test_weights_too_large_for_a_rectangle_give_the_same(monkeypatch):
    indptr, rows, weights = visitors([5, 1, 9])
    quick = recommend_all(ARTEFACTS["item-item"], indptr, rows, weights, 6)
    monkeypatch.setattr(batch, "PADDED_BYTES", 0)
    plain = recommend_all(ARTEFACTS["item-item"], indptr, rows, weights, 6)
    assert plain.rows.tolist() == quick.rows.tolist()
    np.testing.assert_allclose(plain.scores, quick.scores, rtol=1e-5)


def test_lists_longer_than_the_catalogue_are_padded():
    indptr, rows, weights = visitors([2])
    found = recommend_all(ARTEFACTS["projection"], indptr, rows, weights, 40)
    assert found.rows.shape == (1, 40)
    assert (found.rows[0, :28] >= 0).all()
    assert (found.rows[0, 28:] == -1).all()
