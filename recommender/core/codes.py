"""Vectors in a quarter of their bytes, with a proven bound on what that costs: a first pass that reads less."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.core.types import Float32, Int32

LEVELS = 127
_BLOCK_ROWS = 8192


class Codes(NamedTuple):
    """Rows v_i in eight bits a value: v_i = s_i c_i + r_i, with |r_i| <= residual_i and |v_i| <= longest.

    Attributes:
        values: c, int8, shape (n, d).
        steps: s, float32, shape (n,), >= 0.
        residuals: lengths of the remainders, or bounds on them, float32, shape (n,).
        longest: the longest row.
    """

    values: NDArray[np.int8]
    steps: Float32
    residuals: Float32
    longest: float


def encode(vectors: Float32, rows: Int32 | None = None) -> Codes:
    """The codes of finite vectors, float32 or float16, shape (n, d), or of some of their rows, a block at a time."""
    n, d = vectors.shape if rows is None else (rows.size, vectors.shape[1])
    values = np.empty((n, d), np.int8)
    steps, residuals = np.zeros(n, np.float32), np.zeros(n, np.float32)
    longest = 0.0
    for start in range(0, n, _BLOCK_ROWS):
        part = slice(start, start + _BLOCK_ROWS)
        block = np.asarray(vectors[part if rows is None else rows[part]], np.float32)
        step = np.abs(block).max(axis=1) / np.float32(LEVELS)
        coded = np.divide(block, step[:, None], out=np.zeros_like(block), where=step[:, None] > 0)
        np.rint(coded, out=coded)
        values[part] = coded
        steps[part] = step
        residuals[part] = _lengths(block - coded * step[:, None])
        longest = max(longest, float(_lengths(block).max(initial=0.0)))
    return Codes(values, steps, residuals, longest)


def encode_one(vector: Float32) -> NDArray[np.int8]:
    """The codes c of one finite vector that is not zero, int8, shape (d,)."""
    codes: NDArray[np.int8] = np.rint(vector * np.float32(LEVELS / np.abs(vector).max())).astype(np.int8)
    return codes


def remainder(vector: Float32, coded: Codes) -> Codes:
    """The codes of what those of a vector leave of it: q = s c + s' c' + r.

    The remainder r is some 250 times as short as without c'.

    Args:
        vector: q, float32, shape (d,).
        coded: its codes c, n = 1.
    """
    return encode(vector[None, :] - coded.values * coded.steps[:, None])


def at(codes: Codes, rows: Int32) -> Codes:
    """The codes of some rows, int32, shape (m,)."""
    return Codes(codes.values[rows], codes.steps[rows], codes.residuals[rows], codes.longest)


def error_bounds(codes: Codes, query: Float32, coded: Codes) -> Float32:
    """How far s_q s_i <c_q, c_i> may be from <q, v_i>, for each row i, float32, shape (n,).

    <q, v> - <q', v'> = <q - q', v'> + <q, v - v'>, so that by Cauchy and Schwarz it is at most
    |q - q'| (longest + residual_i) + |q| residual_i; and a little more for the rounding of the products.

    Args:
        codes: the rows'.
        query: q, float32, shape (d,).
        coded: the codes of the query alone, n = 1; those of its `remainder` when its product is added.
    """
    length, away = float(np.linalg.norm(query)), float(coded.residuals[0])
    rounding = 2.0 * query.size * 2.0**-24 * length * codes.longest
    bounds = codes.residuals * np.float32(1.001 * (away + length))
    bounds += np.float32(1.001 * away * codes.longest + rounding)
    return bounds


def _lengths(rows: Float32) -> Float32:
    lengths: Float32 = np.sqrt(np.einsum("ij,ij->i", rows, rows))
    return lengths
