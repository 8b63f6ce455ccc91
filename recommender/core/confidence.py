"""How sure an answer is: probabilities that are right as often as they say."""

from typing import NamedTuple

import numpy as np

from recommender.core.types import Bool, Float32, Int32

_BINS = 10


def fit_scale(scores: Float32, truth: Int32, *, low: float = 2.0, high: float = 80.0, steps: int = 60) -> float:
    """The s for which softmax(s * scores) is likeliest to give the truth (temperature scaling, Guo et al. 2017).

    As if one row more could have any label: no number of right answers makes the next one certain.

    Args:
        scores: float32, shape (n, c), n >= 1.
        truth: the right column of each row, int32, shape (n,).
        low: the smallest s tried.
        high: the largest.
        steps: how many are tried, evenly in proportion.
    """
    scales = np.geomspace(low, high, steps)

    def doubted(scale: float) -> float:
        logits = scale * scores
        return len(truth) * _surprise(logits, truth) + _surprise_of_any(logits)

    return float(min(scales, key=doubted))


def _surprise(logits: Float32, truth: Int32) -> float:
    return float(np.mean(_log_totals(logits) - logits[np.arange(len(truth)), truth]))


def _surprise_of_any(logits: Float32) -> float:
    return float(np.mean(_log_totals(logits) - logits.mean(axis=1)))


def _log_totals(logits: Float32) -> Float32:
    top = logits.max(axis=1)
    return np.asarray(np.log(np.exp(logits - top[:, None]).sum(axis=1)) + top, np.float32)


def calibration_error(confidence: Float32, right: Bool) -> float:
    """The expected calibration error over ten bins of confidence, in [0, 1]; 0 for no answers (Naeini et al. 2015).

    ECE = sum over bins b of n_b / n * |share of right answers in b - mean confidence in b|
    """
    if not len(confidence):
        return 0.0
    bins = np.minimum((confidence * _BINS).astype(np.int64), _BINS - 1)
    total = 0.0
    for one in np.unique(bins):
        members = bins == one
        total += members.mean() * abs(right[members].mean() - confidence[members].mean())
    return float(total)


class Trust(NamedTuple):
    """A monotone map from how strongly an answer is given to how often such answers are right.

    Attributes:
        knots: strengths, float32, shape (m,), strictly increasing, m >= 1.
        values: probabilities, float32, shape (m,), in (0, 1), never decreasing.
    """

    knots: Float32
    values: Float32

    def apply(self, strengths: Float32) -> Float32:
        """Probabilities of answers, float32, same shape; flat beyond the outer knots."""
        return np.interp(strengths, self.knots, self.values).astype(np.float32)


def fit_trust(strengths: Float32, right: Bool) -> Trust:
    """The non-decreasing map that fits best (isotonic regression by pooling neighbours, Zadrozny & Elkan 2002).

    Every pool of r right among n says (r + 1) / (n + 2): no answer is certain, least of all with few to go by.

    Args:
        strengths: float32, shape (n,), n >= 1.
        right: bool, shape (n,).
    """
    order = np.argsort(strengths, kind="stable")
    pools: list[list[float]] = []  # right, count, sum of strengths
    for strength, correct in zip(strengths[order].tolist(), right[order].tolist(), strict=True):
        pools.append([float(correct), 1.0, strength])
        while len(pools) > 1 and pools[-2][0] * pools[-1][1] >= pools[-1][0] * pools[-2][1]:
            last = pools.pop()
            pools[-1] = [a + b for a, b in zip(pools[-1], last, strict=True)]
    knots = np.array([total / count for _, count, total in pools], np.float32)
    values = np.maximum.accumulate([(hits + 1) / (count + 2) for hits, count, _ in pools])
    knots, first = np.unique(knots, return_index=True)
    return Trust(knots, np.asarray(values[first], np.float32))
