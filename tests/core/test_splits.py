"""What is held out: the right share, the right end of time, and always the same for a seed."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recommender.core.splits import hold_out_latest, hold_out_latest_per_user, hold_out_random_per_user

shares = st.floats(0.05, 0.5)
owners = st.lists(st.integers(0, 6), max_size=60).map(lambda users: np.array(users, np.int32))


def test_the_latest_fifth_is_held_out():
    held = hold_out_latest(np.array([5, 1, 2, 3, 4, 10, 9, 8, 7, 6.0]), 0.2)
    assert held.tolist() == [False, False, False, False, False, True, True, False, False, False]


@given(st.lists(st.floats(0, 100), max_size=50), shares)
def test_nothing_held_out_is_as_early_as_what_is_learned_from(times, share):
    times = np.array(times)
    held = hold_out_latest(times, share)
    if held.any():
        assert times[held].min() > times[~held].max()


def test_one_moment_cannot_be_split():
    assert not hold_out_latest(np.full(10, 3.0), 0.2).any()
    assert hold_out_latest(np.zeros(0), 0.2).shape == (0,)


def test_a_crowded_last_moment_is_held_out_as_a_whole():
    assert hold_out_latest(np.array([1, 2, 9, 9, 9.0]), 0.2).tolist() == [False, False, True, True, True]


@given(owners, shares, st.integers(0, 5))
def test_each_user_keeps_some_and_gives_some(users, share, seed):
    held = hold_out_random_per_user(users, share, seed)
    for user in np.unique(users):
        n = (users == user).sum()
        given_up = held[users == user].sum()
        assert given_up == (0 if n < 2 else np.clip(np.rint(share * n), 1, n - 1))
    np.testing.assert_array_equal(held, hold_out_random_per_user(users, share, seed))


def test_other_seeds_hold_out_others():
    users = np.zeros(100, np.int32)
    first, second = (hold_out_random_per_user(users, 0.3, seed) for seed in (0, 1))
    assert (first != second).any()


def test_each_users_latest_are_held_out():
    users = np.array([0, 1, 0, 1, 0, 1], np.int32)
    times = np.array([3.0, 1, 2, 5, 1, 2])
    assert hold_out_latest_per_user(users, times, 0.3).tolist() == [True, False, False, True, False, False]
