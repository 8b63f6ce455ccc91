import numpy as np
import pytest

from recommender.core.calibrating import calibrate
from recommender.core.catalogue import BlendConfig, Catalogue
from recommender.core.hybrid import similar
from recommender.core.matching import measure_matches
from recommender.core.neighbours import visual_neighbours
from recommender.core.vectors import unit_rows


@pytest.fixture(scope="module")
def catalogue():
    vectors = unit_rows(np.random.default_rng(1).normal(size=(250, 16)).astype(np.float32))
    blend = BlendConfig({"visual": 1.0}, {"visual": 1.0})
    bare = Catalogue(250, blend, blend, vectors=vectors, visual=visual_neighbours(vectors, 20))
    return measure_matches(calibrate(bare, seed=0), seed=0)


def test_a_match_says_what_share_of_pairs_fits_better(catalogue):
    everything = np.arange(1, 250, dtype=np.int32)
    scores = np.concatenate([similar(catalogue, row, everything).scores for row in range(0, 250, 5)])
    for share in (0.5, 0.1, 0.01):
        bound = np.quantile(scores, 1 - share).astype(np.float32)
        assert catalogue.calibrations["match"].apply(bound[None])[0] == pytest.approx(1 - np.sqrt(share), abs=0.02)


def test_a_match_keeps_the_order_of_the_score(catalogue):
    scores = similar(catalogue, 0, np.arange(1, 250, dtype=np.int32)).scores
    matches = catalogue.calibrations["match"].apply(scores)
    assert (np.diff(matches[np.argsort(scores)]) >= 0).all()
    assert 0 <= matches.min() <= matches.max() <= 1


def test_nobody_looking_measures_nothing_about_visitors(catalogue):
    assert "visitor_match" not in catalogue.calibrations
