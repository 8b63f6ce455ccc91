"""EASE: the linear item-to-item model with a closed-form solution."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from recommender.core.types import Float32, Int64, ItemItem
from recommender.engines.base import CollaborativeModel, Progress
from recommender.engines.matrices import ItemItemBuilder, checked, normalised, one_blas_thread, power

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

BLOCK = 512


class EASE(CollaborativeModel):
    """Embarrassingly shallow autoencoder (Steck 2019) on a degree-normalised matrix.

        B = argmin |Y - Y B|^2 + l |B|^2 with diag(B) = 0:   B = I - P diag(P)^-1,   P = (Y^T Y + l I)^-1
        S = D^-b B D^c,   Y = D_u^-a R D^-b

    We differ in two ways: users and products may be scaled by powers of their totals (a, b; 0, 0 is the paper's), which
    stops heavy users and best sellers from ruling the regression; and l is given as a multiple of the mean diagonal of
    Y^T Y, so that one value suits small and large shops. Only the `max_items` most popular products take part: the
    method needs a dense inverse (memory 4 m^2 bytes twice, time m^3). Each row keeps its k strongest weights.
    """

    requires = ("scipy", "threadpoolctl")
    extra = "training"

    def __init__(
        self,
        regularization: float = 5.0,
        user_power: float = 0.3,
        item_power: float = 0.3,
        score_power: float = 0.0,
        max_items: int = 10_000,
        k: int = 500,
    ) -> None:
        if regularization <= 0:
            raise ValueError("regularization must be positive.")
        if max_items < 2 or k < 1:
            raise ValueError("max_items must be at least 2 and k at least 1.")
        self.regularization, self.max_items, self.k = regularization, max_items, k
        self.user_power, self.item_power, self.score_power = user_power, item_power, score_power

    def fit(self, interactions: csr_matrix, progress: Progress | None = None) -> ItemItem:
        """Item-item weights; see `CollaborativeModel.fit`."""
        matrix, degree = normalised(checked(interactions), self.user_power, self.item_power)
        n = matrix.shape[1]
        head = np.sort(np.argsort(-degree, kind="stable")[: min(self.max_items, n)])
        with one_blas_thread():
            inverse = self._inverse(matrix[:, head])
        if progress:
            progress(1, 2)
        artefact = self._sparse(inverse, head, degree)
        if progress:
            progress(2, 2)
        return artefact

    def _inverse(self, matrix: csr_matrix) -> Float32:
        """P in float32, shape (m, m), both triangles."""
        from scipy.linalg import lapack

        gram = (matrix.T @ matrix).toarray(order="F")
        gram[np.diag_indices_from(gram)] += self.regularization * np.trace(gram) / len(gram)
        factor, failed = lapack.spotrf(gram, lower=1, overwrite_a=1)
        if failed:
            raise ValueError("The item Gram matrix is not positive definite. Raise EASE's regularization.")
        inverse: Float32
        inverse, _ = lapack.spotri(factor, lower=1, overwrite_c=1)
        for start in range(0, len(inverse), BLOCK):
            stop = start + BLOCK
            inverse[start:stop, stop:] = inverse[stop:, start:stop].T
            square = inverse[start:stop, start:stop]
            square[:] = np.tril(square) + np.tril(square, -1).T
        return inverse

    def _sparse(self, inverse: Float32, head: Int64, degree: Float32) -> ItemItem:
        n, m = degree.size, head.size
        scale_in, scale_out = power(degree, -self.item_power), power(degree, self.score_power)
        columns = scale_out[head] / -np.diag(inverse)
        place = np.full(n, -1)
        place[head] = np.arange(m)
        builder = ItemItemBuilder(self.k)
        for start in range(0, n, BLOCK):
            rows = np.arange(start, min(start + BLOCK, n))
            weights = np.zeros((rows.size, n), np.float32)
            inside = place[rows] >= 0
            block = inverse[place[rows[inside]]] * columns * scale_in[rows[inside], None]
            weights[np.ix_(np.flatnonzero(inside), head)] = block
            builder.add(rows, weights)
        return builder.build()
