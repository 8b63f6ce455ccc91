"""The "upper" and "lower" blocks: what a middle layer of a network sees, place by place, in either half of a product.

Means over a whole picture tell a maker and a material. How parts are arranged shows in where they are: a corner's
lenses, a collar, a handle.
"""

from typing import NamedTuple

import numpy as np

from recommender.core.types import Float32

NAMES = ("upper", "lower")
LENGTH = 128
"""Numbers of a block: so many principal components tell pictures of a range apart."""


class Places(NamedTuple):
    """The principal components of either half, in the order of `NAMES`.

    Attributes:
        means: float32, shape (2, d).
        directions: float32, shape (2, d, LENGTH); of fewer pictures the last columns are 0.
    """

    means: Float32
    directions: Float32


def fit_places(maps: Float32) -> Places:
    """The principal components of these maps, float, shape (n, rows, columns, channels), n >= 2."""
    both = np.stack([_halves(one.astype(np.float32)) for one in maps], axis=1)
    means = both.mean(axis=1)
    directions = np.zeros((2, both.shape[2], LENGTH), np.float32)
    for half, rows in enumerate(both - means[:, None]):
        # From the smaller system: the eigenvectors u of X X' give X' u.
        values, vectors = np.linalg.eigh(rows @ rows.T)
        strong = np.flatnonzero(values > 1e-6 * values[-1])[::-1][:LENGTH]
        directions[half, :, : len(strong)] = rows.T @ (vectors[:, strong] / np.sqrt(values[strong]))
    return Places(means, directions.astype(np.float16).astype(np.float32))  # as they are kept


def place_blocks(maps: Float32, places: Places) -> Float32:
    """Both blocks of one picture's map, float32, shape (2, LENGTH), each of unit length.

    Args:
        maps: shape (rows, columns, channels), of those the places were fitted to.
        places: see `fit_places`.
    """
    parts = np.einsum("hd,hdk->hk", _halves(maps) - places.means, places.directions, optimize=True)
    lengths = np.linalg.norm(parts, axis=1, keepdims=True)
    nothing = np.eye(1, LENGTH, dtype=np.float32)
    return np.where(lengths > 1e-12, parts / np.maximum(lengths, 1e-12), nothing).astype(np.float32)


def _halves(maps: Float32) -> Float32:
    """The rows of both halves, each as one vector, shape (2, d); of odd numbers both have the middle row."""
    rows = (len(maps) + 1) // 2
    return np.stack([maps[:rows].ravel(), maps[-rows:].ravel()])
