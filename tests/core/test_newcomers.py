"""Places for products without history."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.core.newcomers import FIRST, with_newcomers
from recommender.core.ranking import top_k

SCORES = np.linspace(1, 0, 200, dtype=np.float32)
UNPOPULAR = np.arange(200) >= 150


def test_every_fifth_place_after_the_first_goes_to_a_newcomer():
    places = with_newcomers(SCORES, UNPOPULAR, 60, 5)
    assert places[:FIRST].tolist() == list(range(FIRST))
    assert np.flatnonzero(UNPOPULAR[places]).tolist() == [24, 29, 34, 39, 44, 49, 54, 59]
    assert places[UNPOPULAR[places]].tolist() == list(range(150, 158))


@pytest.mark.parametrize(("k", "every"), [(20, 5), (60, 0), (5, 2)])
def test_short_lists_and_no_share_are_left_to_the_scores(k, every):
    assert with_newcomers(SCORES, UNPOPULAR, k, every).tolist() == top_k(SCORES, k).tolist()


def test_newcomers_that_earn_their_place_need_no_other():
    is_new = np.arange(200) % 2 == 0
    assert with_newcomers(SCORES, is_new, 60, 4).tolist() == list(range(60))


def test_what_must_not_be_shown_takes_no_newcomers_place():
    scores = SCORES.copy()
    scores[150:195] = -np.inf
    places = with_newcomers(scores, UNPOPULAR, 60, 5)
    assert [place for place in places.tolist() if UNPOPULAR[place]] == [195, 196, 197, 198, 199]


@given(st.integers(0, 120), st.integers(0, 9), st.integers(0, 3))
def test_a_list_holds_each_product_once_and_is_as_long_as_asked(k, every, seed):
    rng = np.random.default_rng(seed)
    scores, is_new = rng.random(100, dtype=np.float32), rng.random(100) < 0.3
    places = with_newcomers(scores, is_new, k, every)
    assert len(set(places.tolist())) == places.size == min(k, 100)
