"""Where the product is in a picture."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.core.types import Picture
from recommender.imaging.separation import separate


def on_ground(ground, product, box, size=(120, 80)):
    pixels = np.full((*size, 3), ground, np.uint8)
    top, left, bottom, right = box
    pixels[top:bottom, left:right] = product
    return pixels


@pytest.mark.parametrize("ground", [(255, 255, 255), (240, 240, 242), (20, 20, 20), (10, 200, 90)])
def test_a_product_on_plain_ground_is_found(ground):
    mask = separate(Picture(on_ground(ground, (120, 60, 140), (20, 20, 100, 60)))).mask
    expected = np.zeros((120, 80), np.bool_)
    expected[20:100, 20:60] = True
    assert (mask == expected).mean() > 0.99


def test_ground_inside_the_product_belongs_to_it():
    pixels = on_ground((255, 255, 255), (0, 0, 0), (20, 20, 100, 60))
    pixels[40:80, 30:50] = 255  # a white screen
    assert separate(Picture(pixels)).mask[40:80, 30:50].all()


def test_compression_does_not_blur_the_ground():
    rng = np.random.default_rng(0)
    pixels = on_ground((250, 250, 250), (40, 80, 160), (30, 20, 90, 60)).astype(int) + rng.integers(-5, 6, (120, 80, 3))
    mask = separate(Picture(pixels.clip(0, 255).astype(np.uint8))).mask
    assert mask[35:85, 25:55].all()
    assert not mask[:25].any()


def test_a_close_up_that_touches_three_edges_is_separated_from_white():
    mask = separate(Picture(on_ground((255, 255, 255), (30, 30, 34), (30, 0, 120, 80)))).mask
    assert not mask[:25].any()
    assert mask[35:].all()


@pytest.mark.parametrize("seed", range(3))
def test_a_scene_is_product_everywhere(seed):
    pixels = np.random.default_rng(seed).integers(0, 256, (90, 120, 3), dtype=np.uint8)
    assert separate(Picture(pixels)).mask.all()


@pytest.mark.parametrize("level", [0, 128, 255])
def test_an_empty_picture_is_product_everywhere(level):
    assert separate(Picture(np.full((50, 50, 3), level, np.uint8))).mask.all()


@given(st.integers(1, 40), st.integers(1, 3000), st.integers(0, 3))
def test_any_shape_gets_a_mask_that_is_not_empty(height, width, seed):
    pixels = np.random.default_rng(seed).choice(np.array([0, 255], np.uint8), (height, width, 1)).repeat(3, axis=2)
    separated = separate(Picture(pixels))
    assert separated.mask.shape == (height, width)
    assert separated.mask.any()
    assert separated.pixels is pixels
