"""Colours and their histograms, against what is known of them."""

import colorsys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from recommender.core import colour


def of(*colours):
    return colour.histogram(np.array(colours, np.uint8), np.ones(len(colours), np.float32))


@given(st.tuples(*[st.integers(0, 255)] * 3))
def test_hue_saturation_and_value_are_the_standard_ones(rgb):
    expected = colorsys.rgb_to_hsv(*(level / 255 for level in rgb))
    found = colour.hsv(np.array(rgb, np.uint8))
    assert found.dtype == np.float32
    away = np.abs(found - expected)
    away[0] = min(away[0], 1 - away[0])  # hue is a circle
    assert away.max() < 1e-5


@given(arrays(np.uint8, st.tuples(st.integers(1, 30), st.just(3))))
def test_a_histogram_is_a_distribution(pixels):
    shares = colour.histogram(pixels, np.ones(len(pixels), np.float32))
    assert shares.shape == (colour.BINS,)
    assert shares.dtype == np.float32
    assert shares.min() >= 0
    assert shares.sum() == pytest.approx(1, abs=1e-5)


@given(arrays(np.uint8, (12, 3)), st.permutations(range(12)))
def test_the_order_of_pixels_does_not_matter(pixels, order):
    weights = np.linspace(0, 1, 12, dtype=np.float32)
    one, two = colour.histogram(pixels, weights), colour.histogram(pixels[list(order)], weights[list(order)])
    assert np.allclose(one, two, atol=1e-6)


def test_colours_at_a_bins_centre_fall_in_one_bin():
    for pure in ((0, 0, 0), (255, 255, 255), (255, 0, 0)):
        assert of(pure).max() == 1


def test_weights_are_shares():
    pixels = np.array([[0, 0, 0], [255, 255, 255]], np.uint8)
    mixed = colour.histogram(pixels, np.array([1, 3], np.float32))
    assert np.allclose(mixed, 0.25 * of((0, 0, 0)) + 0.75 * of((255, 255, 255)))


def test_no_weight_gives_the_uniform_histogram():
    shares = colour.histogram(np.zeros((4, 3), np.uint8), np.zeros(4, np.float32))
    assert np.allclose(shares, 1 / colour.BINS)


def test_a_near_colour_overlaps_and_a_far_one_does_not():
    red, near, blue = of((200, 30, 40)), of((190, 36, 40)), of((30, 60, 200))
    assert np.minimum(red, near).sum() > 0.7
    assert np.minimum(red, blue).sum() < 0.1


def test_red_on_either_side_of_the_hue_circle_overlaps():
    assert np.minimum(of((255, 0, 12)), of((255, 12, 0))).sum() > 0.8
