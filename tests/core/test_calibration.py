"""Calibration: known answers on small samples, and its properties on any."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from numpy.testing import assert_allclose, assert_array_equal

from recommender.core.calibration import N_KNOTS, Calibration, fit_calibration

samples = npst.arrays(np.float32, st.integers(0, 60), elements=st.floats(width=32, allow_nan=True, allow_infinity=True))
values = npst.arrays(np.float32, st.integers(1, 40), elements=st.floats(width=32, allow_nan=True, allow_infinity=True))
scales = st.sampled_from(["percentile", "surprisal"])


def test_percentile_of_four_values_counts_a_tie_half():
    calibration = fit_calibration(np.array([1, 2, 2, 4], np.float32))

    # q = (above + half of equal + 1/2) / (N + 1) = 4/5, 2.5/5, 1/5
    assert_allclose(calibration.apply(np.array([1, 2, 4])), [0.2, 0.5, 0.8], rtol=1e-6)
    assert_allclose(calibration.apply(np.array([0, 3, 9])), [0.2, 0.65, 0.8], rtol=1e-6)
    assert calibration.mean == pytest.approx(0.5)


def test_surprisal_is_the_logarithm_of_the_survival():
    calibration = fit_calibration(np.arange(99, dtype=np.float32), scale="surprisal")

    expected = np.log((np.arange(99, 0, -1)) / 100) / np.log(1 / 100)
    assert_allclose(calibration.apply(np.arange(99)), expected, rtol=1e-5)
    assert calibration.apply(np.array([98.0]))[0] == 1.0


def test_surprisal_tells_apart_what_the_percentile_saturates():
    sample = np.random.default_rng(0).random(200_000, dtype=np.float32)
    top = np.array([0.9999, 0.99999], np.float32)

    assert np.diff(fit_calibration(sample).apply(top))[0] < 0.001
    assert np.diff(fit_calibration(sample, scale="surprisal").apply(top))[0] > 0.1


@pytest.mark.parametrize("scale", ["percentile", "surprisal"])
def test_both_scales_give_the_exact_quantiles_of_a_large_sample(scale):
    sample = np.random.default_rng(1).normal(size=100_000).astype(np.float32)
    calibration = fit_calibration(sample, scale=scale)
    probes = np.array([-2, -1, 0, 1, 2, 3], np.float32)
    survival = (np.array([(sample > probe).sum() for probe in probes]) + 0.5) / (sample.size + 1)

    exact = 1 - survival if scale == "percentile" else np.log(survival) / -np.log(sample.size + 1)
    assert calibration.knots.size <= N_KNOTS
    assert_allclose(calibration.apply(probes), exact, atol=0.004)


def test_weights_stand_for_repeated_values():
    repeated = fit_calibration(np.array([0, 0, 0, 0, 1, 2], np.float32))
    weighted = fit_calibration(np.array([0, 1, 2], np.float32), weights=np.array([4, 1, 1]))

    assert_array_equal(weighted.values, repeated.values)
    assert weighted.mean == repeated.mean


def test_upper_is_told_from_the_maximum_of_the_sample():
    calibration = fit_calibration(np.linspace(0, 0.8, 1000, dtype=np.float32), scale="surprisal", upper=1.0)

    images = calibration.apply(np.array([0.8, 0.9, 1.0, 1.1]))
    assert_allclose(images, [np.log(1001) / np.log(2002), (1 + np.log(1001) / np.log(2002)) / 2, 1, 1], rtol=1e-5)


@pytest.mark.parametrize("scale", ["percentile", "surprisal"])
@pytest.mark.parametrize("sample", [[], [np.nan, np.nan], [np.inf]])
def test_no_finite_value_maps_everything_to_zero(sample, scale):
    calibration = fit_calibration(np.array(sample, np.float32), scale=scale)
    assert_array_equal(calibration.apply(np.array([-1, 0, np.nan, 5])), np.zeros(4, np.float32))
    assert calibration.mean == 0.0


@pytest.mark.parametrize(("scale", "value"), [("percentile", 0.5), ("surprisal", np.log(2) / np.log(8))])
def test_a_constant_sample_maps_everything_to_one_value(scale, value):
    calibration = fit_calibration(np.full(7, 3.0, np.float32), scale=scale)
    assert_allclose(calibration.apply(np.array([-1, 3, 5])), np.full(3, value), rtol=1e-6)


def test_nan_gives_zero():
    calibration = fit_calibration(np.array([1, 2], np.float32))
    assert_array_equal(calibration.apply(np.array([np.nan], np.float32)), [0.0])


@given(samples, values, scales)
def test_images_are_float32_in_the_unit_interval_and_monotone(sample, raw, scale):
    calibration = fit_calibration(sample, scale=scale)
    images = calibration.apply(raw)

    assert images.dtype == np.float32
    assert images.shape == raw.shape
    assert ((images >= 0) & (images <= 1)).all()
    known = np.sort(raw[~np.isnan(raw)])
    assert (np.diff(calibration.apply(known)) >= 0).all()


@given(samples, scales)
def test_distinct_values_of_a_small_sample_keep_distinct_images(sample, scale):
    finite = np.unique(sample[np.isfinite(sample)])
    assert (np.diff(fit_calibration(sample, scale=scale).apply(finite)) > 0).all()


@given(samples, scales, st.randoms())
def test_the_order_of_the_sample_does_not_matter(sample, scale, random):
    shuffled = sample.copy()
    random.shuffle(shuffled)
    first, second = fit_calibration(sample, scale=scale), fit_calibration(shuffled, scale=scale)
    assert_array_equal(first.knots, second.knots)
    assert_array_equal(first.values, second.values)


@given(samples, scales)
def test_fitting_the_images_again_changes_no_order(sample, scale):
    first = fit_calibration(sample, scale=scale)
    images = first.apply(sample[np.isfinite(sample)])
    again = fit_calibration(images, scale=scale).apply(images)
    assert_array_equal(np.argsort(again, kind="stable"), np.argsort(images, kind="stable"))


@given(samples, scales)
def test_arrays_round_trip(sample, scale):
    first = fit_calibration(sample, scale=scale)
    second = Calibration.from_arrays(first.to_arrays())
    assert_array_equal(first.knots, second.knots)
    assert_array_equal(first.values, second.values)
    assert first.mean == second.mean
