"""Varied copies: equal seeds, equal copies; each kind of variation does what it says and no more."""

import numpy as np
import pytest

from recommender.core.types import Picture
from recommender.imaging.augmenting import Variation, vary

STILL = Variation(crop=1.0, flip=0.0, degrees=0.0, light=0.0, hue=0.0, occlusion=0.0, background=0.0, camera=0.0)


@pytest.fixture
def cut_out():
    """A red square on white, left of the middle."""
    pixels = np.full((80, 80, 3), 255, np.uint8)
    pixels[20:60, 10:50] = (200, 30, 30)
    mask = np.zeros((80, 80), np.bool_)
    mask[20:60, 10:50] = True
    return Picture(pixels, mask)


def only(**changed):
    return Variation(**{**vars(STILL), **changed})


def test_nothing_varied_leaves_the_picture(cut_out):
    copy = vary(cut_out, np.random.default_rng(0), only())
    # A crop of all of the area may still be stretched a little.
    assert copy.pixels.shape[2] == 3
    assert np.mean(np.all(copy.pixels == (200, 30, 30), axis=2)) == pytest.approx(0.25, abs=0.12)


def test_equal_generators_make_equal_copies_and_others_do_not(cut_out):
    copies = [vary(cut_out, np.random.default_rng(seed)).pixels for seed in (1, 1, 2)]
    assert np.array_equal(copies[0], copies[1])
    assert copies[0].shape != copies[2].shape or not np.array_equal(copies[0], copies[2])


def test_a_mirror_turns_left_to_right(cut_out):
    copy = vary(cut_out, np.random.default_rng(0), only(flip=1.0)).pixels
    red = np.flatnonzero(np.all(copy == (200, 30, 30), axis=2).any(axis=0)).mean()
    assert red > copy.shape[1] / 2


def test_a_product_is_laid_on_another_ground_and_kept(cut_out):
    ground = np.zeros((100, 100, 3), np.uint8)
    ground[..., 2] = 255
    seen = [
        vary(cut_out, np.random.default_rng(seed), only(background=1.0), grounds=[ground]).pixels for seed in range(8)
    ]
    blue = [pixels for pixels in seen if np.mean(np.all(pixels == (0, 0, 255), axis=2)) > 0.3]
    assert len(blue) > 1
    assert all(np.any(np.all(np.abs(pixels.astype(int) - (200, 30, 30)) < 40, axis=2)) for pixels in blue)


def test_a_photo_keeps_its_ground(cut_out):
    photo = Picture(cut_out.pixels, np.ones((80, 80), np.bool_))
    copy = vary(photo, np.random.default_rng(0), only(background=1.0)).pixels
    assert np.all(copy[0, 0] > 250)


@pytest.mark.parametrize(
    "changed", [{"degrees": 20.0}, {"light": 0.3}, {"hue": 0.1}, {"occlusion": 1.0}, {"camera": 1.0}]
)
def test_each_variation_alone_changes_pixels(cut_out, changed):
    plain = vary(cut_out, np.random.default_rng(5), only()).pixels
    assert not np.array_equal(vary(cut_out, np.random.default_rng(5), only(**changed)).pixels, plain)


def test_a_copy_of_a_tiny_picture_is_a_picture():
    for seed in range(20):
        copy = vary(Picture(np.zeros((1, 3, 3), np.uint8)), np.random.default_rng(seed))
        assert copy.pixels.dtype == np.uint8
        assert min(copy.pixels.shape[:2]) >= 1
