"""What a best cosine means: thresholds from samples, and the blocks' weights in a photo's vector."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.core.recognition import (
    COLOUR_SHARE,
    WRONG_CLAIMS,
    WRONG_REFUSALS,
    Thresholds,
    Verdict,
    as_photo,
    error_curve,
    fit_thresholds,
    judge,
)
from recommender.core.types import Block

BLOCKS = (Block("semantic", 0, 2, 0.55), Block("colour", 2, 4, 0.45))

cosines = st.lists(st.floats(-1, 1), min_size=1, max_size=60).map(np.array)


@given(cosines, cosines)
def test_thresholds_refuse_and_claim_no_more_than_they_may(known, unknown):
    thresholds = fit_thresholds(known, unknown)
    assert (known < thresholds.similar).mean() <= WRONG_REFUSALS + 1 / known.size
    assert (unknown > thresholds.exact).mean() <= WRONG_CLAIMS + 1 / unknown.size
    assert thresholds.similar <= thresholds.exact


@pytest.mark.parametrize(
    ("cosine", "verdict"),
    [(0.2, Verdict.NOTHING), (0.5, Verdict.SIMILAR), (0.8, Verdict.SIMILAR), (0.81, Verdict.EXACT)],
)
def test_a_verdict_follows_the_thresholds(cosine, verdict):
    assert judge(cosine, Thresholds(0.5, 0.8)) is verdict


def test_a_photo_weighs_the_blocks_its_own_way():
    design, colour = (
        np.array([[1, 0, 1, 0]], np.float32) * np.sqrt(w).astype(np.float32)
        for w in (np.array([0.55, 0.55, 0, 0]), np.array([0, 0, 0.45, 0.45]))
    )
    query = as_photo(design + colour, BLOCKS)
    assert (query @ design.T).item() == pytest.approx(1 - COLOUR_SHARE)
    assert (query @ colour.T).item() == pytest.approx(COLOUR_SHARE)


def test_vectors_without_a_colour_block_beside_others_stay():
    vectors = np.ones((2, 4), np.float32)
    np.testing.assert_array_equal(as_photo(vectors, (Block("colour", 0, 4, 1.0),)), vectors)
    np.testing.assert_array_equal(as_photo(vectors, (Block("shape", 0, 4, 1.0),)), vectors)


def test_the_curve_runs_from_all_accepted_to_nearly_all_refused():
    curve = error_curve(np.array([0.5, 0.6, 0.7]), np.array([0.1, 0.2, 0.55]), 7)
    assert (curve[0].wrong_accepts, curve[0].wrong_refusals) == (1.0, 0.0)
    assert (curve[-1].wrong_accepts, round(curve[-1].wrong_refusals, 3)) == (0.0, 0.667)
    assert [point.wrong_accepts for point in curve] == sorted((point.wrong_accepts for point in curve), reverse=True)
