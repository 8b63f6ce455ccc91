"""Metrics: lists whose values are worked out by hand, and bounds on any list."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from numpy.testing import assert_allclose, assert_array_equal

from recommender.core import metrics
from recommender.core.metrics import bootstrap_interval, bootstrap_intervals, paired_interval

HITS = np.array([[1, 0, 1, 0], [0, 0, 0, 1], [0, 0, 0, 0]], bool)
RELEVANT = np.array([2, 5, 0])

hits_and_relevant = st.integers(1, 8).flatmap(
    lambda users: st.tuples(
        npst.arrays(bool, st.tuples(st.just(users), st.integers(0, 12))),
        npst.arrays(np.int64, users, elements=st.integers(0, 20)),
    )
)


def test_recall_divides_by_all_relevant_products():
    assert_allclose(metrics.recall_at(HITS, RELEVANT, 4), [1.0, 0.2, 0.0])
    assert_allclose(metrics.recall_at(HITS, RELEVANT, 2), [0.5, 0.0, 0.0])


def test_precision_divides_by_k_even_for_short_lists():
    assert_allclose(metrics.precision_at(HITS, 4), [0.5, 0.25, 0.0])
    assert_allclose(metrics.precision_at(HITS, 8), [0.25, 0.125, 0.0])


def test_ndcg_is_ideal_over_the_smaller_of_k_and_relevant():
    ideal_of_two = 1 + 1 / np.log2(3)
    ideal_of_four = ideal_of_two + 1 / np.log2(4) + 1 / np.log2(5)
    expected = [(1 + 1 / np.log2(4)) / ideal_of_two, (1 / np.log2(5)) / ideal_of_four, 0.0]

    assert_allclose(metrics.ndcg_at(HITS, RELEVANT, 4), expected)


def test_lists_shorter_than_k_count_as_misses():
    assert_allclose(metrics.ndcg_at(HITS[:1, :1], RELEVANT[:1], 10), [1 / (1 + 1 / np.log2(3))])
    assert_allclose(metrics.recall_at(HITS[:1, :1], RELEVANT[:1], 10), [0.5])


def test_mrr_is_one_over_the_first_place():
    assert_allclose(metrics.mrr(HITS), [1.0, 0.25, 0.0])
    assert_array_equal(metrics.mrr(HITS[:, :0]), [0, 0, 0])


def test_coverage_and_exposure_skip_padding():
    rows = np.array([[0, 1], [1, -1]], np.int32)
    assert_array_equal(metrics.exposure(rows, 4), [1, 2, 0, 0])
    assert metrics.coverage(rows, 4) == 0.5
    assert metrics.coverage(rows[:0], 0) == 0.0


def test_gini_of_equal_and_of_one():
    assert metrics.gini(np.array([3, 3, 3])) == pytest.approx(0.0)
    assert metrics.gini(np.array([0, 0, 0, 7])) == pytest.approx(0.75)
    assert metrics.gini(np.array([1, 3])) == pytest.approx(0.25)
    assert metrics.gini(np.zeros(3)) == 0.0


def test_exposure_share_of_a_group():
    rows = np.array([[0, 1, 2], [2, 2, -1]], np.int32)
    assert metrics.exposure_share(rows, np.array([False, False, True])) == pytest.approx(0.6)
    assert metrics.exposure_share(rows[:, :0], np.array([True])) == 0.0


def test_novelty_is_self_information_in_bits():
    events = np.array([2, 0, 0])  # with one event added: 3/5, 1/5, 1/5
    rows = np.array([[0, 1], [1, -1], [-1, -1]], np.int32)
    bits = -np.log2([0.6, 0.2])
    assert_allclose(metrics.novelty(rows, events), [bits.mean(), bits[1], 0.0])


def test_diversity_of_equal_and_of_orthogonal_vectors():
    vectors = np.array([[1, 0], [1, 0], [0, 1]], np.float32)
    rows = np.array([[0, 1, -1], [0, 2, -1], [0, 1, 2], [0, -1, -1]], np.int32)
    assert_allclose(metrics.intra_list_diversity(rows, vectors), [0, 1, 2 / 3, 0], atol=1e-12)


@given(hits_and_relevant, st.integers(1, 15))
def test_values_lie_between_zero_and_one(case, k):
    hits, relevant = case
    relevant = np.maximum(relevant, hits.sum(axis=1))
    for values in (metrics.recall_at(hits, relevant, k), metrics.ndcg_at(hits, relevant, k), metrics.mrr(hits)):
        assert values.dtype == np.float64
        assert values.shape == (hits.shape[0],)
        assert ((values >= 0) & (values <= 1 + 1e-12)).all()


@given(st.integers(1, 10), st.integers(1, 10))
def test_a_perfect_list_scores_one(n_relevant, k):
    hits = np.arange(12)[None] < n_relevant
    relevant = np.array([n_relevant])
    assert_allclose(metrics.ndcg_at(hits, relevant, k), 1.0)
    assert_allclose(metrics.recall_at(hits, relevant, k), min(k, n_relevant) / n_relevant)


@given(npst.arrays(np.int64, st.integers(1, 30), elements=st.integers(0, 1000)), st.randoms())
def test_gini_is_bounded_and_blind_to_order(shown, random):
    shuffled = shown.copy()
    random.shuffle(shuffled)
    value = metrics.gini(shown)
    assert -1e-12 <= value < 1
    assert metrics.gini(shuffled) == value


def test_the_interval_is_the_normal_one_for_many_users():
    values = np.random.default_rng(0).normal(3.0, 2.0, 4000)
    low, high = bootstrap_interval(values, seed=1)
    half = 1.96 * values.std() / np.sqrt(values.size)
    assert low == pytest.approx(values.mean() - half, abs=0.1 * half)
    assert high == pytest.approx(values.mean() + half, abs=0.1 * half)


def test_equal_seeds_give_equal_intervals():
    values = np.arange(50.0)
    assert bootstrap_interval(values, seed=3) == bootstrap_interval(values, seed=3)
    assert bootstrap_interval(values, seed=3) != bootstrap_interval(values, seed=4)


def test_constant_and_empty_samples():
    assert bootstrap_interval(np.full(9, 0.25), seed=0) == (0.25, 0.25)
    assert bootstrap_interval(np.zeros(0), seed=0) == (0.0, 0.0)


def test_pairing_finds_a_small_steady_difference():
    users = np.random.default_rng(0).random(300)
    low, high = paired_interval(users + 0.01, users, seed=0)
    assert low == pytest.approx(0.01)
    assert high == pytest.approx(0.01)


def test_pairs_must_be_of_the_same_users():
    with pytest.raises(ValueError, match="same users"):
        paired_interval(np.zeros(3), np.zeros(4), seed=0)


def test_intervals_of_several_metrics_are_those_of_each():
    values = np.random.default_rng(0).random((400, 2)) * [1, 10]
    together = bootstrap_intervals(values, seed=1)
    for column in range(2):
        alone = bootstrap_interval(values[:, column], seed=2)
        np.testing.assert_allclose(together[column], alone, rtol=0.02)
        assert together[column, 0] < values[:, column].mean() < together[column, 1]


def test_nobody_has_an_interval_of_zeros():
    assert bootstrap_intervals(np.zeros((0, 3)), seed=0).tolist() == [[0, 0]] * 3
