"""Monotone regression: it finds a rising mean, pools a falling one, and promises nothing without data."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from numpy.testing import assert_allclose, assert_array_equal

from recommender.core.expectation import N_BINS, fit_expectation


def test_a_rising_mean_is_found_under_noise():
    rng = np.random.default_rng(0)
    x = rng.random(20_000).astype(np.float32)
    y = (rng.random(20_000) < x).astype(np.float32)
    fitted = fit_expectation(x, y, np.ones(20_000))
    assert fitted.knots.size <= N_BINS
    assert_allclose(fitted.apply(np.array([0.1, 0.5, 0.9])), [0.1, 0.5, 0.9], atol=0.05)


def test_a_falling_outcome_pools_to_its_mean():
    x = np.linspace(-1, 1, 100).astype(np.float32)
    fitted = fit_expectation(x, (1 - x) / 2, np.ones(100))
    assert_allclose(fitted.apply(x), 0.5, atol=1e-6)
    assert fitted.mean == pytest.approx(0.5)


def test_weights_count():
    fitted = fit_expectation(np.zeros(2, np.float32), np.array([0, 1], np.float32), np.array([3, 1]))
    assert_allclose(fitted.apply(np.zeros(1)), [0.25])


@pytest.mark.parametrize("predictor", [np.zeros(0, np.float32), np.full(3, np.nan, np.float32)])
def test_without_data_nothing_is_expected(predictor):
    fitted = fit_expectation(predictor, np.ones(predictor.size, np.float32), np.ones(predictor.size))
    assert_array_equal(fitted.apply(np.array([-1.0, 2.0])), [0, 0])


@given(
    st.integers(1, 200).flatmap(
        lambda m: st.tuples(
            npst.arrays(np.float32, m, elements=st.floats(-1, 1, width=32)),
            npst.arrays(np.float32, m, elements=st.floats(0, 1, width=32)),
            npst.arrays(np.float32, m, elements=st.sampled_from([0.5, 1, 7])),
        )
    )
)
def test_the_expectation_never_falls_and_keeps_the_range_of_outcomes(case):
    predictor, outcome, weights = case
    fitted = fit_expectation(predictor, outcome, weights)
    images = fitted.apply(np.linspace(-1, 1, 50))
    assert (np.diff(images) >= 0).all()
    assert images.min() >= outcome.min() - 1e-5
    assert images.max() <= outcome.max() + 1e-5
