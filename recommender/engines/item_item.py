"""Item-to-item neighbours by BM25, TF-IDF or cosine: products are alike when the same people chose them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import numpy as np

from recommender.core.types import ItemItem
from recommender.engines.base import CollaborativeModel, Progress
from recommender.engines.matrices import checked
from recommender.exceptions import EngineUnavailableError

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

Kind = Literal["bm25", "tfidf", "cosine"]


class ImplicitItemItem(CollaborativeModel):
    """The k products most like each product, found by implicit's all-pairs nearest neighbours.

    S[i, j] = sum_u w_ui w_uj over the weighted matrix w:
        "cosine": w = r scaled to unit length by product;
        "tfidf":  w = sqrt(r) idf_u scaled to unit length by product;
        "bm25":   w = r (k1 + 1) / (r + k1 (1 - b + b |i| / mean |i|)) idf_u (Robertson & Zaragoza 2009),
    with |i| the product's total weight and idf_u = ln(1 + n / n_u) for a user of n_u products. implicit's own idf,
    ln n - ln(1 + n_u), is 0 or negative for users who know nearly everything, which small shops have.
    """

    requires = ("implicit", "scipy")
    extra = "training"

    def __init__(self, kind: Kind = "bm25", k: int = 200, k1: float = 1.2, b: float = 0.75, threads: int = 1) -> None:
        if kind not in ("bm25", "tfidf", "cosine"):
            raise ValueError(f'Unknown kind {kind!r}: use "bm25", "tfidf" or "cosine".')
        if k < 1:
            raise ValueError("k must be at least 1.")
        self.kind, self.k, self.k1, self.b, self.threads = kind, k, k1, b, threads

    def fit(self, interactions: csr_matrix, progress: Progress | None = None) -> ItemItem:
        """Item-item weights; see `CollaborativeModel.fit`."""
        try:
            from implicit.nearest_neighbours import ItemItemRecommender  # training extra, and heavy
        except ImportError as error:
            raise EngineUnavailableError(
                'ImplicitItemItem needs implicit: pip install "django-visual-recommender[training]".'
            ) from error
        matrix = self._weighted(checked(interactions))
        # One more than k, because each product's nearest neighbour is itself.
        model = ItemItemRecommender(K=min(self.k + 1, matrix.shape[1]), num_threads=self.threads)
        model.fit(matrix, show_progress=False)
        similarity = model.similarity.tocsr()
        similarity.setdiag(0)
        similarity.eliminate_zeros()
        similarity.sort_indices()
        if progress:
            progress(1, 1)
        return ItemItem(
            similarity.indptr.astype(np.int64),
            similarity.indices.astype(np.int32),
            similarity.data.astype(np.float32),
        )

    def _weighted(self, matrix: csr_matrix) -> csr_matrix:
        n = matrix.shape[1]
        per_user = np.diff(matrix.indptr)
        weighted = matrix.astype(np.float64)
        if self.kind == "bm25":
            length = np.bincount(weighted.indices, weights=weighted.data, minlength=n)
            norm = self.k1 * (1 - self.b + self.b * length / length[length > 0].mean())
            weighted.data *= (self.k1 + 1) / (weighted.data + norm[weighted.indices])
        elif self.kind == "tfidf":
            weighted.data = np.sqrt(weighted.data)
        if self.kind != "cosine":
            weighted.data *= np.repeat(np.log1p(n / np.maximum(per_user, 1)), per_user)
        if self.kind != "bm25":
            squares = np.bincount(weighted.indices, weights=weighted.data**2, minlength=n)
            weighted.data /= np.sqrt(squares[weighted.indices])
        return weighted
