"""Top-k: equal to a full stable sort, whatever the ties."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from numpy.testing import assert_array_equal

from recommender.core.ranking import top_k, top_k_rows

tied = st.sampled_from([-np.inf, -1.0, 0.0, -0.0, 0.25, 0.5, 1.0])


def test_ties_go_to_the_lower_position():
    assert_array_equal(top_k(np.array([1, 3, 2, 3, 3], np.float32), 3), [1, 3, 4])
    assert_array_equal(top_k(np.array([2, 3, 2, 2], np.float32), 2), [1, 0])


def test_nan_comes_last_and_short_input_gives_a_short_list():
    assert_array_equal(top_k(np.array([np.nan, -5, 1], np.float32), 9), [2, 1, 0])
    assert_array_equal(top_k(np.zeros(3), 0), [])
    assert_array_equal(top_k(np.zeros(0), 4), [])


@given(npst.arrays(np.float32, st.integers(1, 50), elements=tied), st.integers(1, 60))
def test_top_k_is_the_head_of_a_stable_sort(scores, k):
    assert_array_equal(top_k(scores, k), np.argsort(-scores, kind="stable")[:k])


@given(
    st.integers(1, 700).flatmap(
        lambda n: npst.arrays(np.float32, st.tuples(st.integers(1, 4), st.just(n)), elements=tied)
    ),
    st.integers(1, 12),
)
def test_grouped_top_k_is_exact_under_ties(scores, k):
    k = min(k, scores.shape[1])
    assert_array_equal(top_k_rows(scores, k), np.argsort(-scores, axis=1, kind="stable")[:, :k])


@pytest.mark.parametrize("n", [64 * 80, 64 * 80 + 17])
@pytest.mark.parametrize("levels", [5, 1000, 10**7])
def test_grouped_top_k_of_long_rows(n, levels):
    scores = (np.random.default_rng(0).integers(0, levels, (6, n)) / 8).astype(np.float32)
    assert_array_equal(top_k_rows(scores, 10), np.argsort(-scores, axis=1, kind="stable")[:, :10])
