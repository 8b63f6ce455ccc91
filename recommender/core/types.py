"""Array types in the field's letters: n products, d dimensions, s signals, k list length, f factors."""

from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

Float32: TypeAlias = NDArray[np.float32]
Int32: TypeAlias = NDArray[np.int32]
Int64: TypeAlias = NDArray[np.int64]
Bool: TypeAlias = NDArray[np.bool_]
Pixels: TypeAlias = NDArray[np.uint8]


class Picture(NamedTuple):
    """A decoded picture, upright, sRGB, flattened on white.

    Attributes:
        pixels: uint8, shape (height, width, 3).
        mask: bool, shape (height, width), True where the product is; None when not yet separated.
    """

    pixels: Pixels
    mask: Bool | None = None


class Block(NamedTuple):
    """A named part of a vector: columns start..stop; the vector's dot product is sum of weight_b * cosine_b.

    Attributes:
        name: "semantic", "colour", ...
        start: first column.
        stop: one past the last column.
        weight: share of the block in the cosine of two vectors, in [0, 1]; the weights of a vector sum to 1.
    """

    name: str
    start: int
    stop: int
    weight: float


class Neighbours(NamedTuple):
    """For each of n query rows, the best k rows, best first.

    Attributes:
        rows: int32, shape (n, k); -1 pads a list that is shorter than k.
        scores: float32, shape (n, k), raw signal values (a cosine, an item-item weight), higher is better;
            0 in padding.
    """

    rows: Int32
    scores: Float32


class Factors(NamedTuple):
    """A collaborative artefact of latent factors.

    A visitor's vector from weighted events (rows i, weights c_i):
    solver "ridge": x = (G + sum_i a c_i y_i y_i^T + regularization I)^-1 sum_i (1 + a c_i) y_i
    (Hu, Koren & Volinsky 2008);
    solver "projection": x = sum_i c_i v_i with `queries` v (equal to y when None).
    Scores of all products are y @ x.

    Attributes:
        items: y, float32, shape (n, f).
        gram: G = y^T y, float32, shape (f, f).
        regularization: >= 0.
        solver: "ridge" or "projection".
        queries: v, float32, shape (n, f), or None.
        alpha: a > 0, the confidence of one unit of event weight, for "ridge".
    """

    items: Float32
    gram: Float32
    regularization: float
    solver: str = "ridge"
    queries: Float32 | None = None
    alpha: float = 1.0


class ItemItem(NamedTuple):
    """A collaborative artefact of item-to-item weights, in CSR arrays.

    Row i lists what an event on product i adds to the scores of other products: score_j = sum_i c_i * S[i, j].

    Attributes:
        indptr: int64, shape (n + 1,).
        indices: int32, shape (nnz,), products j, ascending in a row.
        data: float32, shape (nnz,), weights S[i, j].
    """

    indptr: Int64
    indices: Int32
    data: Float32


Artefact: TypeAlias = Factors | ItemItem
