"""How well pictures find pictures: average precision and ranks, with each picture as a query."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from recommender.core.types import Bool, Float32, Int64


class Retrieval(NamedTuple):
    """The result of querying with every picture that has a match.

    Attributes:
        top1: share of queries whose best other picture matches, in [0, 1].
        mean_average_precision: in [0, 1].
        queries: how many pictures had a match at all.
    """

    top1: float
    mean_average_precision: float
    queries: int


class PhotoSearch(NamedTuple):
    """The result of searching one product for each photo.

    Attributes:
        top1: share of photos whose product came first, in [0, 1].
        top5: share of photos whose product was among the first five.
        mrr: mean of 1 / rank over all products, in (0, 1].
        queries: how many photos.
    """

    top1: float
    top5: float
    mrr: float
    queries: int


def average_precision(relevant: Bool) -> float:
    """The mean, over the relevant places of a ranking, of the precision up to there; 0 without any.

    AP = (1 / R) * sum over relevant places r = 1.. of (relevant places up to r) / r

    Args:
        relevant: bool, shape (n,), best place first; the whole ranking, so that R is all that is relevant.
    """
    places = np.flatnonzero(relevant)
    if not len(places):
        return 0.0
    return float(np.mean(np.arange(1, len(places) + 1) / (places + 1)))


def each_against_all(vectors: Float32, matches: Bool) -> Retrieval:
    """Every picture queries all others by inner product; ties go to the lower row.

    Args:
        vectors: unit vectors, float32, shape (n, d).
        matches: whether two pictures match, bool, shape (n, n), symmetric; the diagonal is ignored.
    """
    return each_by(lambda row, others: vectors[others] @ vectors[row], matches)


def each_by(likeness: Callable[[int, Int64], Float32], matches: Bool) -> Retrieval:
    """Everyone queries all others; ties go to the lower row.

    Args:
        likeness: how alike a row and others are, float32, shape (m,), for the row and the others, int64, shape (m,).
        matches: whether two match, bool, shape (n, n), symmetric; the diagonal is ignored.
    """
    firsts, precisions = [], []
    for row in range(len(matches)):
        others = np.delete(np.arange(len(matches)), row)
        relevant = matches[row, others]
        if relevant.any():
            ranked = relevant[np.argsort(-likeness(row, others), kind="stable")]
            firsts.append(bool(ranked[0]))
            precisions.append(average_precision(ranked))
    if not firsts:
        return Retrieval(0.0, 0.0, 0)
    return Retrieval(float(np.mean(firsts)), float(np.mean(precisions)), len(firsts))


def best_per_group(scores: Float32, groups: Int64, n_groups: int) -> Float32:
    """The best score of each group of columns, float32, shape (q, n_groups); -inf for a group without columns.

    Args:
        scores: float32, shape (q, n).
        groups: the group of each column, int64, shape (n,), in 0..n_groups-1.
        n_groups: how many groups there are.
    """
    best = np.full((n_groups, len(scores)), -np.inf, np.float32)
    np.maximum.at(best, groups, scores.T)
    return best.T


def photo_search(scores: Float32, truth: Int64) -> PhotoSearch:
    """How early each photo's own product comes; ties go to the lower product.

    Args:
        scores: photos by products, float32, shape (q, n).
        truth: the product of each photo, int64, shape (q,).
    """
    if not len(truth):
        return PhotoSearch(0.0, 0.0, 0.0, 0)
    own = scores[np.arange(len(truth)), truth][:, None]
    earlier = np.arange(scores.shape[1])[None] < truth[:, None]
    ranks = 1 + ((scores > own) | ((scores == own) & earlier)).sum(axis=1)
    return PhotoSearch(float(np.mean(ranks <= 1)), float(np.mean(ranks <= 5)), float(np.mean(1 / ranks)), len(truth))
