"""What the blocks learned from pictures without anybody's labels of yours: published means and projections."""

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from recommender.core.types import Float32

PATH = Path(__file__).with_name("projections.npz")
"""Made by benchmarks/projections.py."""


UNKNOWN = 32


class Projection(NamedTuple):
    """Directions in which designs differ more than pictures of one design do.

    Attributes:
        mean: what all pictures have in common, float32, shape (f,).
        matrix: float32, shape (f, d).
    """

    mean: Float32
    matrix: Float32

    def __call__(self, features: Float32) -> Float32:
        """The features' place among designs, float32, shape (d,), of unit length."""
        return unit(np.asarray((features - self.mean) @ self.matrix, np.float32))


def unit(vector: Float32) -> Float32:
    """The vector scaled to length 1; one of length 0 becomes the uniform direction, which favours nothing."""
    length = np.linalg.norm(vector)
    if length == 0:
        return np.full(vector.shape, 1 / np.sqrt(vector.size), np.float32)
    return np.asarray(vector / length, np.float32)


def doubted(block: Float32, doubt: float) -> Float32:
    """The block with `UNKNOWN` more columns, "unknown": its squares shrink by `doubt`, which goes to one of these.

    Where the product cannot be told from what surrounds it, a block says so, counts for less beside the others, and
    keeps its length. The column, and its sign, are those of the largest of the block's first entries (a cross-polytope
    hash, Andoni et al. 2015): two pictures of which little is known are not alike for that, and two copies of one are.
    """
    unknown = np.zeros(UNKNOWN, np.float32)
    at = int(np.abs(block[:UNKNOWN]).argmax())
    unknown[at] = np.copysign(np.sqrt(doubt), block[at])
    return np.concatenate([np.sqrt(1 - doubt) * block, unknown]).astype(np.float32)


@lru_cache(maxsize=1)
def published() -> dict[str, Float32]:
    """The published arrays by name, float32."""
    with np.load(PATH, allow_pickle=False) as file:
        return {name: file[name].astype(np.float32) for name in file.files}


@lru_cache(maxsize=4)
def projection(block: str) -> Projection:
    """The published projection of a block."""
    arrays = published()
    matrix = arrays[f"{block}.matrix"]
    return Projection(arrays.get(f"{block}.mean", np.zeros(len(matrix), np.float32)), matrix)
