"""An evaluation scores everybody in ways of its own for speed; they give what serving gives."""

from dataclasses import replace

import numpy as np
import pytest

from recommender.core import hybrid
from recommender.services.evaluating.history import read_folder
from recommender.services.evaluating.hybrid import Hybrid, as_blend
from recommender.services.evaluating.strategies import Cosine, Training
from tests.services.evaluating_folders import Shop, make_folder

OPTIONS = {"collaborative": 0.7, "trend": 0.3, "novelty": 0.1, "attributes": 0.2, "strength": 3.0}


@pytest.fixture
def training(tmp_path):
    history = read_folder(make_folder(tmp_path, Shop(has_pictures=False)))
    return Training(history, history.train)


@pytest.mark.parametrize("judge", ["scorer", "draft"])
def test_every_product_scores_as_in_serving(training, judge):
    strategy = Hybrid(Cosine(), {"k": 20}, 30.0)
    users = np.arange(5, dtype=np.int32)
    scores = getattr(strategy, judge)(training, OPTIONS).scores(users)
    catalogue = replace(strategy.catalogue(training), visitor_blend=as_blend(OPTIONS))
    everything = np.arange(catalogue.n, dtype=np.int32)
    matrix = training.matrix()
    for user in users:
        own = slice(matrix.indptr[user], matrix.indptr[user + 1])
        served = hybrid.for_you(catalogue, matrix.indices[own], matrix.data[own], everything)
        np.testing.assert_allclose(scores[user], served.scores, atol=1e-6)
        assert np.ptp(served.scores) > 0.05
