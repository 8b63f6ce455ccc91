"""Image steps: plain functions by dotted path, in their order, before any block looks."""

import numpy as np
import pytest

from recommender.core.types import Picture
from recommender.engines.colour_encoder import ColourEncoder
from recommender.engines.composite import CompositeEncoder
from recommender.engines.steps import DEFAULT_STEPS, apply_steps, find_steps
from tests.engines.pictures import odd_ones, phone, scene

HERE = "tests.engines.test_steps"
DENOISE = "recommender.imaging.denoising.denoise"


def negative(picture):
    return Picture(255 - picture.pixels, picture.mask)


def upper_half(picture):
    half = picture.pixels.shape[0] // 2
    return Picture(picture.pixels[:half], None if picture.mask is None else picture.mask[:half])


def bare_pixels(picture):
    return picture.pixels


def wrong_mask(picture):
    return Picture(picture.pixels, np.ones((1, 1), np.bool_))


def test_steps_run_in_their_order():
    before = phone((200, 30, 40))
    after = apply_steps(find_steps([f"{HERE}.negative", f"{HERE}.upper_half"]), before)
    assert np.array_equal(after.pixels, 255 - before.pixels[:80])
    assert np.array_equal(after.mask, before.mask[:80])


def test_without_steps_the_picture_stays():
    picture = scene()
    assert apply_steps((), picture) is picture


@pytest.mark.parametrize("step", ["bare_pixels", "wrong_mask"])
def test_a_step_that_returns_no_picture_is_named(step):
    with pytest.raises(ValueError, match=f"{HERE}.{step} returned no Picture"):
        ColourEncoder(steps=[f"{HERE}.{step}"]).encode([phone((200, 30, 40))])


@pytest.mark.parametrize("encoder", [ColourEncoder, CompositeEncoder])
def test_the_default_steps_are_part_of_the_encoder_and_others_are_another_version(encoder):
    versions = [encoder(steps=steps).version for steps in (DEFAULT_STEPS, (), (DENOISE,), (DENOISE, *DEFAULT_STEPS))]
    assert versions[0] == encoder().version == encoder(steps=list(DEFAULT_STEPS)).version
    assert len(set(versions)) == 4


@pytest.mark.parametrize("encoder", [ColourEncoder, CompositeEncoder])
def test_an_encoder_sees_what_its_steps_leave(encoder):
    shown = [phone((200, 30, 40)), scene(1), *odd_ones()]
    through = encoder(steps=[f"{HERE}.negative"]).encode(shown)
    assert np.array_equal(through, encoder(steps=[]).encode([negative(picture) for picture in shown]))
