"""Exact search: one matrix product a query. The right index up to about 100,000 products."""

import numpy as np

from recommender.core.types import Float32, Neighbours
from recommender.core.vectors import exact_top_k
from recommender.engines.base import VectorIndex
from recommender.exceptions import DimensionMismatchError


class ExactIndex(VectorIndex):
    """Compares a query with every vector; nothing to build, nothing to tune, nothing missed."""

    def __init__(self) -> None:
        self._vectors: Float32 = np.empty((0, 0), np.float32)

    def open(self, vectors: Float32) -> None:
        """See `VectorIndex.open`; the vectors are not copied."""
        self._vectors = vectors

    def search(self, queries: Float32, k: int) -> Neighbours:
        """See `VectorIndex.search`."""
        if queries.shape[1] != self._vectors.shape[1]:
            raise DimensionMismatchError(
                f"The query has {queries.shape[1]} dimensions and the index {self._vectors.shape[1]}. "
                "Re-embed the catalogue with one encoder."
            )
        return exact_top_k(queries.astype(np.float32, copy=False), self._vectors, k)
