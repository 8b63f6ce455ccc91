"""Made-up unit vectors: clustered as catalogues are, and of random directions, which are the hardest to index."""

from __future__ import annotations

import numpy as np

from recommender.core.types import Float32
from recommender.core.vectors import unit_rows

DIMENSION = 512
_OF_A_CLUSTER = 20
_SPREAD = 0.7


def clustered(n: int, *, seed: int = 0) -> Float32:
    """n vectors in clusters of about 20, as a shop's families: cosines of about 0.67 within and 0 between."""
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(max(n // _OF_A_CLUSTER, 1), DIMENSION)).astype(np.float32)
    noise = rng.normal(size=(n, DIMENSION)).astype(np.float32)
    noise *= np.float32(_SPREAD)
    noise += centres[rng.integers(0, len(centres), n)]
    return unit_rows(noise)


def scattered(n: int, *, seed: int = 0) -> Float32:
    """n vectors of random directions: all about equally far from each other."""
    return unit_rows(np.random.default_rng(seed).normal(size=(n, DIMENSION)).astype(np.float32))


def near(vectors: Float32, n: int, *, seed: int = 1) -> Float32:
    """n queries, each a little off one of the vectors, at a cosine of about 0.9: another photo of the same thing."""
    rng = np.random.default_rng(seed)
    off = unit_rows(rng.normal(size=(n, vectors.shape[1])).astype(np.float32)) * np.float32(0.48)
    return unit_rows(vectors[rng.integers(0, len(vectors), n)] + off)
