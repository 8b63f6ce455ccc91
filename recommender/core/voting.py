"""What the nearest labelled neighbours say a thing is: an answer from the first day on, without any training."""

from typing import NamedTuple

import numpy as np

from recommender.core.types import Float32, Int32
from recommender.core.vectors import exact_top_k

NEIGHBOURS = 9
_SHARPNESS = 20.0


class Votes(NamedTuple):
    """What the neighbours of each query say.

    Attributes:
        answers: the label with most of the vote, int32, shape (q,); -1 where nobody voted.
        trust: its share of the vote times the cosine of its closest voter, float32, shape (q,), in [0, 1]. It orders
            answers; `Trust` makes a probability of it.
    """

    answers: Int32
    trust: Float32


def vote(queries: Float32, vectors: Float32, labels: Int32, *, own: Int32 | None = None) -> Votes:
    """The label that the nine nearest rows agree on, each with weight exp(20 * cosine), ties to the lower label.

    Args:
        queries: unit vectors, float32, shape (q, d).
        vectors: unit vectors of labelled rows, float32, shape (n, d).
        labels: of those rows, int32, shape (n,), >= 0.
        own: query i is row own[i] and has no vote on itself, int32, shape (q,).
    """
    found = exact_top_k(queries, vectors, NEIGHBOURS, own=own)
    answers = np.full(len(queries), -1, np.int32)
    trust = np.zeros(len(queries), np.float32)
    for query, (rows, scores) in enumerate(zip(found.rows, found.scores, strict=True)):
        held = rows >= 0
        if not held.any():
            continue
        given, close = labels[rows[held]], scores[held]
        weights = np.bincount(given, np.exp(_SHARPNESS * (close - close.max())))
        best = int(weights.argmax())
        answers[query] = best
        trust[query] = weights[best] / weights.sum() * np.clip(close[given == best].max(), 0, 1)
    return Votes(answers, trust)
