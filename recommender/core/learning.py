"""Learns a blend's weights and strengths from what people chose. Fitting only; needs SciPy."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize

from recommender.core.blend import normalise_weights, shrink
from recommender.core.catalogue import BlendConfig
from recommender.core.choices import MIN_POSITIVES
from recommender.core.signals import Observed

SHRINKAGE = 100.0
STRENGTHS = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0)
BETTER = 2.0
"""How much higher a log-likelihood must be before a learned strength replaces the default: e^2 times as likely."""


@dataclass(frozen=True)
class _Fit:
    weights: NDArray[np.float64]
    loss: float


def learn_blend(
    positive: Observed,
    negative: Observed,
    defaults: BlendConfig,
    *,
    shrinkage: float = SHRINKAGE,
    strengths: Sequence[float] = STRENGTHS,
) -> BlendConfig:
    """The blend under which chosen products stand out from others that could have been shown.

    Non-negative logistic regression on the shrunk signals e', with d the default weights:
        minimise  - sum_positive ln s(b + beta . e') - r sum_negative ln(1 - s(b + beta . e'))
                  + shrinkage |beta / sum(beta) - d|^2     over b and beta >= 0,
    r = positives / negatives, s the logistic function; the weights are beta / sum(beta). So many positives must speak
    before the weights leave the defaults. Then, signal by signal, each strength of the grid is tried for signals whose
    evidence is counted in events, and kept where it makes the data e^2 times as likely.

    Args:
        positive: the signals of products that were chosen next, (s, m).
        negative: those of sampled products that the same lists could have shown instead, (s, m'), m' >= m is usual.
        defaults: the published weights and strengths; returned as they are with fewer than 500 positives.
        shrinkage: > 0, in positives.
        strengths: the grid for k, in events.

    Returns:
        Weights over the observed signals, summing to 1, and strengths of all signals.

    Raises:
        ValueError: when the two sides hold different signals.
    """
    if positive.signals != negative.signals:
        raise ValueError(f"Signals differ: {positive.signals} and {negative.signals}.")
    names = positive.signals
    if positive.evidence.shape[1] < MIN_POSITIVES or not negative.evidence.shape[1] or len(names) < 2:
        return defaults
    prior = normalise_weights(defaults.weights, names).astype(np.float64)
    k = np.array([defaults.strengths.get(name, 1.0) for name in names], np.float64)
    best = _fit(positive, negative, k, prior, shrinkage)
    for s in np.flatnonzero(_counted(positive) | _counted(negative)):
        standing = best.loss
        for value in strengths:
            trial = np.where(np.arange(k.size) == s, value, k)
            fitted = _fit(positive, negative, trial, prior, shrinkage)
            if fitted.loss < min(best.loss, standing - BETTER):
                best, k = fitted, trial
    learned = dict(zip(names, k.tolist(), strict=True))
    return BlendConfig(dict(zip(names, best.weights.tolist(), strict=True)), {**defaults.strengths, **learned})


def _counted(observed: Observed) -> NDArray[np.bool_]:
    """Which signals have evidence that is neither absent nor certain, so that their strength matters; shape (s,)."""
    return np.asarray(((observed.counts > 0) & np.isfinite(observed.counts)).any(axis=1))


def _fit(
    positive: Observed, negative: Observed, k: NDArray[np.float64], prior: NDArray[np.float64], shrinkage: float
) -> _Fit:
    sides = [shrink(side.evidence, side.counts, side.prior, k).T.astype(np.float64) for side in (positive, negative)]
    features = np.concatenate(sides)
    targets = np.repeat([1.0, 0.0], [len(side) for side in sides])
    masses = np.repeat([1.0, len(sides[0]) / len(sides[1])], [len(side) for side in sides])

    def objective(parameters: NDArray[np.float64]) -> tuple[float, NDArray[Any]]:
        intercept, beta = parameters[0], parameters[1:]
        margins = intercept + features @ beta
        losses = np.logaddexp(0.0, margins) - targets * margins
        errors = masses * (_logistic(margins) - targets)
        size = max(float(beta.sum()), 1e-9)
        away = beta / size - prior
        slope = 2 * shrinkage * (away - away @ beta / size) / size
        gradient = np.append(errors.sum(), features.T @ errors + slope)
        return float(masses @ losses + shrinkage * away @ away), gradient

    start = np.append(-5.0 * float(features.mean(axis=0) @ prior), 5.0 * prior + 1e-3)
    bounds = [(None, None), *[(0.0, None)] * prior.size]
    found = minimize(objective, start, jac=True, method="L-BFGS-B", bounds=bounds)
    beta = np.maximum(found.x[1:], 0.0)
    weights = beta / beta.sum() if beta.sum() > 1e-6 else prior
    return _Fit(weights, float(found.fun))


def _logistic(margins: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(0.5 * (1.0 + np.tanh(0.5 * margins)))
