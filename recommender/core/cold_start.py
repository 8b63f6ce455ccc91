"""Behaviour guessed from pictures: a ridge map from image vectors to factor space. Fitting only; needs SciPy."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_array
from scipy.sparse.linalg import eigsh

from recommender.core.types import Artefact, Bool, Factors, Float32
from recommender.core.vectors import unit_rows

MIN_EVENTS = 3.0
FOLDS = 5
REGULARIZATIONS = (0.1, 1.0, 10.0, 100.0)


def fit_image_map(
    vectors: Float32,
    item_factors: Float32,
    events: Float32,
    regularization: float,
    *,
    min_events: float = MIN_EVENTS,
) -> Float32:
    """The map W from an image vector x to the direction of its product's factors (Gantner et al. 2010).

    W = argmin sum_i |x_i W - y_i / |y_i||^2 + l |W|^2 = (X^T X + l I)^-1 X^T Y, over products with a picture and enough
    events. We fit directions and not factors, because the length of a factor is mostly popularity, which no picture
    shows, and because the map is used through cosines only.

    Args:
        vectors: unit vectors, float32, shape (n, d), a zero row without a picture.
        item_factors: float32, shape (n, f), from `behaviour_factors`.
        events: events behind each product, shape (n,).
        regularization: l > 0; a picture weighs 1.
        min_events: products with fewer are not learned from.

    Returns:
        float32, shape (d, f); zeros when there is no product to learn from.
    """
    rows = np.flatnonzero(_learnable(vectors, item_factors, events, min_events))
    return _ridge(vectors[rows], unit_rows(item_factors[rows]), regularization)


def predict_factors(vectors: Float32, image_map: Float32) -> Float32:
    """Where pictures place products in factor space: x W, float32, shape (n, f), a zero row without a picture."""
    return np.asarray(vectors, np.float32) @ image_map


def held_out_factors(
    vectors: Float32,
    item_factors: Float32,
    events: Float32,
    regularization: float,
    *,
    seed: int,
    min_events: float = MIN_EVENTS,
) -> Float32:
    """`predict_factors` of every product by a map that did not learn from it, in five folds, float32, shape (n, f).

    Arguments as in `fit_image_map`. Products that no map learns from are predicted by the map of all others.
    """
    learnable = np.flatnonzero(_learnable(vectors, item_factors, events, min_events))
    fold = np.random.default_rng(seed).permutation(learnable.size) % FOLDS
    predicted = predict_factors(
        vectors, fit_image_map(vectors, item_factors, events, regularization, min_events=min_events)
    )
    for held in range(FOLDS):
        inside, outside = learnable[fold == held], learnable[fold != held]
        image_map = _ridge(vectors[outside], unit_rows(item_factors[outside]), regularization)
        predicted[inside] = predict_factors(vectors[inside], image_map)
    return predicted


def choose_regularization(
    vectors: Float32,
    item_factors: Float32,
    events: Float32,
    *,
    seed: int,
    grid: tuple[float, ...] = REGULARIZATIONS,
    min_events: float = MIN_EVENTS,
) -> float:
    """The l of the grid by the mean cosine of held-out predictions with the factors; of equals the larger."""
    learnable = _learnable(vectors, item_factors, events, min_events)
    truth = unit_rows(item_factors[learnable])

    def mean_cosine(regularization: float) -> float:
        held_out = held_out_factors(vectors, item_factors, events, regularization, seed=seed, min_events=min_events)
        return float(np.einsum("ij,ij->i", unit_rows(held_out[learnable]), truth).mean()) if truth.size else 0.0

    return max(sorted(grid, reverse=True), key=mean_cosine)


def behaviour_factors(artefact: Artefact, n_factors: int = 64, *, seed: int) -> Float32:
    """A factor space of any artefact, float32, shape (n, f): products bought alike point the same way.

    Item factors are taken as they are. Of item-item weights it is the leading eigenvectors of the symmetric part,
    y = e sqrt(lambda), so that y_i . y_j is the best rank-f stand-in for (S_ij + S_ji) / 2.
    """
    if isinstance(artefact, Factors):
        return np.asarray(artefact.items, np.float32)
    n = artefact.indptr.shape[0] - 1
    f = min(n_factors, n - 2)
    if f < 1 or not artefact.data.size:
        return np.zeros((n, max(f, 1)), np.float32)
    weights = csr_array((artefact.data, artefact.indices, artefact.indptr), shape=(n, n))
    start = np.random.default_rng(seed).random(n)
    values, eigenvectors = eigsh((weights + weights.T) / 2, k=f, which="LA", v0=start)
    return np.asarray(eigenvectors * np.sqrt(np.maximum(values, 0.0)), np.float32)


def _ridge(x: Float32, y: Float32, regularization: float) -> Float32:
    """(X^T X + l I)^-1 X^T Y = X^T (X X^T + l I)^-1 Y, by whichever system is smaller."""
    if not x.shape[0]:
        return np.zeros((x.shape[1], y.shape[1]), np.float32)
    x64, y64 = x.astype(np.float64), y.astype(np.float64)
    if x.shape[0] < x.shape[1]:
        return np.asarray(x64.T @ _solve(x64 @ x64.T, y64, regularization), np.float32)
    return np.asarray(_solve(x64.T @ x64, x64.T @ y64, regularization), np.float32)


def _solve(gram: NDArray[Any], right: NDArray[Any], regularization: float) -> NDArray[Any]:
    gram[np.diag_indices_from(gram)] += regularization
    return np.asarray(cho_solve(cho_factor(gram, lower=True, overwrite_a=True), right))


def _learnable(vectors: Float32, item_factors: Float32, events: Float32, min_events: float) -> Bool:
    enough: Bool = np.asarray(events >= min_events)
    return enough & item_factors.any(axis=1) & _rows_with_pictures(vectors)


def _rows_with_pictures(vectors: Float32) -> Bool:
    blocks: list[Bool] = [np.any(vectors[start : start + 8192], axis=1) for start in range(0, vectors.shape[0], 8192)]
    return np.concatenate(blocks) if blocks else np.zeros(0, bool)
