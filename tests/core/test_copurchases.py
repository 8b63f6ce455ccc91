"""Common buyers, counted by hand and against the definition."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from recommender.core.copurchases import common_buyers
from recommender.core.types import Neighbours


def lists(*rows):
    array = np.array(rows, np.int32)
    return Neighbours(array, np.zeros(array.shape, np.float32))


def test_two_people_bought_both_and_one_of_them_twice():
    users, rows = np.array([0, 0, 0, 1, 1, 2], np.int32), np.array([0, 1, 1, 0, 1, 0], np.int32)
    assert_array_equal(common_buyers(users, rows, lists([1, 2], [0, -1], [0, 1])), [[2, 0], [2, 0], [0, 0]])


def test_nobody_bought_anything():
    nothing = np.zeros(0, np.int32)
    assert_array_equal(common_buyers(nothing, nothing, lists([1], [0])), [[0], [0]])


def test_a_count_ends_at_255():
    users = np.repeat(np.arange(300, dtype=np.int32), 2)
    assert_array_equal(common_buyers(users, np.tile(np.array([0, 1], np.int32), 300), lists([1], [0])), [[255], [255]])


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 5)), max_size=30))
def test_it_is_the_size_of_the_intersection(pairs):
    users, rows = np.array(pairs, np.int32).reshape(-1, 2).T
    everyone = lists(*[list(range(6))] * 6)
    buyers = [{user for user, row in pairs if row == product} for product in range(6)]
    expected = [[len(a & b) for b in buyers] for a in buyers]
    assert_array_equal(common_buyers(users, rows, everyone), expected)
