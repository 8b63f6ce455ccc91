"""Neighbour lists with answers known by construction."""

import numpy as np
from numpy.testing import assert_allclose, assert_array_equal

from recommender.core.neighbours import item_item_neighbours, visual_neighbours
from recommender.core.types import Factors, ItemItem
from recommender.core.vectors import unit_rows


def on_a_circle(*degrees):
    angles = np.deg2rad(np.array(degrees))
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def test_neighbours_on_a_circle_are_the_closest_angles():
    lists = visual_neighbours(on_a_circle(0, 10, 25, 90), k=2)
    assert_array_equal(lists.rows, [[1, 2], [0, 2], [1, 0], [2, 1]])
    assert_allclose(lists.scores[0], np.cos(np.deg2rad([10, 25])), rtol=1e-6)
    assert lists.rows.dtype == np.int32
    assert lists.scores.dtype == np.float32


def test_products_without_a_picture_have_and_are_no_neighbours():
    vectors = on_a_circle(0, 10, 25, 90)
    vectors[1] = 0
    steps = []
    lists = visual_neighbours(vectors, k=3, progress=lambda *step: steps.append(step))
    assert_array_equal(lists.rows, [[2, 3, -1], [-1, -1, -1], [0, 3, -1], [2, 0, -1]])
    assert_array_equal(lists.scores[1], np.zeros(3))
    assert steps == [(3, 3)]


def test_no_pictures_and_no_products():
    assert_array_equal(visual_neighbours(np.zeros((2, 3), np.float32), 2).rows, np.full((2, 2), -1))
    assert visual_neighbours(np.zeros((0, 3), np.float32), 2).rows.shape == (0, 2)


def test_factors_are_compared_by_direction_not_length():
    items = on_a_circle(0, 10, 25, 90) * np.array([[1], [100], [3], [5]], np.float32)
    lists = item_item_neighbours(Factors(items, items.T @ items, 0.1), k=2)
    assert_array_equal(lists.rows, visual_neighbours(unit_rows(items), 2).rows)
    assert_array_equal(lists.rows[0], [1, 2])


def test_item_item_rows_are_read_best_first_without_self_and_negatives():
    artefact = ItemItem(
        np.array([0, 4, 4, 6], np.int64),
        np.array([0, 1, 2, 3, 0, 1], np.int32),
        np.array([9, 2, 5, -1, 1, 1], np.float32),
    )
    steps = []
    lists = item_item_neighbours(artefact, k=2, progress=lambda *step: steps.append(step))
    assert_array_equal(lists.rows, [[2, 1], [-1, -1], [0, 1]])
    assert_array_equal(lists.scores, [[5, 2], [0, 0], [1, 1]])
    assert steps == [(3, 3)]
