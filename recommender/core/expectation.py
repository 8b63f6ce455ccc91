"""What to expect of one quantity, given another that should rise with it: monotone regression."""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from recommender.core.calibration import Calibration
from recommender.core.types import Float32

N_BINS = 64

Piece: TypeAlias = tuple[float, float, float]
"""The weight of some pairs, and their mean predictor and outcome."""


def fit_expectation(predictor: Float32, outcome: Float32, weights: NDArray[Any]) -> Calibration:
    """The mean outcome as a never falling function of the predictor, made of at most 64 straight pieces.

    The predictor is cut into bins, narrower towards its top, where lists of recommendations live; neighbouring bins
    whose means fall are pooled (Ayer et al. 1955). A predictor that tells nothing gives the overall mean everywhere.

    Args:
        predictor: shape (m,); where it is NaN the pair does not count.
        outcome: in [0, 1], shape (m,).
        weights: > 0, shape (m,).

    Returns:
        A map from predictor to expected outcome; its `mean` is the mean outcome. Without data, 0 for everything.
    """
    known = np.isfinite(predictor) & (weights > 0)
    if not known.any():
        return Calibration(np.zeros(1, np.float32), np.zeros(1, np.float32), 0.0)
    x, place = np.unique(np.asarray(predictor, np.float64)[known], return_inverse=True)
    outcomes, mass = np.asarray(outcome, np.float64)[known], np.asarray(weights, np.float64)[known]
    w = np.bincount(place, weights=mass)
    y = np.bincount(place, weights=mass * outcomes) / w
    pieces = _pooled(_binned(x, y, w))
    knots, first = np.unique(np.array([piece[1] for piece in pieces], np.float32), return_index=True)
    means = np.array([piece[2] for piece in pieces], np.float32)[first]
    return Calibration(knots, means.clip(0.0, 1.0), float(np.average(y, weights=w)))


def _binned(x: NDArray[Any], y: NDArray[Any], w: NDArray[Any]) -> list[Piece]:
    """The bins; half of them are even in rank, half in the logarithm of rank from the top."""
    above = np.cumsum(w[::-1])[::-1]
    cuts = np.concatenate([np.linspace(above[0], 0, N_BINS // 2), np.geomspace(above[0], above[-1], N_BINS // 2)])
    starts = np.unique(np.searchsorted(-above, -cuts).clip(0, x.size - 1))
    mass = np.add.reduceat(w, starts)
    return list(zip(mass, np.add.reduceat(w * x, starts) / mass, np.add.reduceat(w * y, starts) / mass, strict=True))


def _pooled(bins: list[Piece]) -> list[Piece]:
    """Pool adjacent violators: merge a bin with those before it while their mean is not lower."""
    pieces: list[Piece] = []
    for piece in bins:
        merged = piece
        while pieces and pieces[-1][2] >= merged[2]:
            merged = _merged(pieces.pop(), merged)
        pieces.append(merged)
    return pieces


def _merged(first: Piece, second: Piece) -> Piece:
    mass = first[0] + second[0]
    share = second[0] / mass
    return mass, first[1] + share * (second[1] - first[1]), first[2] + share * (second[2] - first[2])
