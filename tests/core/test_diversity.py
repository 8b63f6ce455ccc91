"""Diversity: chosen by hand on a few products, and what must hold on any."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from numpy.testing import assert_array_equal

from recommender.core.diversity import cap_groups, mmr, without_duplicates
from recommender.core.vectors import unit_rows

TWINS = np.array([[1, 0], [1, 0], [0, 1], [0, 0]], np.float32)


def cosines(vectors):
    return vectors @ vectors.T


def test_mmr_prefers_the_unlike_when_scores_are_close():
    scores = np.array([0.9, 0.88, 0.8, 0.1], np.float32)
    assert_array_equal(mmr(scores, cosines(TWINS), 3, trade_off=0.5), [0, 2, 3])
    assert_array_equal(mmr(scores, cosines(TWINS), 3, trade_off=0.9), [0, 2, 1])


@given(npst.arrays(np.float32, st.integers(0, 20), elements=st.sampled_from([0.0, 0.5, 1.0])), st.integers(0, 25))
def test_mmr_without_diversity_is_the_order_of_scores(scores, k):
    alike = np.ones((scores.size, scores.size), np.float32)
    assert_array_equal(mmr(scores, alike, k, trade_off=1.0), np.argsort(-scores, kind="stable")[:k])


@given(st.integers(1, 30), st.integers(1, 30), st.floats(0, 1), st.integers(0, 1000))
def test_mmr_chooses_each_once_and_equals_its_definition(m, k, trade_off, seed):
    rng = np.random.default_rng(seed)
    scores = rng.random(m).astype(np.float32)
    vectors = unit_rows(rng.normal(size=(m, 4)).astype(np.float32))
    chosen = mmr(scores, cosines(vectors), k, trade_off=trade_off)
    assert len(set(chosen.tolist())) == min(m, k)
    for place in range(1, chosen.size):
        earlier = chosen[:place]
        values = trade_off * scores - (1 - trade_off) * (vectors @ vectors[earlier].T).max(axis=1)
        values[earlier] = -np.inf
        assert values[chosen[place]] == pytest.approx(values.max(), abs=1e-5)


def test_caps_defer_and_do_not_drop():
    groups = np.array([[1, 7], [1, 8], [1, 9], [2, 7], [-1, 7], [-1, -1], [-1, -1]], np.int32)
    within, beyond = cap_groups(groups, [2, 1])
    assert_array_equal(within, [0, 1, 5, 6])
    assert_array_equal(beyond, [2, 3, 4])
    within, beyond = cap_groups(groups[:, :1], [2])
    assert_array_equal(within, [0, 1, 3, 4, 5, 6])
    assert_array_equal(beyond, [2])
    assert [part.size for part in cap_groups(np.zeros((0, 2), np.int32), [1, 1])] == [0, 0]


@given(npst.arrays(np.int32, st.tuples(st.integers(0, 20), st.just(2)), elements=st.integers(-1, 3)), st.integers(1, 4))
def test_capping_is_a_permutation(groups, cap):
    within, beyond = cap_groups(groups, [cap, cap])
    assert sorted([*within.tolist(), *beyond.tolist()]) == list(range(len(groups)))


def test_duplicates_go_and_products_without_a_picture_stay():
    vectors = TWINS[[0, 1, 3, 2, 3, 0]]
    assert_array_equal(without_duplicates(cosines(vectors)), [0, 2, 3, 4])


def test_a_chain_of_near_duplicates_keeps_what_is_far_from_all_that_stay():
    angles = np.deg2rad([0, 4, 8])
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)
    assert_array_equal(without_duplicates(cosines(vectors), threshold=np.cos(np.deg2rad(5))), [0, 2])
