"""Rows that are the same are told from those that only nearly are."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from recommender.core.repeats import find_repeats, repeats_at

drawn = st.lists(st.integers(0, 6), max_size=40)


def matrix_of(numbers, kind=np.float32):
    return np.random.default_rng(0).standard_normal((7, 5)).astype(kind)[np.array(numbers, np.intp)]


@pytest.mark.parametrize("kind", [np.float32, np.float16])
@given(numbers=drawn)
def test_each_row_is_that_of_its_first(kind, numbers):
    matrix = matrix_of(numbers, kind)
    firsts, places = find_repeats(matrix)
    assert (firsts.dtype, places.dtype) == (np.int32, np.int32)
    assert firsts.size == len(set(numbers))
    assert_array_equal(matrix[firsts][places], matrix)
    assert_array_equal(firsts, sorted(numbers.index(number) for number in set(numbers)))


@given(numbers=drawn)
def test_the_places_alone_tell_the_firsts(numbers):
    found = find_repeats(matrix_of(numbers))
    again = repeats_at(found.places)
    assert_array_equal(again.firsts, found.firsts)
    assert again.firsts.dtype == np.int32


@given(numbers=st.lists(st.integers(0, 6), min_size=1, max_size=40), data=st.data())
def test_marks_and_places_stand_for_all_rows_that_are_the_same(numbers, data):
    repeats = find_repeats(matrix_of(numbers))
    marked = np.array(data.draw(st.lists(st.booleans(), min_size=len(numbers), max_size=len(numbers))))
    chosen = {number for number, is_marked in zip(numbers, marked, strict=True) if is_marked}
    different = repeats.marked(marked)
    assert_array_equal(different, [numbers[first] in chosen for first in repeats.firsts])
    rows = repeats.every(np.flatnonzero(different).astype(np.int32))
    assert_array_equal(rows, [row for row, number in enumerate(numbers) if number in chosen])
    assert rows.dtype == np.int32


def test_a_last_bit_makes_a_difference_and_blocks_do_not(monkeypatch):
    monkeypatch.setattr("recommender.core.repeats._BLOCK_ROWS", 2)
    matrix = matrix_of([3, 1, 3, 3, 1])
    matrix[3, 2] = np.nextafter(matrix[3, 2], np.float32(9))
    firsts, places = find_repeats(matrix)
    assert_array_equal(firsts, [0, 1, 3])
    assert_array_equal(places, [0, 1, 0, 2, 1])
