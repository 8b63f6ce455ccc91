"""The connected pieces of a field of pixels. NumPy only."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from recommender.core.types import Bool


class Pieces(NamedTuple):
    """Which piece each pixel of a field belongs to: pixels that share an edge are of one piece.

    Attributes:
        numbers: the number of its piece for each pixel of the field, in the order of `np.flatnonzero`, shape (p,).
        bound: above every number.
    """

    numbers: NDArray[np.intp]
    bound: int


def pieces(field: Bool) -> Pieces:
    """The pieces of a field, bool, shape (height, width).

    Pixels that follow each other in a row are one run. Runs of neighbouring rows that overlap are joined, the higher
    root to the lower, until all roots agree (Shiloach and Vishkin 1982): a picture has far fewer runs than pixels.
    """
    width = field.shape[1] + 1  # a column more that is empty, so that no run goes on in the next row
    flat = np.zeros((field.shape[0], width), np.bool_)
    flat[:, :-1] = field
    changes = np.flatnonzero(np.diff(flat.ravel(), prepend=False))
    starts, stops = changes[::2], changes[1::2]
    first = np.searchsorted(stops, starts + width, side="right")
    touching = np.searchsorted(starts, stops + width) - first
    upper = np.repeat(np.arange(starts.size), touching)
    lower = np.arange(upper.size) + np.repeat(first - np.cumsum(touching) + touching, touching)
    roots = _joined(starts.size, upper, lower)
    return Pieces(np.repeat(roots, stops - starts), starts.size)


def flooded_from(seeds: Bool, alike: Bool) -> Bool:
    """The pixels of `alike` that a path of such pixels joins to one of `seeds`, which are among them."""
    numbers, bound = pieces(alike)
    reached = np.zeros(bound, np.bool_)
    reached[numbers[seeds[alike]]] = True
    flooded = np.zeros_like(alike)
    flooded[alike] = reached[numbers]
    return flooded


def _joined(count: int, left: NDArray[np.intp], right: NDArray[np.intp]) -> NDArray[np.intp]:
    """The root of each of `count` nodes, the least node that edges between left and right lead to."""
    roots = np.arange(count)
    while (apart := roots[left] != roots[right]).any():
        left, right = left[apart], right[apart]
        lowest = np.minimum(roots[left], roots[right])
        np.minimum.at(roots, roots[left], lowest)
        np.minimum.at(roots, roots[right], lowest)
        while ((above := roots[roots]) != roots).any():
            roots = above
    return roots
