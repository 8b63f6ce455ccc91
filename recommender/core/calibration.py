"""Raw signal values to [0, 1]: where a value stands among random pairs of the catalogue."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from recommender.core.types import Float32

Scale: TypeAlias = Literal["percentile", "root", "surprisal"]

_EXPONENTS = {"percentile": 1.0, "root": 0.5}

N_KNOTS = 512


@dataclass(frozen=True, eq=False)
class Calibration:
    """A monotone, piecewise linear map from raw values to [0, 1].

    Attributes:
        knots: raw values, float32, shape (m,), strictly increasing, m >= 1.
        values: their images, float32, shape (m,), in [0, 1], never decreasing.
        mean: the mean image of a random pair: the prior of a signal that says nothing about a pair.
    """

    knots: Float32
    values: Float32
    mean: float

    def apply(self, raw: NDArray[Any]) -> Float32:
        """Images of raw values, float32, same shape, in [0, 1]; beyond the outer knots they stay flat; NaN gives 0."""
        images: Float32 = np.interp(raw, self.knots, self.values).astype(np.float32)
        return np.fmax(images, np.float32(0.0), out=images)

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """Arrays for a snapshot file; `from_arrays` reads them back exactly."""
        return {"knots": self.knots, "values": self.values, "mean": np.array([self.mean], np.float64)}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> "Calibration":
        """The calibration that `to_arrays` wrote."""
        knots, values = np.asarray(arrays["knots"], np.float32), np.asarray(arrays["values"], np.float32)
        return cls(knots, values, float(arrays["mean"][0]))


def fit_calibration(
    sample: NDArray[Any],
    *,
    scale: Scale = "percentile",
    weights: NDArray[Any] | None = None,
    upper: float | None = None,
) -> Calibration:
    """The calibration of a signal from its values on random catalogue pairs.

    With N the total weight, and a tie counted half,
        survival q(x) = (weight of values > x + half the weight of values = x + 1/2) / (N + 1)
        percentile:  e(x) = 1 - q(x)
        root:        e(x) = 1 - sqrt(q(x)): 0.9 when one pair in a hundred is better, 0.68 when it is one in ten
        surprisal:   e(x) = ln q(x) / ln q_min, q_min = 1 / (N + 1) or that of the highest knot if lower.
    All order pairs alike. The surprisal spreads the highest percentiles, which a list of nearest neighbours
    consists of: in a catalogue of 100,000 products the best 10 of each all lie above the 99.99th percentile.

    Args:
        sample: raw values, any shape; values that are not finite do not count.
        scale: "percentile", "root" or "surprisal".
        weights: how many pairs each value stands for, the shape of sample; 1 each when None. So the values of a sparse
            matrix and one 0 that weighs as much as all absent pairs give the exact distribution.
        upper: a raw value above the sample that should still be told from its maximum (1 for a cosine): its q is
            half that of the maximum.

    Returns:
        At most 512 knots, dense in the upper tail. A constant sample maps everything to one value in (0, 1];
        one with no finite value maps everything to 0.
    """
    distinct, mass = _histogram(sample, weights)
    if not distinct.size:
        return Calibration(np.zeros(1, np.float32), np.zeros(1, np.float32), 0.0)
    total = float(mass.sum())
    survival = (total - np.cumsum(mass) + 0.5 * mass + 0.5) / (total + 1.0)
    at = _tail_dense(survival)
    knots, at_knots = distinct[at], survival[at]
    if upper is not None and np.float32(upper) > distinct[-1]:
        knots, at_knots = np.append(knots, np.float32(upper)), np.append(at_knots, at_knots[-1] / 2)
    values = _images(at_knots, scale, lowest=min(1.0 / (total + 1.0), float(at_knots[-1])))
    raw = Calibration(knots, values, 0.0)
    mean = float(np.average(raw.apply(distinct).astype(np.float64), weights=mass))
    return replace(raw, mean=mean)


def _histogram(sample: NDArray[Any], weights: NDArray[Any] | None) -> tuple[Float32, NDArray[np.float64]]:
    """Distinct finite values, ascending, and the weight on each."""
    flat = np.asarray(sample, np.float32).ravel()
    mass = np.ones(flat.size) if weights is None else np.asarray(weights, np.float64).ravel()
    keep = np.isfinite(flat) & (mass > 0)
    distinct, group = np.unique(flat[keep], return_inverse=True)
    return distinct, np.bincount(group, weights=mass[keep], minlength=distinct.size).astype(np.float64)


def _tail_dense(survival: NDArray[np.float64]) -> NDArray[np.intp]:
    """Positions of at most `N_KNOTS` of the descending survival values: half even in q, half even in ln q."""
    if survival.size <= N_KNOTS:
        return np.arange(survival.size)
    half = N_KNOTS // 2
    first, last = survival[0], survival[-1]
    wanted = np.concatenate([np.linspace(first, last, half), np.geomspace(first, last, half)])
    return np.unique(np.searchsorted(-survival, -wanted).clip(0, survival.size - 1))


def _images(survival: NDArray[np.float64], scale: Scale, lowest: float) -> Float32:
    surprisal = scale == "surprisal"
    images = np.log(survival) / np.log(lowest) if surprisal else 1.0 - survival ** _EXPONENTS[scale]
    return np.clip(images, 0.0, 1.0).astype(np.float32)
