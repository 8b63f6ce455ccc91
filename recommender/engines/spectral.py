"""A graph filter over the users x products graph: closed form, no training loop, strong on sparse histories."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from recommender.core.types import Float32, ItemItem
from recommender.engines.base import CollaborativeModel, Progress
from recommender.engines.matrices import ItemItemBuilder, checked, normalised, one_blas_thread, power

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

BLOCK = 256
SMALL = 400
"""Up to this many users or products a dense decomposition is quicker than the iterative one."""


SPARSE = 0.1
"""The share of entries up to which products of sparse matrices are quicker than those with a dense one."""


class Parts(NamedTuple):
    """What the filter's three terms give, float32, each of shape (b, n), before weights and output scaling."""

    linear: Float32
    quadratic: Float32
    low_pass: Float32


class GraphBasis:
    """The expensive part of a filter, for one normalisation and rank: the scaled matrix and its singular vectors.

    Filters that differ only in `sharpening`, `low_pass` or `score_power` share it, which makes them cheap to compare.
    """

    def __init__(self, interactions: csr_matrix, user_power: float, item_power: float, rank: int) -> None:
        with one_blas_thread():
            self._matrix, degree = normalised(checked(interactions), user_power, item_power)
            singular, vectors = _singular(self._matrix, max(rank, 1))
        self._top = np.float32(singular[0] ** 2)
        kept = min(rank, singular.size)
        self._vectors = np.ascontiguousarray(vectors[:, :kept])
        self._weights = (singular[:kept] / singular[0]).astype(np.float32)
        self._transposed = self._matrix.T.tocsr()
        self.degree = degree / degree[degree > 0].mean()
        self._scale_in = power(degree, -item_power)
        self.item_power = item_power

    def parts(self, rows: csr_matrix) -> Parts:
        """Each term applied to signals over products, such as users' rows of the interactions.

        Args:
            rows: float32 CSR, shape (b, n).
        """
        from scipy.sparse import csr_matrix, diags_array

        signal = csr_matrix(rows @ diags_array(self._scale_in), dtype=np.float32)
        linear = _times(_times(signal, self._transposed), self._matrix)
        quadratic = _dense(_times(_times(linear, self._transposed), self._matrix))
        quadratic /= self._top**2
        linear = _dense(linear)
        linear /= self._top
        low_pass = np.asarray(signal @ self._vectors, np.float32) * self._weights @ self._vectors.T
        return Parts(linear, quadratic, low_pass)

    def mix(self, parts: Parts, sharpening: float, low_pass: float, score_power: float) -> Float32:
        """The filter's scores from its terms, float32, shape (b, n)."""
        scores = parts.quadratic * np.float32(-sharpening)
        scores += parts.linear
        scores *= power(self.degree, score_power)
        if low_pass:
            scores += parts.low_pass * (np.float32(low_pass) * power(self.degree, self.item_power))
        return scores


class SpectralFilter(CollaborativeModel):
    """Smooths a visitor's events over the graph of who chose what, and publishes the filter as item-item weights.

        S = D^-b ((N - t N^2) D^c + g V diag(sqrt(mu)) V^T D^b),   N = Y^T Y / mu_1,   Y = D_u^-a R D_i^-b

    with V the first `rank` eigenvectors of N and mu their eigenvalues, scaled so that the largest is 1. The linear term
    and the ideal low-pass term are those of GF-CF (Shen et al. 2021), the negative quadratic one is the sharpening step
    of BSPM (Choi et al. 2023): it takes away what everybody shares. We differ in leaving the powers a, b, c of the
    degrees free, and in weighting the low-pass vectors by their singular values.

    Args of the constructor:
        user_power, item_power: a, b in [0, 1]; 0.5, 0.5 is the symmetric normalisation.
        sharpening: t >= 0.
        rank, low_pass: number of vectors and g >= 0.
        score_power: c; higher favours best sellers.
        k: how many of each product's weights are kept, the strongest.
    """

    requires = ("scipy", "threadpoolctl")
    extra = "training"

    def __init__(
        self,
        user_power: float = 0.5,
        item_power: float = 0.3,
        sharpening: float = 0.6,
        rank: int = 64,
        low_pass: float = 0.1,
        score_power: float = 0.1,
        k: int = 500,
    ) -> None:
        if rank < 0 or k < 1:
            raise ValueError("rank must not be negative and k must be at least 1.")
        if sharpening < 0 or low_pass < 0:
            raise ValueError("sharpening and low_pass must not be negative.")
        self.user_power, self.item_power, self.score_power = user_power, item_power, score_power
        self.sharpening, self.rank, self.low_pass, self.k = sharpening, rank, low_pass, k

    def fit(self, interactions: csr_matrix, progress: Progress | None = None) -> ItemItem:
        """Item-item weights; see `CollaborativeModel.fit`."""
        basis = GraphBasis(interactions, self.user_power, self.item_power, self.rank if self.low_pass else 0)
        return self.publish(basis, progress)

    def publish(self, basis: GraphBasis, progress: Progress | None = None) -> ItemItem:
        """Item-item weights from a basis of this filter's powers and rank."""
        from scipy.sparse import csr_matrix, eye_array

        n = basis.degree.size
        builder = ItemItemBuilder(self.k)
        with one_blas_thread():
            for start in range(0, n, BLOCK):
                rows = np.arange(start, min(start + BLOCK, n))
                unit = csr_matrix(eye_array(rows.size, n, k=start, dtype=np.float32))
                builder.add(rows, basis.mix(basis.parts(unit), self.sharpening, self.low_pass, self.score_power))
                if progress:
                    progress(int(rows[-1]) + 1, n)
        return builder.build()


def _times(left: csr_matrix | Float32, right: csr_matrix) -> csr_matrix | Float32:
    """left @ right; sparse as long as `left` has few entries."""
    if not isinstance(left, np.ndarray) and left.nnz <= SPARSE * left.shape[0] * left.shape[1]:
        product: csr_matrix = (left @ right).tocsr()
        return product
    return np.ascontiguousarray((right.T @ _dense(left).T).T)


def _dense(matrix: csr_matrix | Float32) -> Float32:
    return matrix if isinstance(matrix, np.ndarray) else matrix.toarray()


def _singular(matrix: csr_matrix, rank: int) -> tuple[Float32, Float32]:
    """The largest singular values, descending, and their right vectors, shape (n, rank or fewer)."""
    from scipy.sparse.linalg import svds

    small = min(matrix.shape)
    if small <= SMALL or rank > small // 2:
        _, values, rows = np.linalg.svd(matrix.toarray(), full_matrices=False)
        return values[:rank], rows[:rank].T
    start = np.random.default_rng(0).standard_normal(small).astype(np.float32)
    _, values, rows = svds(matrix, k=rank, v0=start, return_singular_vectors="vh")  # type: ignore[arg-type]  # stub
    order = np.argsort(-values, kind="stable")
    return values[order].astype(np.float32), rows[order].T.astype(np.float32)
