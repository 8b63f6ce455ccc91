"""How sharp and how full a picture is."""

import numpy as np
import pytest
from PIL import Image, ImageFilter

from recommender.core.types import Picture
from recommender.imaging.decode import decode
from recommender.imaging.quality import measure, miniature
from tests.shop import phone_picture


def blurred(picture, radius):
    return Picture(np.asarray(Image.fromarray(picture.pixels).filter(ImageFilter.GaussianBlur(radius))), picture.mask)


def test_a_blurred_edge_is_as_soft_as_its_blur():
    phone = decode(phone_picture("blue", size=500))
    values = [measure(blurred(phone, radius)).sharpness for radius in (0, 2, 4, 8)]
    assert values[0] > 0.5
    # The steepest step of an edge under a Gaussian of s pixels is 1 / (s * sqrt(2 pi)) of it.
    assert values[1:] == pytest.approx([0.4 / 2, 0.4 / 4, 0.4 / 8], rel=0.35)


def test_an_empty_picture_has_no_contrast():
    empty = Picture(np.full((300, 300, 3), 240, np.uint8))
    assert measure(empty).contrast == 0
    assert measure(empty).sharpness == 0
    assert measure(Picture(np.zeros((1, 1, 3), np.uint8))).sharpness == 0


def test_a_copy_has_the_same_miniature_and_another_phone_has_not():
    phone = decode(phone_picture("red", size=400))
    copy = decode(phone_picture("red", size=500))
    other = decode(phone_picture("red", size=400, lens=2))
    apart = [np.abs(miniature(phone).astype(int) - miniature(one)) for one in (copy, other)]
    assert apart[0].max() < 24 < apart[1].max()
