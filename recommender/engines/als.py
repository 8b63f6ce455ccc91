"""Latent factors by alternating least squares on implicit feedback."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from recommender.core.types import Factors
from recommender.engines.base import CollaborativeModel, Progress
from recommender.engines.matrices import checked, one_blas_thread
from recommender.exceptions import EngineUnavailableError

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix


class ImplicitALS(CollaborativeModel):
    """implicit's alternating least squares (Hu, Koren & Volinsky 2008): confidence 1 + alpha * weight.

    Equal seeds give equal factors.
    """

    requires = ("implicit", "scipy", "threadpoolctl")
    extra = "training"

    def __init__(
        self,
        factors: int = 64,
        regularization: float = 1.0,
        alpha: float = 1.0,
        iterations: int = 15,
        seed: int = 0,
        threads: int = 1,
    ) -> None:
        if factors < 1 or iterations < 1:
            raise ValueError("factors and iterations must be at least 1.")
        if regularization < 0 or alpha <= 0:
            raise ValueError("regularization must not be negative, and alpha must be positive.")
        self.factors, self.regularization, self.alpha = factors, regularization, alpha
        self.iterations, self.seed, self.threads = iterations, seed, threads

    def fit(self, interactions: csr_matrix, progress: Progress | None = None) -> Factors:
        """Factors for the ridge solver; see `CollaborativeModel.fit`."""
        try:
            from implicit.als import AlternatingLeastSquares  # training extra, and heavy
        except ImportError as error:
            raise EngineUnavailableError(
                'ImplicitALS needs implicit: pip install "django-visual-recommender[training]".'
            ) from error
        confidence = checked(interactions)
        confidence.data = 1 + np.float32(self.alpha) * confidence.data
        with one_blas_thread():
            model = AlternatingLeastSquares(
                factors=min(self.factors, *confidence.shape),
                regularization=self.regularization,
                iterations=self.iterations,
                random_state=self.seed,
                num_threads=self.threads,
                use_gpu=False,
            )
            model.fit(
                confidence,
                show_progress=False,
                callback=lambda done, *_: progress(done + 1, self.iterations) if progress else None,
            )
            items = np.ascontiguousarray(model.item_factors, dtype=np.float32)
            return Factors(items, items.T @ items, self.regularization, "ridge", alpha=self.alpha)
