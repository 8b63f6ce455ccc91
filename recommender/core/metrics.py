"""How good ranked lists are: accuracy per user, what the lists show of the catalogue, and how sure a mean is.

Accuracy functions return one value a user, so that intervals and paired tests can be taken over users.
"""

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from recommender.core.types import Bool, Float32, Int32, Int64

Float64: TypeAlias = NDArray[np.float64]

LEVEL = 0.95
RESAMPLED = 4_000_000
"""Resamples x users that are drawn at once."""


def recall_at(hits: Bool, n_relevant: Int64, k: int) -> Float64:
    """The share of a user's relevant products among the first k: hits / n_relevant; 0 without relevant products.

    Args:
        hits: whether the product at each place of the list is relevant, bool, shape (u, m); m < k counts as misses.
        n_relevant: how many products are relevant to each user, shape (u,).
        k: the list's length, > 0.

    Returns:
        float64, shape (u,), in [0, 1].
    """
    found = hits[:, :k].sum(axis=1)
    return _ratio(found, n_relevant)


def precision_at(hits: Bool, k: int) -> Float64:
    """The share of the first k that is relevant: hits / k, float64, shape (u,)."""
    return np.asarray(hits[:, :k].sum(axis=1) / k, np.float64)


def ndcg_at(hits: Bool, n_relevant: Int64, k: int) -> Float64:
    """Binary normalised discounted cumulative gain (Järvelin & Kekäläinen 2002).

    DCG = sum over hits at place r = 1.. of 1 / log2(r + 1), divided by that of min(k, n_relevant) hits at the top.
    Arguments and result as in `recall_at`.
    """
    discounts = 1.0 / np.log2(np.arange(2, k + 2))
    gained = hits[:, :k] @ discounts[: hits.shape[1]]
    ideal = np.concatenate([[0.0], np.cumsum(discounts)])[np.clip(n_relevant, 0, k)]
    return _ratio(gained, ideal)


def mrr(hits: Bool) -> Float64:
    """The reciprocal of the place of the first hit, 0 without one, float64, shape (u,)."""
    if hits.shape[1] == 0:
        return np.zeros(hits.shape[0])
    return np.where(hits.any(axis=1), 1.0 / (np.argmax(hits, axis=1) + 1.0), 0.0)


def exposure(rows: Int32, n: int) -> Int64:
    """How often each of n products is shown, int64, shape (n,); rows of -1 are padding."""
    return np.bincount(rows[rows >= 0].ravel(), minlength=n).astype(np.int64)


def coverage(rows: Int32, n: int) -> float:
    """The share of the catalogue that appears in at least one list, in [0, 1]."""
    return float(np.count_nonzero(exposure(rows, n)) / n) if n else 0.0


def gini(shown: NDArray[Any]) -> float:
    """How unequally exposure is spread: 0 all alike, (n - 1) / n all on one product.

    G = sum_i (2 i - n - 1) x_i / (n sum x), x ascending, i = 1..n.

    Args:
        shown: exposure of each product, >= 0, shape (n,).
    """
    ascending = np.sort(np.asarray(shown, np.float64))
    n, total = ascending.size, ascending.sum()
    if total <= 0:
        return 0.0
    return float((2 * np.arange(1, n + 1) - n - 1) @ ascending / (n * total))


def exposure_share(rows: Int32, group: Bool) -> float:
    """The share of places given to a group of products, such as one brand or the unknown ones, in [0, 1].

    Args:
        rows: recommended rows, shape (u, k), -1 for padding.
        group: whether a product belongs, shape (n,).
    """
    shown = exposure(rows, group.size)
    total = int(shown.sum())
    return float(shown[group].sum() / total) if total else 0.0


