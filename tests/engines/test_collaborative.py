"""One contract for every collaborative engine: what it learns from a matrix whose right answers are known."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix

from recommender.core.fold_in import fold_in_scores
from recommender.core.types import Factors, ItemItem
from recommender.engines.als import ImplicitALS
from recommender.engines.bpr import ImplicitBPR
from recommender.engines.ease import EASE
from recommender.engines.item_item import ImplicitItemItem
from recommender.engines.spectral import SpectralFilter
from recommender.exceptions import NotEnoughHistoryError

N_USERS, N_PRODUCTS = 60, 20

ENGINES = {
    "bm25": lambda: ImplicitItemItem("bm25", k=50),
    "tfidf": lambda: ImplicitItemItem("tfidf", k=50),
    "cosine": lambda: ImplicitItemItem("cosine", k=50),
    "als": lambda: ImplicitALS(factors=2, iterations=10),
    "bpr": lambda: ImplicitBPR(factors=4, iterations=300, regularization=0.01),
    "ease": lambda: EASE(),
    "spectral": lambda: SpectralFilter(rank=2),
}


@pytest.fixture(params=sorted(ENGINES))
def build(request):
    return ENGINES[request.param]


def checkerboard(seed=0):
    """Even users chose most even products, odd users most odd ones."""
    users, rows = np.indices((N_USERS, N_PRODUCTS))
    chosen = ((users + rows) % 2 == 0) & (np.random.default_rng(seed).random((N_USERS, N_PRODUCTS)) < 0.7)
    return csr_matrix(chosen.astype(np.float32))


def scores_of(artefact, rows, weights=None, candidates=None):
    rows = np.array(rows, np.int32)
    weights = np.ones(rows.size, np.float32) if weights is None else np.array(weights, np.float32)
    return fold_in_scores(artefact, rows, weights, candidates)


@pytest.mark.parametrize("parity", [0, 1])
def test_a_visitor_gets_the_products_of_their_own_colour_first(build, parity):
    scores = scores_of(build().fit(checkerboard()), [parity, parity + 2, parity + 4])

    unseen = [row for row in range(N_PRODUCTS) if row not in (parity, parity + 2, parity + 4)]
    ranked = sorted(unseen, key=lambda row: -scores[row])
    same = [row for row in unseen if row % 2 == parity]
    assert sorted(ranked[: len(same)]) == same


def test_folding_in_a_known_user_finds_what_that_user_left_out(build):
    matrix = checkerboard()
    artefact = build().fit(matrix)
    for user in range(10):
        known = matrix[user].indices
        scores = scores_of(artefact, known, matrix[user].data)
        left_out = [row for row in range(user % 2, N_PRODUCTS, 2) if row not in known]
        others = np.arange(1 - user % 2, N_PRODUCTS, 2)
        assert all(scores[row] > scores[others].max() for row in left_out)


def test_equal_seeds_give_equal_artefacts(build):
    first, second = build().fit(checkerboard()), build().fit(checkerboard())
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one, other)


def test_the_artefact_is_float32_finite_and_as_wide_as_the_catalogue(build):
    artefact = build().fit(checkerboard())
    scores = scores_of(artefact, [0, 1])
    assert scores.dtype == np.float32
    assert scores.shape == (N_PRODUCTS,)
    assert np.isfinite(scores).all()
    arrays = [artefact.items, artefact.gram] if isinstance(artefact, Factors) else [artefact.data]
    assert all(array.dtype == np.float32 and np.isfinite(array).all() for array in arrays)
    if isinstance(artefact, Factors):
        expected = artefact.items.astype(np.float64).T @ artefact.items
        np.testing.assert_allclose(artefact.gram, expected, rtol=1e-4, atol=1e-5 * np.abs(expected).max())


@pytest.mark.parametrize("name", ["bm25", "tfidf", "cosine", "ease", "spectral"])
def test_item_item_rows_are_sorted_and_never_point_at_themselves(name):
    artefact = ENGINES[name]().fit(checkerboard())
    assert isinstance(artefact, ItemItem)
    assert artefact.indptr.dtype == np.int64
    assert artefact.indices.dtype == np.int32
    for row in range(N_PRODUCTS):
        listed = artefact.indices[artefact.indptr[row] : artefact.indptr[row + 1]]
        assert (np.diff(listed) > 0).all()
        assert row not in listed


def test_the_matrix_stays_as_it_was(build):
    matrix = checkerboard()
    before = (matrix.data.copy(), matrix.indices.copy(), matrix.indptr.copy())
    build().fit(matrix)
    for array, kept in zip((matrix.data, matrix.indices, matrix.indptr), before, strict=True):
        np.testing.assert_array_equal(array, kept)


@pytest.mark.parametrize("shape", [(0, 0), (0, 5), (5, 0), (3, 4)])
def test_no_interactions_are_not_enough(build, shape):
    with pytest.raises(NotEnoughHistoryError):
        build().fit(csr_matrix(shape, dtype=np.float32))


@pytest.mark.parametrize(
    "matrix",
    [
        [[1.0]],
        [[1.0, 1.0, 1.0]],
        [[1.0], [1.0], [1.0]],
        [[1.0, 0.0], [0.0, 1.0]],
        np.ones((4, 4)),
        [[1.0, 0.0, 0.0], [1.0, 0.0, 0.0]],
    ],
    ids=["one pair", "one user", "one product", "strangers", "all alike", "products nobody chose"],
)
def test_tiny_histories_give_finite_scores(build, matrix):
    matrix = csr_matrix(np.array(matrix, np.float32))
    scores = scores_of(build().fit(matrix), matrix[0].indices, matrix[0].data)
    assert scores.shape == (matrix.shape[1],)
    assert np.isfinite(scores).all()


@pytest.mark.parametrize("bad", [np.nan, np.inf, -1.0])
def test_broken_weights_are_refused(build, bad):
    matrix = checkerboard()
    matrix.data[3] = bad
    with pytest.raises(ValueError, match="finite and not negative"):
        build().fit(matrix)


def test_stored_zeros_count_as_nothing(build):
    matrix = checkerboard()
    padded = matrix.copy()
    padded.data[:5] = 0
    removed = padded.copy()
    removed.eliminate_zeros()
    np.testing.assert_array_equal(scores_of(build().fit(padded), [0, 1]), scores_of(build().fit(removed), [0, 1]))


def test_a_product_that_nobody_chose_scores_no_higher_than_those_of_the_same_colour(build):
    matrix = checkerboard().tolil()
    matrix[:, 18] = 0
    scores = scores_of(build().fit(matrix.tocsr()), [0, 2])
    assert scores[18] <= scores[[4, 6, 8, 10]].min()


def test_progress_reaches_its_total(build):
    seen = []
    build().fit(checkerboard(), lambda done, total: seen.append((done, total)))
    assert seen[-1][0] == seen[-1][1]
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ImplicitItemItem("euclid"), "Unknown kind"),
        (lambda: ImplicitItemItem(k=0), "k must be"),
        (lambda: ImplicitALS(factors=0), "at least 1"),
        (lambda: ImplicitALS(alpha=0), "alpha must be positive"),
        (lambda: ImplicitBPR(iterations=0), "at least 1"),
        (lambda: ImplicitBPR(smoothing=0), "must be positive"),
        (lambda: EASE(regularization=0), "regularization must be positive"),
        (lambda: EASE(max_items=1), "max_items"),
        (lambda: SpectralFilter(rank=-1), "rank must not be negative"),
        (lambda: SpectralFilter(sharpening=-1), "must not be negative"),
    ],
)
def test_options_out_of_range_are_refused(make, message):
    with pytest.raises(ValueError, match=message):
        make()
