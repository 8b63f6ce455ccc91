"""Event weights: worked examples of each rule, and what no input may break."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from recommender.core.weighting import event_weights, interaction_weights, popularity, visitor_weights


def weigh(*events, n=4, half_life_days=90.0, **options):
    """Events are (user, row, kind weight, age, quantity)."""
    columns = list(zip(*events, strict=True)) if events else [()] * 5
    types = (np.int32, np.int32, np.float32, np.float32, np.float32)
    arrays = [np.array(column, dtype) for column, dtype in zip(columns, types, strict=True)]
    return interaction_weights(*arrays, n=n, half_life_days=half_life_days, **options)


def test_kind_times_decay_times_quantity():
    weighted = weigh((0, 1, 5, 0, 1), (0, 2, 5, 90, 1), (1, 1, 1, 180, np.e), (1, 3, 1, 0, 1000))

    assert_array_equal(weighted.users, [0, 0, 1, 1])
    assert_array_equal(weighted.rows, [1, 2, 1, 3])
    assert_allclose(weighted.weights, [5, 2.5, 0.25 * 2, 3], rtol=1e-6)
    assert weighted.weights.dtype == np.float32
    assert_array_equal(weighted.events, [0, 2, 1, 1])
    assert_allclose(popularity(weighted), [0, 5.5, 2.5, 3], rtol=1e-6)


def test_the_latest_repeat_counts_in_full_and_the_nth_an_nth():
    weighted = weigh((0, 0, 1, 90, 1), (0, 0, 1, 0, 1), (0, 0, 1, 180, 1))
    assert_allclose(weighted.weights, [1 + 0.5 / 2 + 0.25 / 3], rtol=1e-6)
    assert_array_equal(weighted.events, [1, 0, 0, 0])


def test_different_kinds_do_not_damp_each_other():
    assert_allclose(weigh((0, 0, 1, 0, 1), (0, 0, 5, 0, 1)).weights, [6])


@pytest.mark.parametrize("refund", [(0, 0, -5, 0, 1), (0, 0, 5, 0, -1), (0, 0, -5, 0, -1)])
def test_a_refund_takes_its_purchase_back(refund):
    weighted = weigh((0, 0, 5, 0, 1), refund, (0, 1, 1, 0, 1))
    assert_array_equal(weighted.rows, [1])
    assert_array_equal(weighted.events, [0, 1, 0, 0])


def test_a_robot_is_capped_and_keeps_its_proportions():
    weighted = weigh((0, 0, 30, 0, 1), (0, 1, 10, 0, 1), (1, 1, 5, 0, 1), visitor_cap=20.0)
    assert_allclose(weighted.weights, [15, 5, 5], rtol=1e-6)


def test_future_unknown_and_infinite_values():
    nan, inf = np.nan, np.inf
    weighted = weigh((0, 0, 2, -30, 1), (0, 1, 2, nan, 1), (0, 2, nan, 0, 1), (0, 3, 2, 0, nan), (1, 0, 2, inf, 1))
    assert_array_equal(weighted.rows, [0, 3])
    assert_allclose(weighted.weights, [2, 2])


def test_no_decay_with_an_infinite_half_life():
    assert_allclose(weigh((0, 0, 2, 10_000, 1), half_life_days=np.inf).weights, [2])


def test_nothing_and_zero_quantities_weigh_nothing():
    assert weigh().weights.shape == (0,)
    assert_array_equal(weigh().events, np.zeros(4))
    assert weigh((0, 0, 1, 0, 0)).weights.shape == (0,)


def test_one_visitor_is_weighed_as_in_the_matrix():
    rows, weights = visitor_weights(
        np.array([7, 2, 7], np.int32), np.array([1, 5, -9]), np.array([0, 90, 0]), np.ones(3), 90.0
    )
    assert_array_equal(rows, [2])
    assert_allclose(weights, [2.5])
    rows, weights = visitor_weights(np.zeros(0, np.int32), np.zeros(0), np.zeros(0), np.zeros(0), 90.0)
    assert rows.dtype == np.int32
    assert weights.dtype == np.float32


events = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.integers(0, 3),
        st.sampled_from([1.0, 3.0, 5.0, -5.0, np.nan]),
        st.floats(width=32),
        st.floats(width=32),
    ),
    max_size=30,
)


@given(events)
def test_weights_are_positive_finite_unique_and_capped(given_events):
    weighted = weigh(*given_events, visitor_cap=50.0)
    assert np.isfinite(weighted.weights).all()
    assert (weighted.weights > 0).all()
    assert (np.bincount(weighted.users, weights=weighted.weights, minlength=4) <= 50.001).all()
    pairs = list(zip(weighted.users.tolist(), weighted.rows.tolist(), strict=True))
    assert pairs == sorted(set(pairs))
    assert_array_equal(weighted.events, np.bincount(weighted.rows, minlength=4))


@given(events, st.randoms())
def test_the_order_of_events_does_not_matter(given_events, random):
    shuffled = list(given_events)
    random.shuffle(shuffled)
    first, second = weigh(*given_events), weigh(*shuffled)
    assert_array_equal(first.rows, second.rows)
    assert_allclose(first.weights, second.weights, rtol=1e-5)


@given(st.floats(0, 400), st.floats(0, 400))
def test_newer_events_never_weigh_less(first, second):
    newer, older = sorted((first, second))
    user = np.zeros(1, np.int32)
    worth = [
        event_weights(user, user, np.ones(1), np.array([age]), np.ones(1), half_life_days=30.0)[0]
        for age in (newer, older)
    ]
    assert worth[0] >= worth[1]
