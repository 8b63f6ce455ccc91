"""The order of places: by hand on a few products, and what must hold on any."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from recommender.core.shelf import UNKNOWN, Variety, arrange, vary
from recommender.core.vectors import unit_rows

PLAIN = Variety(trade_off=1.0, brand_share=1.0, same_picture=1.0, pool=48)
#                    family, category, brand
GROUPS = np.array([[1, 7, 1], [1, 7, 1], [2, 8, 1], [3, 7, 2], [UNKNOWN, UNKNOWN, 2], [UNKNOWN, 8, 3]], np.int64)


def test_one_a_family_the_first_of_each():
    assert_array_equal(arrange(GROUPS).order, [0, 2, 3, 4, 5])


def test_families_that_have_a_place_get_no_other():
    assert_array_equal(arrange(GROUPS, families={1, 3}).order, [2, 4, 5])


def test_the_wanted_category_comes_first_and_an_unknown_one_may_be_it():
    places = arrange(GROUPS, category=7)
    assert_array_equal(places.order, [0, 3, 4, 2, 5])
    assert places.n_wanted == 3


def test_only_the_candidates_are_arranged():
    assert_array_equal(arrange(GROUPS, candidates=np.array([1, 2, 3])).order, [1, 2, 3])
    assert arrange(GROUPS[:0]).order.size == 0


def test_without_variety_the_given_order_stays():
    scores = np.array([0.9, 0.1, 0.5, 0.4], np.float32)  # the second is a newcomer that was given its place
    assert_array_equal(vary(scores, None, np.zeros(4, np.int64), 4, PLAIN), [0, 1, 2, 3])


def test_a_brand_waits_beyond_its_share():
    scores = np.linspace(0.9, 0.4, 6, dtype=np.float32)
    brands = np.array([1, 1, 1, 2, 3, UNKNOWN])
    assert_array_equal(vary(scores, None, brands, 4, PLAIN._replace(brand_share=0.5)), [0, 1, 3, 4, 5, 2])


def test_the_same_picture_waits_behind_all_others():
    scores = np.linspace(0.9, 0.6, 4, dtype=np.float32)
    vectors = np.array([[1, 0], [1, 0], [0, 1], [0, 0]], np.float32)
    brands = np.full(4, UNKNOWN)
    assert_array_equal(vary(scores, vectors, brands, 4, PLAIN._replace(same_picture=0.995)), [0, 2, 3, 1])
    assert_array_equal(vary(scores, vectors, brands, 4, PLAIN), [0, 1, 2, 3])


def test_the_unlike_is_preferred_when_scores_are_close():
    scores = np.array([0.9, 0.88, 0.8], np.float32)
    vectors = np.array([[1, 0], [1, 0], [0, 1]], np.float32)
    assert_array_equal(vary(scores, vectors, np.full(3, UNKNOWN), 2, PLAIN._replace(trade_off=0.5)), [0, 2, 1])


@given(st.integers(0, 30), st.integers(1, 12), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.integers(0, 99))
def test_variety_is_a_permutation_and_keeps_the_best_first(m, k, trade_off, share, same, seed):
    rng = np.random.default_rng(seed)
    scores = np.sort(rng.random(m).astype(np.float32))[::-1]
    vectors = unit_rows(rng.normal(size=(m, 3)).astype(np.float32))
    order = vary(scores, vectors, rng.integers(-1, 3, m), k, Variety(trade_off, share, same, 48))
    assert sorted(order.tolist()) == list(range(m))
    assert not m or trade_off == 0 or order[0] == 0


@given(st.integers(4, 30), st.integers(1, 12), st.integers(0, 99))
@pytest.mark.parametrize("share", [0.25, 0.5])
def test_no_brand_has_more_than_its_share_while_others_fit(share, m, k, seed):
    rng = np.random.default_rng(seed)
    brands = rng.integers(0, 4, m)
    scores = np.sort(rng.random(m).astype(np.float32))[::-1]
    cap = max(1, int(np.ceil(share * k)))
    first = brands[vary(scores, None, brands, k, PLAIN._replace(brand_share=share))[:k]]
    room = sum(min(cap, count) for count in np.bincount(brands))
    if room >= k:
        assert np.bincount(first).max() <= cap
