"""Latent factors by Bayesian personalised ranking."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from recommender.core.types import Factors, Float32
from recommender.engines.base import CollaborativeModel, Progress
from recommender.engines.matrices import checked, one_blas_thread, power
from recommender.exceptions import EngineUnavailableError

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix


SOLVER_STEPS, SOLVED = 30, 1e-10
"""The most steps of the solver, and the share of the squared residual at which it stops."""

TINY = 1e-30


class ImplicitBPR(CollaborativeModel):
    """implicit's Bayesian personalised ranking (Rendle et al. 2009), item biases included as one more factor.

    Training gives one vector x_u to each known user. So that newcomers need none, a query vector is fitted for each
    product such that the mean of a user's query vectors comes close to the trained one, by ridge regression:
        V = argmin |A V - X|^2 + l |V|^2,   A = interactions with rows summing to 1,
    with l the mean diagonal of A^T A times `smoothing`. One thread, because the library's lock-free updates are only
    reproducible alone.
    """

    requires = ("implicit", "scipy", "threadpoolctl")
    extra = "training"

    def __init__(
        self,
        factors: int = 64,
        learning_rate: float = 0.05,
        regularization: float = 0.05,
        iterations: int = 100,
        smoothing: float = 10.0,
        seed: int = 0,
    ) -> None:
        if factors < 1 or iterations < 1:
            raise ValueError("factors and iterations must be at least 1.")
        if learning_rate <= 0 or regularization < 0 or smoothing <= 0:
            raise ValueError("learning_rate and smoothing must be positive, regularization must not be negative.")
        self.factors, self.learning_rate, self.regularization = factors, learning_rate, regularization
        self.iterations, self.smoothing, self.seed = iterations, smoothing, seed

    def fit(self, interactions: csr_matrix, progress: Progress | None = None) -> Factors:
        """Factors for the projection solver; see `CollaborativeModel.fit`."""
        try:
            from implicit.bpr import BayesianPersonalizedRanking  # training extra, and heavy
        except ImportError as error:
            raise EngineUnavailableError(
                'ImplicitBPR needs implicit: pip install "django-visual-recommender[training]".'
            ) from error
        matrix = checked(interactions)
        with one_blas_thread():
            model = BayesianPersonalizedRanking(
                factors=min(self.factors, *matrix.shape),
                learning_rate=self.learning_rate,
                regularization=self.regularization,
                iterations=self.iterations,
                num_threads=1,
                random_state=self.seed,
                use_gpu=False,
            )
            model.fit(
                matrix,
                show_progress=False,
                callback=lambda done, *_: progress(done + 1, self.iterations) if progress else None,
            )
            items = np.array(model.item_factors, dtype=np.float32)
            items[np.diff(matrix.tocsc().indptr) == 0] = 0.0  # never updated: random noise
            users = np.asarray(model.user_factors, dtype=np.float32)
            queries = _query_vectors(matrix, users, self.smoothing)
            return Factors(items, items.T @ items, 0.0, "projection", queries)


def _query_vectors(matrix: csr_matrix, users: Float32, smoothing: float) -> Float32:
    """V by conjugate gradients on (A^T A + l I) V = A^T X, all columns at once, float32, shape (n, f)."""
    # A and A^T as products with the matrix itself: copies of it would cost more memory than the training.
    shares = power(np.asarray(matrix.sum(axis=1), np.float32), -1)
    squares = np.repeat(shares.ravel(), np.diff(matrix.indptr)) * matrix.data
    ridge = smoothing * float(squares @ squares) / matrix.shape[1]
    del squares
    residual = np.asarray(matrix.T @ (shares * users), np.float32)
    solution = np.zeros((matrix.shape[1], users.shape[1]), np.float32)
    direction, size = residual.copy(), np.einsum("ij,ij->j", residual, residual)
    enough = SOLVED * size
    for _ in range(SOLVER_STEPS):
        if (size <= enough).all():
            break
        image = np.asarray(matrix.T @ (shares**2 * (matrix @ direction)), np.float32) + np.float32(ridge) * direction
        step = size / np.maximum(np.einsum("ij,ij->j", direction, image), TINY)
        solution += step * direction
        residual -= step * image
        previous, size = size, np.einsum("ij,ij->j", residual, residual)
        direction = residual + size / np.maximum(previous, TINY) * direction
    return solution
