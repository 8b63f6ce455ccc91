"""Which of a visitor's products speaks for a candidate: what a sentence can name as the reason."""

import numpy as np

from recommender.core.catalogue import Catalogue
from recommender.core.item_signals import pair_strengths
from recommender.core.similarity import cosines
from recommender.core.types import Float32, Int32
from recommender.core.visitor_signals import TEMPERATURE, History

DOMINANT = 0.5
"""A product of the visitor dominates when it alone says at least as much for a candidate as all others together."""


def by_looks(catalogue: Catalogue, past: History, candidates: Int32) -> Int32:
    """The visitor's product that each candidate owes its affinity to: rows, int32, shape (m,), -1 where none dominates.

    The share of seed h in the soft best match of candidate i is share_h exp(cos_hi / t), over their sum.
    """
    if catalogue.vectors is None or not past.seeds.size:
        return np.full(candidates.shape[0], -1, np.int32)
    seeds = np.asarray(catalogue.vectors[past.seeds], np.float32)
    alike = cosines(seeds, catalogue.vectors, candidates)
    worth = past.shares[:, None] * np.exp((alike - alike.max(axis=0)) / np.float32(TEMPERATURE))
    return _dominant(worth * np.asarray(seeds.any(axis=1))[:, None], past.seeds)


def by_behaviour(catalogue: Catalogue, past: History, candidates: Int32) -> Int32:
    """The visitor's product that behaviour joins each candidate to: rows, int32, shape (m,), -1 where none dominates.

    The share of seed h is share_h max(0, closeness of h and i), over their sum; closeness as in `pair_strengths`.
    """
    if catalogue.artefact is None or not past.seeds.size:
        return np.full(candidates.shape[0], -1, np.int32)
    close = pair_strengths(catalogue.artefact, past.seeds, candidates)
    return _dominant(past.shares[:, None] * np.maximum(close, 0.0), past.seeds)


def _dominant(worth: Float32, seeds: Int32) -> Int32:
    total = worth.sum(axis=0)
    best = worth.argmax(axis=0)
    leads = (total > 0) & (worth.max(axis=0) >= DOMINANT * total)
    return np.where(leads, seeds[best], -1).astype(np.int32)
