"""Probabilities that are right as often as they say."""

import numpy as np
import pytest

from recommender.core.confidence import calibration_error, fit_scale


def test_the_scale_that_made_the_answers_is_found_again():
    rng = np.random.default_rng(0)
    cosines = rng.uniform(-1, 1, (4000, 5)).astype(np.float32)
    logits = 8 * cosines
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    truth = np.array([rng.choice(5, p=row / row.sum()) for row in shares.astype(np.float64)], np.int32)
    assert fit_scale(cosines, truth) == pytest.approx(8, rel=0.1)


def test_the_error_is_how_far_confidence_is_from_the_share_of_right_answers():
    confidence = np.full(100, 0.85, np.float32)
    assert calibration_error(confidence, np.arange(100) < 85) == pytest.approx(0, abs=1e-6)
    assert calibration_error(confidence, np.arange(100) < 55) == pytest.approx(0.3, abs=1e-6)
    assert calibration_error(np.empty(0, np.float32), np.empty(0, np.bool_)) == 0


def test_no_number_of_right_answers_makes_the_next_one_certain():
    right = np.eye(4, dtype=np.float32)[np.arange(40) % 4]
    scale = fit_scale(right, np.arange(40, dtype=np.int32) % 4)
    assert 2 < scale < 20
    assert fit_scale(np.tile(right, (10, 1)), np.arange(400, dtype=np.int32) % 4) > scale
