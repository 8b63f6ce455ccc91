"""Latent factors by Bayesian personalised ranking."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from recommender.core.types import Factors
from recommender.engines.base import CollaborativeModel, Progress
from recommender.engines.matrices import checked, one_blas_thread
from recommender.exceptions import EngineUnavailableError

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix


class ImplicitBPR(CollaborativeModel):
    """implicit's Bayesian personalised ranking (Rendle et al. 2009), item biases included as one more factor.

    Training gives one vector to each known user. A visitor is folded in by the ridge solver instead: the vector that
    scores the visitor's products 1 and all others 0 best, so that newcomers need no training. One thread, because
    the library's lock-free updates are only reproducible alone.
    """

    requires = ("implicit", "scipy", "threadpoolctl")
    extra = "training"

    def __init__(
        self,
        factors: int = 64,
        learning_rate: float = 0.05,
        regularization: float = 0.01,
        iterations: int = 100,
        confidence: float = 10.0,
        seed: int = 0,
    ) -> None:
        if factors < 1 or iterations < 1:
            raise ValueError("factors and iterations must be at least 1.")
        if learning_rate <= 0 or regularization < 0 or confidence <= 0:
            raise ValueError("learning_rate and confidence must be positive, regularization must not be negative.")
        self.factors, self.learning_rate, self.regularization = factors, learning_rate, regularization
        self.iterations, self.confidence, self.seed = iterations, confidence, seed

    def fit(self, interactions: csr_matrix, progress: Progress | None = None) -> Factors:
        """Factors for the ridge solver; see `CollaborativeModel.fit`."""
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
            gram = items.T @ items
            ridge = float(np.trace(gram)) / gram.shape[0]
            return Factors(items, gram, ridge, "ridge", alpha=self.confidence)
