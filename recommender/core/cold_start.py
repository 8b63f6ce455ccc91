"""Behaviour guessed from pictures: a ridge map from image vectors to factor space. Fitting only; needs SciPy."""

import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_array
from scipy.sparse.linalg import eigsh

from recommender.core.types import Artefact, Bool, Factors, Float32
from recommender.core.vectors import unit_rows

MIN_EVENTS = 3.0
FOLDS = 5
MAX_JUDGED = 20_000
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
    return _Folds(vectors[rows], unit_rows(item_factors[rows]), seed=0).fit_all(regularization)


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
    rows = np.flatnonzero(_learnable(vectors, item_factors, events, min_events))
    folds = _Folds(vectors[rows], unit_rows(item_factors[rows]), seed)
    predicted = predict_factors(vectors, folds.fit_all(regularization))
    predicted[rows] = folds.held_out(regularization)
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
    """The l of the grid by the mean cosine of held-out predictions with the factors; of equals the larger.

    Measured on at most 20,000 random products.
    """
    rows = np.flatnonzero(_learnable(vectors, item_factors, events, min_events))
    if rows.size > MAX_JUDGED:
        rows = np.sort(np.random.default_rng(seed).choice(rows, MAX_JUDGED, replace=False))
    if not rows.size:
        return max(grid)
    truth = unit_rows(item_factors[rows])
    folds = _Folds(vectors[rows], truth, seed)

    def mean_cosine(regularization: float) -> float:
        return float(np.einsum("ij,ij->i", unit_rows(folds.held_out(regularization)), truth).mean())

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


class _Folds:
    """Ridge maps of all rows but one fold, whose products of matrices are computed once for all regularizations.

    With fewer rows than columns the system is the smaller one, X^T (X X^T + l I)^-1 Y = (X^T X + l I)^-1 X^T Y.
    """

    def __init__(self, x: Float32, y: Float32, seed: int) -> None:
        self._x, self._y = np.asarray(x, np.float32), y
        self._parts = np.array_split(np.random.default_rng(seed).permutation(x.shape[0]), FOLDS)
        self._dual = x.shape[0] < x.shape[1]
        self._grams = [self._x @ self._x.T] if self._dual else [x[part].T @ x[part] for part in self._parts]
        self._crossed = [] if self._dual else [x[part].T @ y[part] for part in self._parts]

    def fit_all(self, regularization: float) -> Float32:
        """The map of all rows, float32, shape (d, f)."""
        return self._fit(list(range(FOLDS)), regularization)

    def held_out(self, regularization: float) -> Float32:
        """Each row's prediction by the map of the other folds, float32, shape (m, f)."""
        predicted = np.zeros_like(self._y)
        for held, part in enumerate(self._parts):
            kept = [fold for fold in range(FOLDS) if fold != held]
            predicted[part] = self._x[part] @ self._fit(kept, regularization)
        return predicted

    def _fit(self, folds: list[int], regularization: float) -> Float32:
        if not self._dual:
            gram, crossed = (np.sum([sums[fold] for fold in folds], axis=0) for sums in (self._grams, self._crossed))
            return _solve(gram, crossed, regularization)
        rows = np.concatenate([self._parts[fold] for fold in folds])
        if not rows.size:
            return np.zeros((self._x.shape[1], self._y.shape[1]), np.float32)
        image_map: Float32 = self._x[rows].T @ _solve(self._grams[0][np.ix_(rows, rows)], self._y[rows], regularization)
        return image_map


def _solve(gram: Float32, right: Float32, regularization: float) -> Float32:
    """(G + l I)^-1 R, in float64 inside."""
    system = gram.astype(np.float64)
    system[np.diag_indices_from(system)] += regularization
    return np.asarray(cho_solve(cho_factor(system, lower=True, overwrite_a=True), right), np.float32)


def _learnable(vectors: Float32, item_factors: Float32, events: Float32, min_events: float) -> Bool:
    enough: Bool = np.asarray(events >= min_events)
    return enough & item_factors.any(axis=1) & _rows_with_pictures(vectors)


def _rows_with_pictures(vectors: Float32) -> Bool:
    blocks: list[Bool] = [np.any(vectors[start : start + 8192], axis=1) for start in range(0, vectors.shape[0], 8192)]
    return np.concatenate(blocks) if blocks else np.zeros(0, bool)
