"""The floors that published splits set, within a short budget. Needs the folder of real data sets."""

import os
from pathlib import Path

import pytest

from recommender.services.evaluating.evaluation import evaluate, read_folder

pytestmark = pytest.mark.data


@pytest.fixture(scope="module")
def data():
    folder = os.environ.get("RECOMMENDER_DATA_DIR")
    if not folder:
        pytest.fail("Set RECOMMENDER_DATA_DIR to the folder of real data sets, or leave out `-m data`.")
    return Path(folder)


def test_the_graph_filter_beats_the_published_figures_on_electronics(data):
    strategies = ["popularity", "graph", "hybrid"]
    report = evaluate(read_folder(data / "electronics"), strategies=strategies, budget_seconds=60)
    hybrid = report["strategies"]["hybrid"]["all"]
    assert hybrid["recall@20"] >= 0.1371
    assert hybrid["ndcg@20"] >= 0.0826
    assert report["strategies"]["popularity"]["all"]["recall@20"] == pytest.approx(0.0892, abs=0.002)
    assert report["chosen"] == "hybrid"
