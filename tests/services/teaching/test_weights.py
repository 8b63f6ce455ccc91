"""How much the blocks beside a trained one count, by what held-out pictures find."""

import numpy as np
import pytest

from recommender.services.teaching.examples import Example
from recommender.services.teaching.judging import COLOUR_WEIGHTS, best_colour_weight

PRODUCTS = np.arange(8)
FORMS, COLOURS = PRODUCTS // 2, PRODUCTS % 2
SHOWN = [Example(f"{row}.png", lambda: b"", {}, str(row), str(row)) for row in PRODUCTS]
PHOTOS = [Example(f"{row}.jpg", lambda: b"", {}, str(row), str(row), "train") for row in PRODUCTS]


def units(classes):
    """Shop pictures and photos: one direction a class, and one of its own for every picture."""
    vectors = np.hstack([np.eye(8)[np.concatenate([classes, classes])], 0.5 * np.eye(16)]).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_photos_that_differ_from_others_in_colour_alone_are_given_colour():
    assert best_colour_weight(units(FORMS), units(COLOURS), SHOWN + PHOTOS) > 0


@pytest.mark.parametrize("colours", [np.zeros(8, np.int64), PRODUCTS[::-1] % 3])
def test_colour_has_no_weight_where_no_photo_gains_by_it(colours):
    assert best_colour_weight(units(PRODUCTS), units(colours), SHOWN + PHOTOS) == COLOUR_WEIGHTS[0] == 0


def test_colour_has_no_weight_without_held_out_photos():
    assert best_colour_weight(units(FORMS)[:8], units(COLOURS)[:8], SHOWN) == 0
