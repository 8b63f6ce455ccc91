"""The one formula that merges what products look like with what people do with them."""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from recommender.core.types import Float32

Signals: TypeAlias = NDArray[Any]
"""One number per signal and product, shape (s, n)."""

Weights: TypeAlias = NDArray[Any]
"""One number per signal, shape (s,)."""

Scores: TypeAlias = Float32
"""One number per product, float32, shape (n,), in [0, 1]."""


def blend(evidence: Signals, counts: Signals, prior: Signals, weights: Weights, strength: Weights) -> Scores:
    """The hybrid score: each signal shrunk to its prior by how little evidence it has, then averaged.

    score_i = sum_s w_s * e'_si,   e'_si = (n_si * e_si + k_s * p_si) / (n_si + k_s)

    Args:
        evidence: e, float32, shape (s, n), in [0, 1]; ignored where its count is 0, missing where it is NaN.
        counts: n, float32, shape (s, n), >= 0, inf for certain evidence such as a picture.
        prior: p, float32, shape (s, n) or (s, 1), in [0, 1].
        weights: w, shape (s,), non-negative, summing to 1.
        strength: k, shape (s,), > 0, in events.

    Returns:
        float32, shape (n,), in [0, 1].
    """
    return total(blend_parts(evidence, counts, prior, weights, strength))


def blend_parts(evidence: Signals, counts: Signals, prior: Signals, weights: Weights, strength: Weights) -> Float32:
    """What each signal adds to the score, w_s * e'_s, float32, shape (s, n); `blend` is their `total`."""
    return shrink(evidence, counts, prior, strength) * np.asarray(weights, np.float32)[:, None]


def total(parts: Float32) -> Scores:
    """The score of its parts: their sum over signals, shape (n,), in [0, 1]."""
    summed: Float32 = parts.sum(axis=0, dtype=np.float32)
    return np.minimum(summed, np.float32(1.0), out=summed)


def shrink(evidence: Signals, counts: Signals, prior: Signals, strength: Weights) -> Float32:
    """e' = p + n / (n + k) * (e - p): the evidence where it is ample, the prior where there is none.

    Arguments as in `blend`. A NaN prior counts as 0, a NaN or negative count as no evidence.

    Returns:
        float32, shape (s, n), in [0, 1], never NaN.
    """
    evidence = np.asarray(evidence, np.float32)
    prior = np.nan_to_num(np.asarray(prior, np.float32), nan=0.0)
    counts = np.where((counts > 0) & ~np.isnan(evidence), counts, 0.0).astype(np.float32)
    share = certainty(counts, strength)
    return np.where(counts > 0, prior + share * (evidence - prior), prior).astype(np.float32)


def certainty(counts: Signals, strength: Weights) -> Float32:
    """n / (n + k), the weight of the evidence against the prior: 0 without events, 1/2 at n = k, 1 for inf.

    Args:
        counts: n, shape (s, n), >= 0, may be inf.
        strength: k, shape (s,), >= 0; with k = 0 any evidence is certain.

    Returns:
        float32, shape (s, n), in [0, 1].
    """
    counts = np.asarray(counts, np.float32)
    k = np.asarray(strength, np.float32)[:, None]
    share = np.ones(counts.shape, np.float32)
    np.divide(counts, counts + k, out=share, where=np.isfinite(counts) & (counts + k > 0))
    share[counts <= 0] = 0.0
    return share


def normalise_weights(weights: Mapping[str, float], present: Sequence[str]) -> Float32:
    """The weights of the signals that are present, scaled to sum to 1, in their order; alike if all of them are 0.

    Args:
        weights: signal name -> weight >= 0; a signal without one counts as 0.
        present: names of the signals that this shop has.

    Returns:
        float32, shape (len(present),).
    """
    chosen = np.array([max(0.0, float(weights.get(name, 0.0))) for name in present], np.float64)
    if not chosen.any():
        chosen = np.ones(len(present))
    return (chosen / max(float(chosen.sum()), np.finfo(np.float64).tiny)).astype(np.float32)
