"""Random Fourier features estimate the Gaussian kernel."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.core.fourier import fourier_features

KNOWN = [-0.462151, 0.157661, 0.430596, 0.157661, 0.190830, -0.474492, -0.254140, -0.474492]


def features(vector, **options):
    return fourier_features(vector.astype(np.float32), **({"n_frequencies": 128, "width": 0.5} | options))


@given(st.integers(0, 10_000), st.integers(1, 60))
def test_they_are_float32_of_unit_length(seed, d):
    found = features(np.random.default_rng(seed).normal(size=d), n_frequencies=1 << (d - 1).bit_length())
    assert found.dtype == np.float32
    assert np.linalg.norm(found) == pytest.approx(1, abs=1e-5)


@pytest.mark.parametrize("width", [0.4, 0.5, 1.0])
def test_their_products_are_the_kernels_values(width):
    rng = np.random.default_rng(0)
    points = rng.random((20, 1000))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    points[1] = points[0]
    found = np.stack([features(point, n_frequencies=512, width=width) for point in points])
    distances = np.linalg.norm(points[:, None] - points[None], axis=2)
    expected = np.exp(-(distances**2) / (2 * width**2))
    assert np.abs(found @ found.T - expected).max() < 0.15
    assert np.abs(found @ found.T - expected).mean() < 0.03


def test_they_never_change_between_versions():
    found = features(np.arange(8) / 8, n_frequencies=4)
    assert np.allclose(found, KNOWN, atol=1e-5)