def novelty(rows: Int32, events: NDArray[Any]) -> Float64:
    """Mean self-information of a list's products in bits: -log2 of the product's share of events (Zhou et al. 2010).

    One event is added to every product, so that one never seen is novel and not infinitely so.

    Args:
        rows: recommended rows, shape (u, k), -1 for padding.
        events: events of each product, >= 0, shape (n,).

    Returns:
        float64, shape (u,), 0 for an empty list.
    """
    smoothed = np.asarray(events, np.float64) + 1.0
    bits = -np.log2(smoothed / smoothed.sum())
    present = rows >= 0
    return _ratio(np.where(present, bits[rows], 0.0).sum(axis=1), present.sum(axis=1))


def intra_list_diversity(rows: Int32, vectors: Float32) -> Float64:
    """Mean of 1 - cosine over the pairs of a list (Ziegler et al. 2005), in [0, 2]; 0 with fewer than 2 products.

    The sum over pairs is taken from the sum of the vectors: |sum v|^2 = sum |v|^2 + 2 * sum over pairs.

    Args:
        rows: recommended rows, shape (u, k), -1 for padding.
        vectors: unit vectors, float32, shape (n, d).
    """
    result = np.zeros(rows.shape[0])
    for user, listed in enumerate(rows):
        shown = vectors[listed[listed >= 0]].astype(np.float64)
        size = shown.shape[0]
        if size > 1:
            total = shown.sum(axis=0)
            cosines = total @ total - np.einsum("ij,ij->", shown, shown)
            result[user] = 1.0 - cosines / (size * (size - 1))
    return result


def bootstrap_interval(values: NDArray[Any], *, n: int = 1000, seed: int) -> tuple[float, float]:
    """The 95 % bootstrap percentile interval of the mean (Efron 1979).

    Args:
        values: one value a user, shape (u,), finite.
        n: how many resamples.
        seed: of the generator; equal seeds give equal intervals.

    Returns:
        (low, high), low <= high; (0, 0) without users.
    """
    sample = np.asarray(values, np.float64)
    if not sample.size:
        return 0.0, 0.0
    rng = np.random.default_rng(seed)
    means = [sample[rng.integers(0, sample.size, sample.size)].mean() for _ in range(n)]
    low, high = np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(low), float(high)


def bootstrap_intervals(values: NDArray[Any], *, n: int = 1000, seed: int) -> Float64:
    """`bootstrap_interval` of several metrics on the same resamples of users, which costs little more than one.

    Args:
        values: one row a user and one column a metric, shape (u, m), finite.
        n: how many resamples.
        seed: of the generator.

    Returns:
        float64, shape (m, 2), low and high; zeros without users.
    """
    sample = np.asarray(values, np.float64)
    u = sample.shape[0]
    if not u:
        return np.zeros((sample.shape[1], 2))
    rng = np.random.default_rng(seed)
    means = np.empty((n, sample.shape[1]))
    size = max(1, RESAMPLED // u)
    for start in range(0, n, size):
        # How often each user is drawn is all that a mean needs to know.
        drawn = rng.multinomial(u, np.full(u, 1 / u), size=min(size, n - start))
        means[start : start + size] = drawn @ sample / u
    return np.quantile(means, [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0).T


def paired_interval(a: NDArray[Any], b: NDArray[Any], *, n: int = 1000, seed: int) -> tuple[float, float]:
    """The 95 % interval of mean(a - b) over the same users; above 0 when a is surely the better.

    Raises:
        ValueError: when a and b are not of one shape.
    """
    if np.shape(a) != np.shape(b):
        raise ValueError(f"A paired interval needs the same users: {np.shape(a)} and {np.shape(b)} values.")
    return bootstrap_interval(np.asarray(a, np.float64) - np.asarray(b, np.float64), n=n, seed=seed)


def _ratio(numerator: NDArray[Any], denominator: NDArray[Any]) -> Float64:
    """Division that gives 0 where the denominator is 0."""
    result: Float64 = np.zeros(np.shape(numerator), np.float64)
    np.divide(numerator, denominator, out=result, where=np.asarray(denominator) > 0)
    return result
