"""The last step of every search: exact scores of the rows that may be best, each the same wherever it lies."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from recommender.core.ranking import reach, top_k
from recommender.core.types import Bool, Float32, Int32

CHUNK_ROWS = 8192
_SORTED = 1024
"""So few scores are sorted sooner than searched."""
_FEW = 1.5
"""Up to so many rows for each that is wanted, comparing them in full is as quick as asking which of them matter."""


class Found(NamedTuple):
    """The best rows of one query, best first.

    Attributes:
        rows: int32, shape (m,).
        scores: float32, shape (m,).
    """

    rows: Int32
    scores: Float32


def nearest(query: Float32, vectors: Float32, rows: Int32, k: int) -> Found:
    """The best k of some rows by inner product with a query, best first, ties by lower row.

    A row's score depends on nothing but the two vectors. That of a matrix product is another in its last bits when the
    row lies elsewhere in the matrix, so that equal products would not tie.

    Args:
        query: float32, shape (d,).
        vectors: float32 or float16, shape (n, d); may be a memory map: only the rows asked for are read.
        rows: which to compare, ascending, int32, shape (m,).
        k: how many.
    """
    if rows.size <= CHUNK_ROWS:
        scores = np.einsum("ij,j->i", np.asarray(vectors[rows], np.float32), query)
    else:
        scores = np.empty(rows.size, np.float32)
        for start in range(0, rows.size, CHUNK_ROWS):
            chunk = np.asarray(vectors[rows[start : start + CHUNK_ROWS]], np.float32)
            scores[start : start + CHUNK_ROWS] = np.einsum("ij,j->i", chunk, query)
    best = np.argsort(-scores, kind="stable")[:k] if rows.size <= _SORTED else top_k(scores, k)
    return Found(rows[best], scores[best])


def scan(query: Float32, vectors: Float32) -> tuple[Float32, float]:
    """All rows' inner products with a query, and how far one of them may be from that of `nearest`.

    The bound is that of any order of summation: 2 d u times the product of the lengths (Higham 2002, section 3.1),
    for rows of length 1, with u = 2^-24.

    Args:
        query: float32, shape (d,).
        vectors: float32 or float16, shape (n, d), of unit or zero rows; float16 is widened a block at a time.

    Returns:
        float32, shape (n,), and the bound.
    """
    n, d = vectors.shape
    if vectors.dtype == np.float32:
        scores = vectors @ query
    else:
        scores = np.empty(n, np.float32)
        for start in range(0, n, CHUNK_ROWS):
            block = slice(start, start + CHUNK_ROWS)
            np.matmul(vectors[block].astype(np.float32), query, out=scores[block])
    return scores, 2.0 * d * 2.0**-24 * float(np.linalg.norm(query)) * 1.01


def contenders(scores: Float32, error: float, k: int, allowed: Bool | None) -> Int32:
    """Every allowed row that may be among the best k when a score may be wrong by `error`, ascending.

    Args:
        scores: float32, shape (n,); overwritten where not allowed.
        error: as `scan` gives it.
        k: fewer than there are allowed rows.
        allowed: bool, shape (n,); None for all.

    Returns:
        int32, shape (m,), m >= k.
    """
    if allowed is not None:
        scores[~allowed] = -np.inf
    return np.flatnonzero(scores >= reach(scores, k) - 2 * error).astype(np.int32)


def rivals(
    query: Float32,
    vectors: Float32,
    scores: Float32,
    errors: Float32,
    k: int,
    allowed: Bool | None,
    refine: Callable[[Int32, Float32], tuple[Float32, Float32]] | None = None,
    stand: Int32 | None = None,
) -> Int32:
    """As `contenders`, for rough scores: every allowed row that may be among the best k by `nearest`, ascending.

    The k rows that seem best are compared in full. What cannot reach the least of them is out.

    Args:
        query: float32, shape (d,).
        vectors: float32 or float16, shape (n, d).
        scores: float32, shape (n,); overwritten where not allowed.
        errors: how far each score may be from that of `nearest`, float32, shape (n,); overwritten.
        k: fewer than there are allowed rows.
        allowed: bool, shape (n,); None for all.
        refine: better scores of some rows and their errors, given these rows and the scores that they have; asked when
            many rows are left.
        stand: at which row of `vectors` the vector behind each score stands, ascending, int32, shape (m,), where they
            are others; then m takes the place of n, and the rows that come back are positions among these.

    Returns:
        int32, shape (m,), m >= k.
    """
    if allowed is not None:
        scores[~allowed] = -np.inf
    likely = np.flatnonzero(scores >= reach(scores, k)).astype(np.int32)
    floor = nearest(query, vectors, likely if stand is None else stand[likely], k).scores[-1]
    errors += scores
    rows = np.flatnonzero(errors >= floor).astype(np.int32)
    if refine is not None and rows.size > _FEW * k:
        better, off = refine(rows, scores[rows])
        rows = rows[better + off >= floor]
    return rows
