"""What lists show, worked out by hand; what fits into a budget; and the plots of a report."""

import numpy as np
import pytest
from django.core.management import call_command
from PIL import Image
from scipy.sparse import csr_matrix

from recommender.core.metrics import intra_list_diversity
from recommender.services.evaluating.evaluation import evaluate, read_folder
from recommender.services.evaluating.history import History
from recommender.services.evaluating.ranking import judge, pose
from recommender.services.evaluating.variety import (
    behavioural_diversity,
    describe_exposure,
    describe_variety,
    group_products,
)
from recommender.services.indexing import Collected
from tests.services.evaluating_folders import Shop, make_folder
from tests.services.test_evaluating_ranking import Fixed, events


def history(n, labels):
    return History(Collected(np.arange(n).astype("S"), None, (), None, ()), events([], 0), labels=labels)


@pytest.fixture
def problem():
    """Products 0 to 3 were chosen 4, 2, 1 and 0 times; user 4 wants 2 and 3, user 5 wants 3."""
    train = events([(0, 0), (1, 0), (4, 0), (5, 0), (0, 1), (1, 1), (0, 2)], 6)
    return pose(train, events([(4, 2), (4, 3), (5, 3)], 6), 4, seed=0)


def test_lists_hold_what_was_ranked_and_nothing_more(problem):
    outcome = judge(problem, Fixed([9, -np.inf, 1, 2]), problem.users)
    assert outcome.lists.tolist() == [[3, 2, -1, -1], [3, 2, -1, -1]]


def test_coverage_concentration_novelty_and_diversity(problem):
    outcome = judge(problem, Fixed([9, -np.inf, 1, 2]), problem.users)
    found = describe_variety(outcome, problem, None, seed=0)
    assert found["coverage@20"] == 0.5
    assert found["gini@20"] == 0.5  # two of four products share all places
    # One event is added to each product: 11 in all, 2 of them on product 2 and 1 on product 3.
    assert found["novelty@20"] == pytest.approx((np.log2(11 / 2) + np.log2(11)) / 2, abs=1e-6)
    assert found["diversity@20"] == 1.0  # nobody chose both
    low, high = found["interval"]["novelty@20"]
    assert low == high == found["novelty@20"]


def test_looks_tell_diversity_where_there_are_pictures(problem):
    outcome = judge(problem, Fixed([9, -np.inf, 1, 2]), problem.users)
    alike = np.tile(np.array([0.6, 0.8], np.float32), (4, 1))
    assert describe_variety(outcome, problem, alike, seed=0)["diversity@20"] == pytest.approx(0, abs=1e-6)


def test_diversity_by_behaviour_is_that_of_visitors_as_vectors():
    rng = np.random.default_rng(1)
    seen = csr_matrix((rng.random((40, 30)) < 0.2).astype(np.float32))
    seen = seen.multiply(np.arange(30) > 2).tocsr()  # three products without visitors
    seen.eliminate_zeros()
    lists = np.stack([rng.permutation(30)[:8] for _ in range(450)]).astype(np.int32)
    lists[0, 1:], lists[1], lists[2, 5:] = -1, -1, -1
    columns = seen.toarray().T
    vectors = (columns / np.maximum(np.linalg.norm(columns, axis=1, keepdims=True), 1)).astype(np.float32)
    np.testing.assert_allclose(behavioural_diversity(lists, seen), intra_list_diversity(lists, vectors), atol=1e-6)


def test_exposure_stands_beside_demand_by_brand(problem):
    groups = group_products(history(4, {"brand": ("B", "A", "A", "")}), problem)
    assert (groups.by, groups.names) == ("brand", ("(none)", "A", "B"))
    outcome = judge(problem, Fixed([9, -np.inf, 1, 2]), problem.users)
    found = describe_exposure(groups, problem, {"fixed": outcome})
    assert found["products"] == [1, 2, 1]
    assert found["demand"] == [pytest.approx(2 / 3, abs=1e-6), pytest.approx(1 / 3, abs=1e-6), 0]
    assert found["shown"]["fixed"] == [0.5, 0.5, 0]
    assert found["distance"]["fixed"] == pytest.approx(1 / 6, abs=1e-6)


