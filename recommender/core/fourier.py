"""Vectors whose inner product is a Gaussian kernel: how alike two things are, with a sharp peak at "the same"."""

from functools import lru_cache

import numpy as np

from recommender.core.types import Float32

_SEED = 20


def fourier_features(vector: Float32, *, n_frequencies: int, width: float) -> Float32:
    """Random Fourier features of a vector (Rahimi & Recht 2007).

    phi(x) = [cos(W x / width), sin(W x / width)] / sqrt(n_frequencies), so phi(x) . phi(y) estimates
    exp(-|x - y|^2 / (2 width^2)) and |phi(x)| = 1 exactly. W is structured and orthogonal (Yu et al. 2016): products of
    Hadamard matrices and signs, the same on every machine.

    Args:
        vector: x, float32, shape (d,).
        n_frequencies: rows of W, at most the next power of two from d.
        width: of the kernel, > 0.

    Returns:
        float32, shape (2 * n_frequencies,), of unit length.
    """
    angles = _frequencies(len(vector), n_frequencies) @ vector / np.float32(width)
    features = np.concatenate([np.cos(angles), np.sin(angles)]) / np.sqrt(n_frequencies)
    return np.asarray(features, np.float32)


@lru_cache(maxsize=4)
def _frequencies(d: int, n_frequencies: int) -> Float32:
    """sqrt(D) * H S1 H S2 H S3 with orthonormal Hadamard H of order D and random signs S, cut to (n_frequencies, d)."""
    order = 1 << (d - 1).bit_length()
    hadamard = np.ones((1, 1), np.float64)
    while len(hadamard) < order:
        hadamard = np.block([[hadamard, hadamard], [hadamard, -hadamard]])
    hadamard /= np.sqrt(order)
    # The legacy generator's stream is frozen; that of default_rng may change, and vectors must not change with it.
    random = np.random.RandomState(_SEED)
    product = np.eye(order)
    for _ in range(3):
        product = hadamard @ (random.choice([-1.0, 1.0], order)[:, None] * product)
    return np.asarray(np.sqrt(order) * product[:n_frequencies, :d], np.float32)
