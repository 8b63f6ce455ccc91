"""A visitor's events folded into an artefact: scores of the products that are asked for, and no others than needed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from recommender.core.fold_in import fold_in_scores, visitor_vector
from recommender.core.ranking import top_k
from recommender.core.types import Artefact, Factors, Float32, Int32


class FactorSearch(Protocol):
    """Finds the best of n factors y_i by y_i . x."""

    def __call__(self, query: Float32, k: int) -> Int32:
        """The best k rows for x, best first, ties by lower row, int32, shape (min(k, n),); x of float32, shape (f,)."""

    def warm(self) -> None:
        """Make ready now what the first search would wait for."""


class Folded(Protocol):
    """What is asked of one visitor's raw collaborative scores of n products, on no fixed scale; higher is better."""

    def of(self, rows: Int32) -> Float32:
        """The scores of some products, rows in 0..n-1, shape (m,): float32, shape (m,)."""

    def root_mean_square(self) -> float:
        """Of the scores of all n products, >= 0; 0 without products."""

    def best(self, k: int, search: FactorSearch | None = None) -> Int32:
        """Rows of the best k products with a score > 0, int32, shape (at most k,).

        Args:
            k: how many.
            search: finds the best of all factors; each is compared when None. Item-to-item weights need none.
        """


def fold(artefact: Artefact, rows: Int32, weights: Float32) -> Folded:
    """The scores of `fold_in.fold_in_scores`, whose arguments these are."""
    if isinstance(artefact, Factors):
        return FoldedFactors(artefact, visitor_vector(artefact, rows, weights))
    return FoldedWeights(fold_in_scores(artefact, rows, weights))


@dataclass(frozen=True, eq=False)
class FoldedFactors:
    """Scores y_i . x of item factors: x is enough to know how large they are.

    Attributes:
        artefact: holds y and its Gram matrix G = y^T y.
        vector: x, float32, shape (f,).
    """

    artefact: Factors
    vector: Float32

    def of(self, rows: Int32) -> Float32:
        """See `Folded.of`; a product's score does not depend on what else is asked for."""
        scores: Float32 = np.einsum("ij,j->i", self.artefact.items[rows], self.vector)
        return scores

    def root_mean_square(self) -> float:
        """See `Folded.root_mean_square`: (1/n) sum_i (y_i . x)^2 = x^T G x / n."""
        n = self.artefact.items.shape[0]
        x = self.vector.astype(np.float64)
        return float(np.sqrt(max(0.0, x @ (self.artefact.gram @ x)) / n)) if n else 0.0

    def best(self, k: int, search: FactorSearch | None = None) -> Int32:
        """See `Folded.best`."""
        if not self.vector.any():
            return np.zeros(0, np.int32)
        found = top_k(self.artefact.items @ self.vector, k) if search is None else search(self.vector, k)
        rows = found.astype(np.int32)
        return rows[self.of(rows) > 0]


@dataclass(frozen=True, eq=False)
class FoldedWeights:
    """Scores of item-to-item weights, which are all known at once: a visitor's lists are added up.

    Attributes:
        scores: float32, shape (n,).
    """

    scores: Float32

    def of(self, rows: Int32) -> Float32:
        """See `Folded.of`."""
        return self.scores[rows]

    def root_mean_square(self) -> float:
        """See `Folded.root_mean_square`."""
        return float(np.sqrt(self.scores @ self.scores / self.scores.size)) if self.scores.size else 0.0

    def best(self, k: int, search: FactorSearch | None = None) -> Int32:
        """See `Folded.best`."""
        rows = top_k(self.scores, k).astype(np.int32)
        return rows[self.scores[rows] > 0]