def test_many_brands_leave_the_small_ones_together(problem):
    brands = tuple(f"brand {row:02}" for row in range(40))
    wide = pose(events([(0, 0)], 1), events([(0, row) for row in range(1, 5)], 1), 40, seed=0)
    groups = group_products(history(40, {"brand": brands}), wide)
    assert groups.names[:5] == ("brand 01", "brand 02", "brand 03", "brand 04", "brand 00")
    assert groups.names[-1] == "28 others"
    assert np.bincount(groups.of).tolist() == [1] * 12 + [28]


def test_without_brands_products_stand_in_bands_of_popularity(problem):
    groups = group_products(history(4, {}), problem)
    assert groups.by == "popularity"
    assert groups.names == ("best sellers", "band 3", "band 5", "never chosen")
    assert groups.of.tolist() == [0, 1, 2, 3]


class Notes:
    """A watcher that writes down what it is told."""

    def __init__(self):
        self.notes = []

    def stage(self, name, done, total):
        pass

    def note(self, text):
        self.notes.append(text)


def test_what_does_not_fit_into_the_budget_is_named_and_left_out(tmp_path, monkeypatch):
    monkeypatch.setattr("recommender.services.evaluating.judging.QUICK_SECONDS", 0.0)
    watcher = Notes()
    folder = make_folder(tmp_path, Shop(has_pictures=False))
    report = evaluate(
        read_folder(folder),
        strategies=["random", "popularity", "cosine", "bm25", "hybrid"],
        budget_seconds=0.01,
        watcher=watcher,
    )
    late = report["left_out"]["late"]
    assert {"hybrid", report["chosen"]} <= set(report["strategies"])
    assert {"random", "popularity", "served"} <= set(late)
    assert not set(late) & set(report["strategies"])
    assert "served" not in report["strategies"]["hybrid"]
    assert report["ablations"] == {}
    assert sum("left out, it would take about" in note for note in watcher.notes) == len(late)


def test_the_command_draws_its_plots(tmp_path, capsys):
    folder = make_folder(tmp_path / "data", Shop(has_pictures=False))
    plots = tmp_path / "plots"
    call_command(
        "recommender_evaluate",
        dataset=str(folder),
        strategies="random,popularity,cosine",
        budget_seconds=2,
        plots=plots,
    )
    printed = capsys.readouterr().out
    assert "coverage@20" in printed
    assert "exposure gap" in printed
    assert sorted(path.name for path in plots.iterdir()) == [
        "accuracy.png",
        "diversity.png",
        "exposure.png",
        "segments.png",
    ]
    for path in plots.iterdir():
        with Image.open(path) as picture:
            assert picture.width == 1200
            assert len(picture.convert("RGB").getcolors(1 << 20)) > 20


def test_a_graph_s_estimate_counts_its_products(tmp_path):
    from recommender.services.evaluating.judging import _estimate
    from recommender.services.evaluating.run import Run
    from recommender.services.evaluating.strategies import Cosine, Graph
    from recommender.services.evaluating.tuning import Cost
    from recommender.services.watching import Nobody

    read = read_folder(make_folder(tmp_path, Shop(has_pictures=False)))
    problem = pose(read.train, read.test, read.n, seed=0)
    run = Run(read, 0, 10, Nobody(), costs={"graph": Cost(1.0, 0.5), "cosine": Cost(1.0, 0.5)})
    assert _estimate(run, problem, Cosine()) == 1 + 0.5 * problem.users.size
    assert _estimate(run, problem, Graph()) == 1 + 0.5 * (problem.users.size + read.n)
