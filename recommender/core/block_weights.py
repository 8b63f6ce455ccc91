"""Block weights with which vectors best find what carries the same label."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from recommender.core.metrics import Float64
from recommender.core.types import Block, Float32, Int32, Int64

STEPS = (20, 10, 5)
"""Hundredths that one block gives to another at a time, coarse ones first."""

LEAST = 1
"""Hundredths that every block keeps: one of weight 0 leaves the stored vectors, and nothing brings it back."""

LEAST_GAIN = 1e-3
"""A smaller gain is chance, and no reason to move a weight."""


def distinct(vectors: Float32, labels: Mapping[str, Int32]) -> tuple[Int32, dict[str, Int32]]:
    """The first row of each vector, and its labels: variants that share pictures find each other by any weights.

    A row of zeros, which has no picture, is left out. Where rows of one vector differ in a label, it has none.

    Args:
        vectors: float32, shape (n, d).
        labels: the class of each row, int32, shape (n,), -1 for none.

    Returns:
        The m rows, int32, and their labels, int32, shape (m,).
    """
    found, first, inverse = np.unique(vectors, axis=0, return_index=True, return_inverse=True)
    kept = found.any(axis=1)
    said = {}
    for name, classes in labels.items():
        same = np.ones(len(found), np.bool_)
        np.logical_and.at(same, inverse, classes == classes[first][inverse])
        said[name] = np.where(same, classes[first], -1)[kept].astype(np.int32)
    return first[kept].astype(np.int32), said


def block_products(vectors: Float32, blocks: Sequence[Block]) -> Float32:
    """The inner products of all pairs, block by block, as if each block weighed 1: float32, shape (b, n, n).

    A block of weight 0 holds nothing: zeros.

    Args:
        vectors: float32, shape (n, d).
        blocks: their b blocks.
    """
    products = np.zeros((len(blocks), len(vectors), len(vectors)), np.float32)
    for block, product in zip(blocks, products, strict=True):
        if block.weight > 0:
            part = vectors[:, block.start : block.stop]
            np.matmul(part, part.T, out=product)
            product /= np.float32(block.weight)
    return products


def cosines(products: Float32, weights: Sequence[float]) -> Float32:
    """The cosines of all pairs of vectors whose blocks have these weights, float32, shape (n, n).

    s_ij = sum_b w_b p_bij / sqrt(sum_b w_b p_bii * sum_b w_b p_bjj)

    A vector that is the mean of several pictures has blocks shorter than sqrt(w_b), hence the division.

    Args:
        products: p, as `block_products` gives them, shape (b, n, n).
        weights: w, non-negative, in any unit, shape (b,).
    """
    found = np.tensordot(np.asarray(weights, np.float32), products, axes=1)
    lengths = np.sqrt(np.maximum(np.diagonal(found), np.finfo(np.float32).tiny))
    found /= lengths[:, None]
    found /= lengths[None, :]
    return np.asarray(found, np.float32)


def precisions(scores: Float32, labels: Mapping[str, Int32]) -> dict[str, Float64]:
    """By label, each row's average precision when it looks for the other rows of its class; NaN for one without any.

    `retrieval.average_precision`, of all rows at once. Equal scores go to the lower row.

    Args:
        scores: float32, shape (n, n).
        labels: the class of each row, int32, shape (n,), -1 for none.

    Returns:
        By label float64, shape (n,), in [0, 1] or NaN.
    """
    n = len(scores)
    others = scores.copy()
    np.fill_diagonal(others, -np.inf)
    order = np.argsort(-others, axis=1, kind="stable")[:, : n - 1]
    return {name: _precisions(classes, order) for name, classes in labels.items()}


def _precisions(classes: Int32, order: Int64) -> Float64:
    relevant = (classes[order] == classes[:, None]) & (classes[:, None] >= 0)
    counts = np.count_nonzero(relevant, axis=1)
    rows, places = np.nonzero(relevant)
    before = np.repeat(np.cumsum(counts) - counts, counts)
    summed = np.bincount(rows, (np.arange(len(rows)) - before + 1) / (places + 1), len(classes))
    result: Float64 = np.full(len(classes), np.nan)
    np.divide(summed, counts, out=result, where=counts > 0)
    return result


def mean_precision(found: Mapping[str, Float64]) -> float:
    """The mean over the labels of each one's mean average precision, in [0, 1]; each label has a row with a match."""
    return float(np.mean([np.nanmean(values) for values in found.values()]))


def best_weights(
    products: Float32,
    labels: Mapping[str, Int32],
    now: Sequence[int],
    *,
    tried: Callable[[int], None] = lambda count: None,
) -> tuple[int, ...]:
    """The weights with which no label falls far behind what it could have alone.

    A label's share is its mean average precision over the highest that weights for it alone lead to. The least share
    counts, and a tenth of the mean one: a plain mean would let many labels of shape drive out the one of colour.

    Each climb begins at the best of the weights in use, equal ones, and each block nearly alone, and moves shares from
    block to block. A move has to gain `LEAST_GAIN`; where none does the weights in use come back as they were.

    Args:
        products: as `block_products` gives them, shape (b, n, n).
        labels: by label the class of each row, int32, shape (n,), -1 for none; each has a row with a match.
        now: the weights in use, whole hundredths, shape (b,); a block of 0 stays 0.
        tried: called with how many weightings were tried.

    Returns:
        Whole numbers of the same sum, shape (b,), every block that weighs something `LEAST` or more.
    """
    known: dict[tuple[int, ...], Float64] = {}

    def found(weights: tuple[int, ...]) -> Float64:
        if weights not in known:
            by_label = precisions(cosines(products, weights), labels).values()
            known[weights] = np.array([np.nanmean(values) for values in by_label])
            tried(len(known))
        return known[weights]

    def one(label: int) -> float:
        best = _climb(used, lambda weights: float(found(weights)[label]))
        return float(found(best)[label])

    used = tuple(now)
    ideal = np.array([one(label) for label in range(len(labels))])

    def worth(weights: tuple[int, ...]) -> float:
        shares = found(weights) / np.maximum(ideal, np.finfo(np.float64).tiny)
        return float(shares.min() + shares.mean() / 10)

    return _climb(used, worth)


def _climb(used: tuple[int, ...], worth: Callable[[tuple[int, ...]], float]) -> tuple[int, ...]:
    best = used
    for start in _starts(used):
        if worth(start) >= worth(best) + LEAST_GAIN:
            best = start
    for step in STEPS:
        while True:
            candidate = max(_moves(best, step), key=worth, default=best)
            if worth(candidate) < worth(best) + LEAST_GAIN:
                break
            best = candidate
    return best


def _starts(now: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    held = [place for place, weight in enumerate(now) if weight > 0]
    share, rest = divmod(sum(now), len(held))
    yield tuple(share + (place == held[0]) * rest if place in held else 0 for place in range(len(now)))
    most = sum(now) - LEAST * (len(held) - 1)
    for alone in held:
        yield tuple(most if place == alone else LEAST * (place in held) for place in range(len(now)))


def _moves(weights: tuple[int, ...], step: int) -> Iterator[tuple[int, ...]]:
    held = [place for place, weight in enumerate(weights) if weight > 0]
    for giver in held:
        moved = min(step, weights[giver] - LEAST)
        for taker in held if moved > 0 else ():
            if taker != giver:
                changed = list(weights)
                changed[giver] -= moved
                changed[taker] += moved
                yield tuple(changed)
