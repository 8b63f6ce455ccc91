"""The engines' formulas, against the same thing written out densely."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from recommender.core.fold_in import fold_in_scores
from recommender.engines.als import ImplicitALS
from recommender.engines.ease import EASE
from recommender.engines.item_item import ImplicitItemItem
from recommender.engines.matrices import normalised, power
from recommender.engines.spectral import SpectralFilter


@pytest.fixture
def matrix():
    rng = np.random.default_rng(7)
    dense = (rng.random((40, 12)) < 0.35) * rng.integers(1, 5, (40, 12))
    return csr_matrix(dense.astype(np.float32))


def dense(artefact):
    n = artefact.indptr.size - 1
    return csr_matrix((artefact.data, artefact.indices, artefact.indptr), shape=(n, n)).toarray()


def test_ease_is_stecks_closed_form(matrix):
    learned = dense(EASE(regularization=2.0, user_power=0, item_power=0).fit(matrix))

    gram = (matrix.T @ matrix).toarray().astype(np.float64)
    inverse = np.linalg.inv(gram + 2.0 * np.trace(gram) / 12 * np.eye(12))
    expected = np.eye(12) - inverse / np.diag(inverse)
    np.fill_diagonal(expected, 0)
    np.testing.assert_allclose(learned, expected, atol=1e-5)


def test_ease_leaves_unpopular_products_out_of_its_head(matrix):
    learned = dense(EASE(max_items=5).fit(matrix))
    head = np.argsort(-np.asarray(matrix.sum(axis=0)).ravel(), kind="stable")[:5]
    outside = np.setdiff1d(np.arange(12), head)
    assert not learned[outside].any()
    assert not learned[:, outside].any()
    assert learned[np.ix_(head, head)].any()


def test_the_spectral_filter_is_its_polynomial_and_low_pass(matrix):
    options = {"user_power": 0.4, "item_power": 0.3, "sharpening": 0.6, "rank": 3, "low_pass": 0.2, "score_power": 0.1}
    learned = dense(SpectralFilter(**options).fit(matrix))

    scaled, degree = normalised(matrix, 0.4, 0.3)
    gram = (scaled.T @ scaled).toarray().astype(np.float64)
    values, vectors = np.linalg.eigh(gram)
    n_hat, mu, top = gram / values[-1], values[-3:] / values[-1], vectors[:, -3:]
    relative = degree / degree.mean()
    expected = (n_hat - 0.6 * n_hat @ n_hat) * relative**0.1
    expected += 0.2 * (top * np.sqrt(mu)) @ top.T * relative**0.3
    expected *= (degree**-0.3)[:, None]
    np.fill_diagonal(expected, 0)
    np.testing.assert_allclose(learned, expected, atol=1e-5)


def test_only_the_strongest_weights_are_kept(matrix):
    full, thinned = dense(SpectralFilter(rank=2).fit(matrix)), dense(SpectralFilter(rank=2, k=3).fit(matrix))
    for row in range(12):
        kept = np.flatnonzero(thinned[row])
        assert set(kept) == set(np.argsort(-np.abs(full[row]), kind="stable")[:3])
        np.testing.assert_array_equal(thinned[row, kept], full[row, kept])


def test_cosine_neighbours_are_cosines(matrix):
    learned = dense(ImplicitItemItem("cosine", k=12).fit(matrix))
    columns = matrix.toarray().astype(np.float64)
    columns /= np.linalg.norm(columns, axis=0)
    expected = columns.T @ columns
    np.fill_diagonal(expected, 0)
    np.testing.assert_allclose(learned, expected, atol=1e-6)


def test_users_who_know_everything_do_not_spoil_bm25():
    matrix = csr_matrix(np.array([[1, 1, 1], [1, 1, 0], [1, 1, 0], [0, 0, 1]], np.float32))
    learned = dense(ImplicitItemItem("bm25").fit(matrix))
    assert learned[0, 1] > learned[0, 2] > 0


def test_als_factors_rank_a_known_user_as_the_ridge_solution_does(matrix):
    artefact = ImplicitALS(factors=6, regularization=0.5, alpha=2.0, iterations=30).fit(matrix)
    own = matrix[3]
    y, c = artefact.items.astype(np.float64), np.zeros(12)
    c[own.indices] = 2.0 * own.data
    x = np.linalg.solve(y.T @ y + (y.T * c) @ y + 0.5 * np.eye(6), y.T @ ((c > 0) * (1 + c)))
    np.testing.assert_allclose(fold_in_scores(artefact, own.indices, own.data), y @ x, atol=1e-3)


def test_powers_of_nothing_are_nothing():
    np.testing.assert_array_equal(power(np.array([0, 4], np.float32), -0.5), np.array([0, 0.5], np.float32))
