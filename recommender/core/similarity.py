"""How alike vectors are, for a few pairs at a time: rows are read from the memory-mapped matrix, never all copied."""

from collections.abc import Iterator, Sequence

import numpy as np

from recommender.core.types import Block, Float32, Int32
from recommender.core.vectors import unit_rows

GATHER_ROWS = 128
"""Rows copied at a time: they stay in the processor's cache until they are used."""
VIEW_ROWS = 8192
"""The same where nothing need be copied."""


def cosines(queries: Float32, vectors: Float32, rows: Int32) -> Float32:
    """Inner products of unit vectors, cos = q . v, float32, shape (q, m), in [-1, 1]; 0 with a zero vector.

    Args:
        queries: unit vectors, float32, shape (q, d).
        vectors: unit vectors, float32, shape (n, d).
        rows: which of them, int32, shape (m,).
    """
    result = np.empty((rows.shape[0], queries.shape[0]), np.float32)
    columns = np.ascontiguousarray(queries.T)
    for part, block in _gathered(vectors, rows):
        np.matmul(block, columns, out=result[part])
    return np.clip(result.T, -1.0, 1.0, order="C")


def factor_cosines(queries: Float32, factors: Float32, rows: Int32) -> Float32:
    """Cosines of vectors of any length, float32, shape (q, m), in [-1, 1]; 0 with a zero vector.

    Args:
        queries: float32, shape (q, f).
        factors: float32, shape (n, f).
        rows: which of them, int32, shape (m,).
    """
    result = np.zeros((rows.shape[0], queries.shape[0]), np.float32)
    columns = np.ascontiguousarray(unit_rows(queries).T)
    for part, block in _gathered(factors, rows):
        lengths = np.sqrt(np.einsum("ij,ij->i", block, block))[:, None]
        np.divide(block @ columns, lengths, out=result[part], where=lengths > 0)
    return np.clip(result.T, -1.0, 1.0)


def euclidean_similarities(query: Float32, vectors: Float32, rows: Int32) -> Float32:
    """1 / (1 + d) with d the Euclidean distance, float32, shape (m,), in (0, 1]; 1 for equal vectors.

    For unit vectors d = sqrt(2 - 2 cos), so the order is that of `cosines`.
    """
    result = np.empty(rows.shape[0], np.float32)
    for part, block in _gathered(vectors, rows):
        result[part] = 1.0 / (1.0 + np.linalg.norm(block - query, axis=1))
    return result


def block_cosines(left: Float32, right: Float32, blocks: Sequence[Block]) -> Float32:
    """What each block says about pairs: its own cosine, float32, shape (blocks, m), in [-1, 1].

    A block's share of the whole inner product is weight_b * cos_b; a block that is all zero on either side gives 0.

    Args:
        left: one vector of each pair, float32, shape (m, d).
        right: the other.
        blocks: the parts of a vector.
    """
    parts = [slice(block.start, block.stop) for block in blocks]
    found = [np.einsum("ij,ij->i", unit_rows(left[:, part]), unit_rows(right[:, part])) for part in parts]
    return np.stack(found).clip(-1.0, 1.0).astype(np.float32, copy=False)


def equal_share(codes: Int32, row: int, rows: Int32) -> tuple[Float32, Float32]:
    """The share of equal attributes among those known on both sides, and how many those are.

    Args:
        codes: attribute codes, int32, shape (n, a), -1 where unknown.
        row: one product.
        rows: the others, int32, shape (m,).

    Returns:
        Shares in [0, 1], 0 where nothing is known on both sides, and counts; float32, shape (m,).
    """
    mine, theirs = codes[row], codes[rows]
    both = (mine >= 0) & (theirs >= 0)
    known = both.sum(axis=1).astype(np.float32)
    equal = ((mine == theirs) & both).sum(axis=1).astype(np.float32)
    return np.divide(equal, known, out=np.zeros_like(known), where=known > 0), known


def _gathered(matrix: Float32, rows: Int32) -> Iterator[tuple[slice, Float32]]:
    """Pieces of `matrix[rows]`: views where the rows are consecutive, else copies."""
    m = rows.shape[0]
    first = int(rows[0]) if m else 0
    consecutive = m > 0 and int(rows[-1]) - first == m - 1 and bool((np.diff(rows) == 1).all())
    size = VIEW_ROWS if consecutive else GATHER_ROWS
    for start in range(0, m, size):
        stop = min(start + size, m)
        yield slice(start, stop), matrix[first + start : first + stop] if consecutive else matrix[rows[start:stop]]
