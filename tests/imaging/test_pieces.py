"""Connected pieces of pixels, and the median of a neighbourhood, against plain ways to find them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from numpy.testing import assert_array_equal
from PIL import Image, ImageFilter

from recommender.imaging.median import median_of_nine
from recommender.imaging.pieces import flooded_from, pieces

fields = arrays(np.bool_, array_shapes(min_dims=2, max_dims=2, max_side=12))


def reached(start, field):
    """Pixel by pixel."""
    height, width = field.shape
    found, waiting = set(), [start]
    while waiting:
        row, column = waiting.pop()
        if 0 <= row < height and 0 <= column < width and field[row, column] and (row, column) not in found:
            found.add((row, column))
            waiting += [(row + 1, column), (row - 1, column), (row, column + 1), (row, column - 1)]
    return found


@given(field=fields)
def test_pixels_are_of_one_piece_when_a_path_joins_them(field):
    numbers, count = pieces(field)
    named = dict(zip(map(tuple, np.argwhere(field).tolist()), numbers.tolist(), strict=True))
    assert all(0 <= number < count for number in named.values())
    for start, number in named.items():
        assert reached(start, field) == {pixel for pixel, other in named.items() if other == number}


@given(field=fields, seed=st.integers(0, 10**6))
def test_a_flood_reaches_the_pieces_of_its_seeds(field, seed):
    seeds = field & (np.random.default_rng(seed).random(field.shape) < 0.2)
    expected = np.zeros_like(field)
    for start in map(tuple, np.argwhere(seeds).tolist()):
        expected[tuple(np.array(list(reached(start, field))).T)] = True
    assert_array_equal(flooded_from(seeds, field), expected)


@pytest.mark.parametrize("turn", range(4))
def test_a_winding_way_is_one_piece(turn):
    field = np.ones((41, 30), np.bool_)
    field[1::4, :-1] = False
    field[3::4, 1:] = False
    numbers, _ = pieces(np.rot90(field, turn))
    assert len(set(numbers.tolist())) == 1


@given(levels=arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, max_side=9)))
def test_the_median_is_that_of_pillow(levels):
    assert_array_equal(median_of_nine(levels), np.asarray(Image.fromarray(levels).filter(ImageFilter.MedianFilter(3))))
