"""Noise goes, edges stay, clean pictures are untouched."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.core.types import Picture
from recommender.imaging.denoising import denoise, noise

RNG = np.random.default_rng


def halves(low=60, high=200, size=(80, 80)):
    """Dark on the left, light on the right."""
    pixels = np.full((*size, 3), low, np.uint8)
    pixels[:, size[1] // 2 :] = high
    return pixels


def noisy(pixels, level, seed=0):
    return (pixels + RNG(seed).normal(0, level, pixels.shape)).round().clip(0, 255).astype(np.uint8)


@given(level=st.floats(3, 20), seed=st.integers(0, 99))
def test_noise_is_measured_beside_an_edge(level, seed):
    measured = noise(noisy(halves(), level, seed)[..., 0].astype(np.float32))
    assert measured == pytest.approx(level, rel=0.15)


@pytest.mark.parametrize("level", [4, 8, 16])
def test_most_of_the_noise_goes_and_the_edge_stays(level):
    clean = halves()
    calm = denoise(Picture(noisy(clean, level))).pixels.astype(float)
    flat = np.abs(np.arange(80) - 39.5) > 4
    assert (calm - clean)[:, flat].std() < 0.5 * level
    step = calm[:, 40:43].mean() - calm[:, 37:40].mean()
    assert step == pytest.approx(140, abs=level)


@pytest.mark.parametrize("pixels", [halves(), np.full((1, 1, 3), 9, np.uint8), np.full((2, 90, 3), 255, np.uint8)])
def test_a_clean_or_tiny_picture_is_returned_as_it_is(pixels):
    picture = Picture(pixels)
    assert denoise(picture) is picture


def test_the_mask_stays_and_the_given_picture_is_not_changed():
    pixels = noisy(halves(), 10)
    picture = Picture(pixels.copy(), RNG(1).random((80, 80)) < 0.5)
    after = denoise(picture)
    assert after.mask is picture.mask
    assert after.pixels.dtype == np.uint8
    assert np.array_equal(picture.pixels, pixels)


def test_a_channel_without_noise_stays_exactly():
    pixels = halves()
    pixels[..., 0] = noisy(pixels, 12)[..., 0]
    after = denoise(Picture(pixels)).pixels
    assert np.array_equal(after[..., 1:], pixels[..., 1:])
    assert not np.array_equal(after[..., 0], pixels[..., 0])
