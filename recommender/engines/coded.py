"""First passes over vectors in eight bits a value, by the integer instructions of NumKong where it is installed."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib.util import find_spec

import numpy as np

from recommender.core.codes import Codes, at, encode, error_bounds, remainder
from recommender.core.nearest import rivals
from recommender.core.types import Bool, Float32, Int32


@cache
def has_numkong() -> bool:
    """Whether such a pass is possible."""
    return find_spec("numkong") is not None


def coded_rivals(
    codes: Codes, vectors: Float32, query: Float32, k: int, allowed: Bool | None, stand: Int32 | None = None
) -> Int32:
    """`nearest.rivals` by codes: every allowed row that may be among the best k, ascending, int32, shape (m,), m >= k.

    Args:
        codes: of the vectors, or of those that `stand` names.
        vectors: float32 or float16, shape (n, d).
        query: float32, shape (d,).
        k: fewer than there are allowed rows.
        allowed: bool, shape (n,); None for all.
        stand: as `nearest.rivals` has it.
    """
    coded = encode(query[None, :])
    scores = _products(codes, coded)
    errors = error_bounds(codes, query, coded)
    return rivals(query, vectors, scores, errors, k, allowed, _refining(codes, query, coded), stand)


def _products(codes: Codes, coded: Codes) -> Float32:
    """All rows' inner products with one coded vector, from eight bits a value."""
    import numkong  # optional, and only where a search runs

    scores: Float32 = np.asarray(numkong.cdist(coded.values, codes.values, "dot"))[0].astype(np.float32)
    scores *= codes.steps
    scores *= coded.steps[0]
    return scores


def _refining(codes: Codes, query: Float32, coded: Codes) -> Callable[[Int32, Float32], tuple[Float32, Float32]]:
    """What eight more bits of the query make of some rows' scores: most of the error is that of the query's codes."""

    def refine(rows: Int32, scores: Float32) -> tuple[Float32, Float32]:
        finer, some = remainder(query, coded), at(codes, rows)
        return scores + _products(some, finer), error_bounds(some, query, finer)

    return refine
