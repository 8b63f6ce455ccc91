"""The hybrid score: worked examples, and the properties that make it fair to new products."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from numpy.testing import assert_allclose, assert_array_equal

from recommender.core.blend import blend, blend_parts, certainty, normalise_weights, shrink

unit = st.floats(0, 1, width=32)
counts = st.one_of(st.just(0.0), st.just(np.inf), st.floats(0, 2.0**66, width=32))


@st.composite
def blends(draw, elements=unit):
    s, n = draw(st.integers(1, 5)), draw(st.integers(1, 8))
    raw = np.array(draw(st.lists(st.integers(0, 9), min_size=s, max_size=s))) + 1e-3
    return (
        draw(npst.arrays(np.float32, (s, n), elements=elements)),
        draw(npst.arrays(np.float32, (s, n), elements=counts)),
        draw(npst.arrays(np.float32, (s, n), elements=unit)),
        (raw / raw.sum()).astype(np.float32),
        np.array(draw(st.lists(st.sampled_from([0.5, 1, 20, 100]), min_size=s, max_size=s)), np.float32),
    )


def test_worked_example():
    score = blend(
        evidence=np.array([[0.9, 0.4], [0.8, np.nan]], np.float32),
        counts=np.array([[np.inf, np.inf], [60, 0]], np.float32),
        prior=np.array([[0.1, 0.1], [0.2, 0.3]], np.float32),
        weights=np.array([0.5, 0.5]),
        strength=np.array([1.0, 20.0]),
    )
    # a picture is certain; 60 events against 20: 3/4 of the evidence, 1/4 of the prior; no event: the prior
    assert score.dtype == np.float32
    assert_allclose(score, [0.5 * 0.9 + 0.5 * 0.65, 0.5 * 0.4 + 0.5 * 0.3], rtol=1e-6)


def test_behaviour_weighs_more_the_more_events_there_are():
    events = np.array([[0, 5, 20, 80, 1e9, np.inf]])
    assert_allclose(certainty(events, np.array([20.0])), [[0, 0.2, 0.5, 0.8, 1, 1]], rtol=1e-6)


def test_zero_strength_trusts_any_evidence_and_still_needs_some():
    assert_array_equal(certainty(np.array([[0.0, 0.1, np.inf]]), np.array([0.0])), [[0, 1, 1]])


def test_a_prior_per_signal_is_broadcast():
    shrunk = shrink(np.full((2, 3), 0.5), np.zeros((2, 3)), np.array([[0.2], [0.7]]), np.ones(2))
    assert_allclose(shrunk, [[0.2] * 3, [0.7] * 3], rtol=1e-6)


@pytest.mark.parametrize("count", [0.0, 5.0, np.inf, np.nan, -3.0])
def test_nan_evidence_is_missing_whatever_its_count(count):
    shrunk = shrink(np.array([[np.nan]]), np.array([[count]]), np.array([[0.3]]), np.array([1.0]))
    assert_allclose(shrunk, [[0.3]], rtol=1e-6)


def test_negative_and_nan_counts_are_no_evidence_and_a_nan_prior_is_zero():
    shrunk = shrink(np.ones((1, 3)), np.array([[-1, np.nan, 0]]), np.array([[0.3, 0.3, np.nan]]), np.array([1.0]))
    assert_allclose(shrunk, [[0.3, 0.3, 0.0]], rtol=1e-6)


def test_weights_are_normalised_over_the_signals_present():
    weights = {"visual": 0.45, "collaborative": 0.45, "attributes": 0.1}
    assert_allclose(normalise_weights(weights, ["collaborative", "attributes"]), [9 / 11, 2 / 11], rtol=1e-6)
    assert_allclose(normalise_weights(weights, ["trend", "affinity"]), [0.5, 0.5])
    assert normalise_weights(weights, []).shape == (0,)


@given(blends())
def test_the_score_lies_between_its_shrunk_signals_and_in_the_unit_interval(case):
    evidence, n, prior, _, strength = case
    shrunk = shrink(evidence, n, prior, strength)
    score = blend(*case)
    assert score.dtype == np.float32
    assert (score >= shrunk.min(axis=0) - 1e-6).all()
    assert (score <= shrunk.max(axis=0) + 1e-6).all()
    assert ((score >= 0) & (score <= 1)).all()


@given(blends())
def test_a_shrunk_signal_lies_between_evidence_and_prior(case):
    evidence, n, prior, _, strength = case
    shrunk = shrink(evidence, n, prior, strength)
    assert (shrunk >= np.minimum(evidence, prior) - 1e-6).all()
    assert (shrunk <= np.maximum(evidence, prior) + 1e-6).all()


@given(blends(elements=st.one_of(unit, st.just(np.nan))))
def test_parts_sum_to_the_score_and_nothing_is_nan(case):
    parts, score = blend_parts(*case), blend(*case)
    assert parts.dtype == np.float32
    assert parts.shape == case[0].shape
    assert np.isfinite(parts).all()
    assert_allclose(parts.sum(axis=0, dtype=np.float64), score, atol=1e-6)


@given(blends(), st.randoms())
def test_permuting_products_permutes_scores(case, random):
    evidence, n, prior, weights, strength = case
    order = np.arange(evidence.shape[1])
    random.shuffle(order)
    permuted = blend(evidence[:, order], n[:, order], prior[:, order], weights, strength)
    assert_array_equal(permuted, blend(*case)[order])


@given(blends())
def test_missing_evidence_equals_the_prior(case):
    evidence, n, prior, weights, strength = case
    nothing = np.zeros_like(n)
    at_prior = blend(prior, np.full_like(n, np.inf), prior, weights, strength)
    assert_allclose(blend(evidence, nothing, prior, weights, strength), at_prior, atol=1e-6)


@given(blends(), unit, st.floats(0.01, 0.9), st.sampled_from([0.0, 3.0, np.inf]))
def test_adding_a_signal_equal_to_its_prior_for_all_changes_no_order(case, prior_value, weight, count):
    evidence, n, prior, weights, strength = case
    same = np.full((1, evidence.shape[1]), prior_value, np.float32)
    before = blend(*case)
    after = blend(
        np.vstack([evidence, same]),
        np.vstack([n, np.full_like(same, count)]),
        np.vstack([prior, same]),
        np.append(weights * (1 - weight), weight),
        np.append(strength, 1.0),
    )
    apart = before[:, None] > before[None, :] + 1e-5
    assert (after[:, None] > after[None, :])[apart].all()
