"""Photos: made badly from product pictures, cut out of their ground, known again by their fingerprint."""

import numpy as np
import pytest
from PIL import Image

from recommender.core.types import Picture
from recommender.imaging.decode import decode
from recommender.imaging.degrading import badly_photographed
from recommender.imaging.fingerprint import BITS, SAME, differing_bits, fingerprint
from recommender.imaging.isolation import isolate
from tests.imaging.pictures import encoded, noise
from tests.shop import phone_picture


def table_with(size, box, colour, seed=0):
    """A lit table with one thing on it, and where the thing is."""
    rng = np.random.default_rng(seed)
    height, width = size
    pixels = np.full((height, width, 3), (150, 130, 100), np.float32) * np.linspace(0.8, 1.1, width)[None, :, None]
    pixels += rng.normal(0, 3, pixels.shape)
    left, top, right, bottom = box
    pixels[top:bottom, left:right] = colour
    truth = np.zeros(size, np.bool_)
    truth[top:bottom, left:right] = True
    return Picture(pixels.clip(0, 255).astype(np.uint8)), truth


def place_of(found, picture):
    """Where the product that was cut out is in the picture: the one place where its pixels are the same."""
    height, width = found.mask.shape
    places = [
        window
        for top in range(picture.pixels.shape[0] - height + 1)
        for left in range(picture.pixels.shape[1] - width + 1)
        if (window := (slice(top, top + height), slice(left, left + width)))
        and (found.pixels[::9, ::9] == picture.pixels[window][::9, ::9])[found.mask[::9, ::9]].all()
    ]
    (place,) = [w for w in places if (found.pixels[found.mask] == picture.pixels[w][found.mask]).all()]
    return place


@pytest.mark.parametrize("colour", [(30, 60, 200), (20, 20, 24), (240, 240, 240), (205, 60, 70)])
def test_one_thing_on_a_table_is_cut_out(colour):
    picture, truth = table_with((300, 400), (140, 50, 260, 250), colour)
    found = isolate(picture)
    window = place_of(found, picture)
    agreement = (found.mask & truth[window]).sum() / (truth.sum() + (found.mask & ~truth[window]).sum())
    assert agreement > 0.88  # seen at 112 pixels, an edge is a few of the photo wide
    assert (found.pixels[~found.mask] == 255).all()
    assert max(found.pixels.shape) < 260  # the thing and a margin


def test_where_nothing_stands_out_the_photo_stays():
    for seed in range(4):
        picture, _ = table_with((200, 200), (0, 0, 1, 1), (150, 130, 100), seed)
        assert isolate(picture) is picture


def test_what_goes_on_outside_the_photo_is_not_cut():
    picture, _ = table_with((200, 200), (0, 60, 200, 200), (30, 60, 200))
    assert isolate(picture) is picture


def test_a_product_picture_keeps_its_mask():
    picture = decode(phone_picture("red", size=300))
    assert isolate(picture) is picture


def test_a_tiny_photo_is_no_trouble():
    for size in ((1, 1), (16, 16), (3, 200)):
        picture = Picture(np.zeros((*size, 3), np.uint8))
        assert isolate(picture).pixels.shape == picture.pixels.shape


def test_equal_seeds_make_equal_photos_and_others_make_others():
    picture = decode(phone_picture("green", size=300))
    first, again, other = (badly_photographed(picture, np.random.default_rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first.pixels, again.pixels)
    assert first.pixels.shape != other.pixels.shape or (first.pixels != other.pixels).any()
    assert max(first.pixels.shape) <= 480


def test_a_fingerprint_survives_scaling_and_compression_and_tells_pictures_apart():
    picture = decode(phone_picture("red", lens=2, size=600))
    small = Image.fromarray(picture.pixels).resize((200, 200))
    copy = decode(encoded(small, "JPEG", quality=50))
    assert differing_bits(fingerprint(picture), fingerprint(copy)) <= SAME
    others = [fingerprint(Picture(np.asarray(noise((90, 90), seed)))) for seed in range(6)]
    distances = [differing_bits(a, b) for i, a in enumerate(others) for b in others[:i]]
    assert min(distances) > SAME
    assert all(-(2 ** (BITS - 1)) <= value < 2 ** (BITS - 1) for value in others)
