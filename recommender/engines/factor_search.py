"""The best of many factors for one visitor: first in eight bits a value, then the few that may be best in full."""

from __future__ import annotations

from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from recommender.core.codes import encode
from recommender.core.folded import FactorSearch
from recommender.core.nearest import nearest, rivals
from recommender.core.types import Artefact, Factors, Float32, Int32
from recommender.engines.coded import has_numkong

MIN_ROWS = 20_000
"""Fewer factors are compared in full as quickly."""


def factor_search(artefact: Artefact | None) -> FactorSearch | None:
    """A search among an artefact's factors; None where comparing each of them is as quick, or nothing is to compare."""
    if not isinstance(artefact, Factors) or len(artefact.items) < MIN_ROWS or not has_numkong():
        return None
    return CodedFactors(artefact.items)


class CodedFactors:
    """A `FactorSearch` that reads a quarter of the bytes.

    Rows that a proven bound on the error of their codes cannot rule out are compared in full, so that the list is the
    same, ties by lower row. The codes are made at the first search.
    """

    def __init__(self, items: Float32) -> None:
        """Search among these, float32, shape (n, f), finite; may be a memory map."""
        self._items = items

    def __call__(self, query: Float32, k: int) -> Int32:
        """See `FactorSearch`."""
        n = len(self._items)
        if k >= n:
            return nearest(query, self._items, np.arange(n, dtype=np.int32), k).rows
        scores, errors = self._coded.scores(query)
        return nearest(query, self._items, rivals(query, self._items, scores, errors, k, None), k).rows

    def warm(self) -> None:
        """See `FactorSearch`: the codes."""
        _ = self._coded

    @cached_property
    def _coded(self) -> _Coded:
        import numkong  # optional, and only where a search runs

        codes = encode(self._items)
        lengths = np.sqrt(np.einsum("ij,ij->i", self._items, self._items))
        away = np.divide(codes.residuals, lengths, out=np.zeros_like(lengths), where=lengths > 0)
        return _Coded(numkong.dots_pack(codes.values), codes.steps, lengths, float(away.max(initial=0.0)))


class _Coded(NamedTuple):
    """Rows y_i in eight bits a value: y_i = s_i c_i + r_i, with |r_i| <= away |y_i|.

    Attributes:
        packed: c, int8, shape (n, f), as NumKong wants them for many products with one vector.
        steps: s, float32, shape (n,).
        lengths: |y_i|, float32, shape (n,).
        away: >= 0.
    """

    packed: Any
    steps: Float32
    lengths: Float32
    away: float

    def scores(self, query: Float32) -> tuple[Float32, Float32]:
        """About y_i . x for each row, and how far each may be from it, float32, shape (n,) both.

        With x = s c + r, |y_i . x - s_i s (c_i . c)| = |y_i . r + r_i . (x - r)| <= |y_i| (|r| + away (|x| + |r|)),
        and a little more for the rounding of the products. Factors may be of very different lengths, so that a bound
        by the longest of them, as `core.codes` has it, would rule out nothing.
        """
        import numkong

        coded = encode(query[None, :])
        scores: Float32 = np.asarray(numkong.dots_packed(coded.values, self.packed))[0].astype(np.float32)
        scores *= self.steps
        scores *= coded.steps[0]
        length, rest = float(np.linalg.norm(query)), float(coded.residuals[0])
        rounding = 4.0 * query.size * 2.0**-24 * length
        return scores, self.lengths * np.float32(1.001 * (rest + self.away * (length + rest)) + rounding)
