"""Neighbour lists with answers known by construction."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from recommender.core import neighbours
from recommender.core.neighbours import item_item_neighbours, updated_neighbours, visual_neighbours
from recommender.core.types import Factors, ItemItem
from recommender.core.vectors import exact_top_k, unit_rows


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


def drawn(rng, n):
    """Vectors of small integers: their products are exact in float32, in any order of summation, and often tie."""
    return rng.integers(-2, 3, (n, 4)).astype(np.float32)


@given(
    seed=st.integers(0, 10**6),
    n=st.integers(1, 40),
    k=st.integers(1, 8),
    gone=st.integers(0, 4),
    changed=st.integers(0, 3),
    came=st.integers(0, 4),
    share=st.sampled_from([0.3, np.inf]),
)
@settings(max_examples=200)
def test_updating_lists_gives_what_making_all_anew_gives(seed, n, k, gone, changed, came, share):
    rng = np.random.default_rng(seed)
    before = drawn(rng, n)
    kept = np.sort(rng.permutation(n)[gone:])
    origin = np.sort(np.concatenate([kept, rng.integers(-1, n + 1, came)]))  # places of the new among the kept
    origin = np.array([row if row in set(kept) else -1 for row in origin], np.int32)
    origin[np.flatnonzero(np.diff(origin, prepend=-2) == 0)] = -1
    origin[rng.permutation(len(origin))[:changed]] = -1
    vectors = np.where((origin >= 0)[:, None], before[origin], drawn(rng, len(origin)))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(neighbours, "_FEW", share)
        updated = updated_neighbours(vectors, k, visual_neighbours(before, k), origin)
    anew = visual_neighbours(vectors, k)
    assert_array_equal(updated.rows, anew.rows)
    assert_array_equal(updated.scores, anew.scores)


def test_updating_makes_few_lists_anew(monkeypatch):
    """With 1 % of the products new, no list of the others is made from nothing."""
    vectors = unit_rows(np.random.default_rng(0).normal(size=(1000, 16)).astype(np.float32))
    origin = np.where(np.arange(1000) % 100 == 7, -1, np.cumsum(np.arange(1000) % 100 != 7) - 1).astype(np.int32)
    before = visual_neighbours(vectors[origin >= 0], 20)
    searched = []

    def watched(queries, *arguments, **options):
        searched.append(len(queries))
        return exact_top_k(queries, *arguments, **options)

    monkeypatch.setattr(neighbours, "exact_top_k", watched)
    updated = updated_neighbours(vectors, 20, before, origin)
    assert searched == [10]
    assert_array_equal(updated.rows, visual_neighbours(vectors, 20).rows)


def test_updating_needs_lists_of_the_same_length():
    vectors = on_a_circle(0, 10, 25, 90)
    lists = updated_neighbours(vectors, 3, visual_neighbours(vectors, 2), np.arange(4, dtype=np.int32))
    assert_array_equal(lists.rows, visual_neighbours(vectors, 3).rows)
