"""What every collaborative engine does to its users x products matrix before and after learning."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np

from recommender.core.types import Float32, ItemItem
from recommender.exceptions import EngineUnavailableError, NotEnoughHistoryError

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix


def checked(interactions: csr_matrix) -> csr_matrix:
    """The matrix in float32 with duplicates added up and zeros removed; not to be modified, as it may share its arrays.

    Raises:
        NotEnoughHistoryError: when nothing is left.
        ValueError: when a weight is negative or not finite.
    """
    from scipy.sparse import csr_matrix

    matrix = csr_matrix(interactions, dtype=np.float32)
    if not (matrix.has_canonical_format and matrix.data.all()):
        matrix = matrix.copy()
        matrix.sum_duplicates()
        matrix.eliminate_zeros()
    if not matrix.nnz:
        raise NotEnoughHistoryError
    if not np.isfinite(matrix.data).all() or matrix.data.min() < 0:
        raise ValueError(
            "Interaction weights must be finite and not negative. Leave out refunded pairs before fitting."
        )
    return matrix


def normalised(matrix: csr_matrix, user_power: float, item_power: float) -> tuple[csr_matrix, Float32]:
    """D_u^-a R D_i^-b with the sums of rows and columns on the diagonals, and the column sums d_i.

    Args:
        matrix: R, float32 CSR, shape (users, n), weights > 0.
        user_power: a; 0.5 with b = 0.5 is the symmetric normalisation of graph methods.
        item_power: b.

    Returns:
        the matrix, float32 CSR, and d_i, float32, shape (n,), 0 for a product without interactions.
    """
    from scipy.sparse import diags_array

    users = np.asarray(matrix.sum(axis=1), np.float32).ravel()
    items = np.asarray(matrix.sum(axis=0), np.float32).ravel()
    scaled = diags_array(power(users, -user_power)) @ matrix @ diags_array(power(items, -item_power))
    return scaled.tocsr().astype(np.float32), items


def power(values: Float32, exponent: float) -> Float32:
    """values ** exponent, float32, with 0 for values of 0 (an unseen product has no weight, not an infinite one)."""
    result = np.zeros_like(values, dtype=np.float32)
    np.power(values, exponent, out=result, where=values > 0, dtype=np.float32)
    return result


class ItemItemBuilder:
    """Collects blocks of rows of an item-to-item matrix, keeping the k strongest weights of each row."""

    def __init__(self, k: int) -> None:
        self._k = k
        self._lengths: list[np.ndarray] = []
        self._indices: list[np.ndarray] = []
        self._data: list[np.ndarray] = []

    def add(self, rows: np.ndarray, weights: Float32) -> None:
        """Append rows; a product's weight on itself is dropped.

        Args:
            rows: which products the rows belong to, shape (b,), following the rows added before.
            weights: shape (b, n); modified.
        """
        n = weights.shape[1]
        weights[np.arange(rows.size), rows] = 0.0
        if self._k < n:
            columns = np.argpartition(np.abs(weights), n - self._k, axis=1)[:, n - self._k :]
            columns.sort(axis=1)
            kept = np.take_along_axis(weights, columns, axis=1)
        else:
            columns, kept = np.broadcast_to(np.arange(n), weights.shape), weights
        present = kept != 0
        self._lengths.append(present.sum(axis=1))
        self._indices.append(columns[present].astype(np.int32))
        self._data.append(kept[present].astype(np.float32))

    def build(self) -> ItemItem:
        """The rows added so far."""
        indptr = np.concatenate([[0], np.cumsum(np.concatenate(self._lengths))]).astype(np.int64)
        return ItemItem(indptr, np.concatenate(self._indices), np.concatenate(self._data))


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """BLAS with one thread: faster here than two, and leaves the machine's other cores to other workers.

    Raises:
        EngineUnavailableError: when the training extra is not installed.
    """
    try:
        from threadpoolctl import threadpool_limits  # training extra, and not needed to serve
    except ImportError as error:
        raise EngineUnavailableError(
            'Fitting needs SciPy and threadpoolctl: pip install "django-visual-recommender[training]".'
        ) from error
    with threadpool_limits(limits=1, user_api="blas"):
        yield
