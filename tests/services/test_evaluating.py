"""Whole evaluations on small folders, and on the awkward ones."""

import json
import math

import pytest
from django.core.management import CommandError, call_command

from recommender.exceptions import DatasetError, NotEnoughHistoryError, RecommenderError
from recommender.services.evaluating.evaluation import KEYS, evaluate, read_folder
from recommender.services.evaluating.strategies import COLLABORATIVE
from tests.services.evaluating_folders import Shop, make_folder

HEAD = "user_id,product_id,kind,occurred_at,quantity,price\n"
SIGNALS = [key for key in KEYS if key not in ("als", "bpr", "bm25", "ease", "graph")]
QUICK = ("random", "popularity", "cosine", "hybrid")


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return make_folder(tmp_path_factory.mktemp("whole"))


@pytest.fixture
def report(whole, light, cached={}):  # noqa: B006 # one report serves the module, but needs each test's settings
    if not cached:
        cached.update(evaluate(read_folder(whole), strategies=[*QUICK, "visual", "attributes"], budget_seconds=20))
    return cached


def plain(tmp_path, rows, test=None, products=None):
    (tmp_path / "interactions.csv").write_text(HEAD + rows)
    if test is not None:
        (tmp_path / "test.csv").write_text(HEAD + test)
    if products is not None:
        (tmp_path / "products.csv").write_text("product_id\n" + products)
    return read_folder(tmp_path)


def numbers(value):
    if isinstance(value, dict):
        for inner in value.values():
            yield from numbers(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from numbers(inner)
    elif isinstance(value, (int, float)):
        yield value


def test_tastes_are_found_by_looks_by_behaviour_and_best_by_both(report):
    recall = {key: segments["all"]["recall@10"] for key, segments in report["strategies"].items()}
    cold = {key: segments["cold"]["recall@10"] for key, segments in report["strategies"].items()}
    assert recall["cosine"] > 1.2 * recall["random"]
    assert cold["cosine"] == 0
    assert cold["visual"] > 0
    assert recall["hybrid"] >= max(recall["cosine"], recall["popularity"])
    assert report["chosen"] == "hybrid"


def test_the_report_has_the_promised_shape(report):
    assert list(report["strategies"]) == ["random", "popularity", "visual", "attributes", "cosine", "hybrid"]
    for segments in report["strategies"].values():
        assert segments["all"]["users"] == 60
        for segment in ("all", "cold", "scarce", "warm"):
            for metric in ("recall@10", "recall@20", "recall@100", "ndcg@10", "ndcg@20", "ndcg@100"):
                low, high = segments[segment]["interval"][metric]
                assert 0 <= low <= segments[segment][metric] <= high <= 1
    assert report["strategies"]["hybrid"]["served"]["users"] == 60
    assert set(report["paired"]) == set(report["strategies"]) - {report["chosen"]}
    assert report["products"] == {"all": 40, "cold": 6, "scarce": 0, "warm": 34}
    assert report["seconds"]["total"] >= report["seconds"]["hybrid"] > 0
    assert all(name.startswith("hybrid without ") for name in report["ablations"])
    assert json.loads(json.dumps(report, allow_nan=False)) == report


def test_recall_over_the_whole_catalogue_is_complete(report):
    assert report["strategies"]["random"]["all"]["recall@100"] == 1.0


def test_equal_seeds_give_equal_reports(whole):
    first, second = (
        evaluate(read_folder(whole), strategies=["random", "popularity", "cosine"], budget_seconds=60, seed=3)
        for _ in range(2)
    )
    assert first["strategies"] == second["strategies"]
    assert first["options"] == second["options"]


@pytest.mark.parametrize(
    "shop",
    [
        Shop(has_products=False),
        Shop(has_pictures=False),
        Shop(has_times=False),
        Shop(has_test=False),
        Shop(has_test=False, has_times=False, has_pictures=False),
        Shop(n_new=0, has_pictures=False),
    ],
    ids=["no products.csv", "no pictures", "no times", "no test part", "neither", "nothing new"],
)
def test_whatever_a_folder_lacks_only_takes_its_strategies_away(tmp_path, shop):
    report = evaluate(read_folder(make_folder(tmp_path, shop)), strategies=SIGNALS, budget_seconds=2)
    missing = set(SIGNALS) - set(report["strategies"])
    expected = set()
    if not shop.has_products:
        expected |= {"visual", "attributes"}
    if not shop.has_pictures:
        expected |= {"visual"}
    if not shop.has_times:
        expected |= {"recent_popularity"}
    assert missing == expected
    assert all(math.isfinite(number) for number in numbers(report))
    assert report["strategies"]["hybrid"]["all"]["recall@20"] > report["strategies"]["random"]["all"]["recall@20"]


def test_no_interactions_are_said_to_be_missing(tmp_path):
    with pytest.raises(DatasetError, match=r"no interactions\.csv\.gz"):
        read_folder(tmp_path)
    with pytest.raises(NotEnoughHistoryError):
        evaluate(plain(tmp_path, ""))


@pytest.mark.parametrize(
    ("rows", "test"),
    [
        ("u,p,purchase,,1,\n", "u,p,purchase,,1,\n"),
        ("u,p,purchase,,1,\n", "v,q,purchase,,1,\n"),
        ("u,p,purchase,,NaN,\n", "u,q,purchase,,1,\n"),
        (",p,purchase,,1,\n", ",q,purchase,,1,\n"),
        ("u,p,purchase,,1,\n", "u,q,refund,,-1,\n"),
    ],
    ids=["seen before", "another user", "broken history", "guests", "only refunds"],
)
def test_nothing_to_foresee_is_an_error_with_its_cure(tmp_path, rows, test):
    with pytest.raises(NotEnoughHistoryError, match="Give interactions"):
        evaluate(plain(tmp_path, rows, test))


@pytest.mark.parametrize(
    ("rows", "test", "products"),
    [
        ("u,p,purchase,,1,\n", "u,q,purchase,,1,\n", None),
        ("u,p,purchase,,1,\n" * 50, "u,q,purchase,,1,\n" * 3, None),
        ("".join(f"u{i},p,purchase,,1,\n" for i in range(9)), "u1,q,purchase,,1,\n", None),
        ("".join(f"u{i},p{j},purchase,,1,\n" for i in range(5) for j in range(5)), "u1,q,purchase,,1,\n", None),
        ("u,p,purchase,,1,\nv,p,view,2999-01-01T00:00:00Z,1,\n", "u,q,purchase,2024-01-01,1,\n", None),
        ("u,gone,purchase,,1,\nu,p,purchase,,1,\n", "u,q,purchase,,1,\n", "p\nq\nr\n"),
        ("u,p,wish,,1,\nu,p,purchase,,-3,\nu,p,purchase,,1,nan\n", "u,q,wish,,1,\n", None),
        ("u,p,purchase,,1,\nu,p,refund,,-1,\n", "u,q,purchase,,1,\n", None),
    ],
    ids=["one pair", "duplicates", "one product", "all alike", "the future", "unlisted", "odd kinds", "all returned"],
)
def test_tiny_histories_are_judged_and_stay_finite(tmp_path, rows, test, products):
    report = evaluate(plain(tmp_path, rows, test, products), budget_seconds=1)
    assert report["users"]["judged"] == 1
    assert all(math.isfinite(number) for number in numbers(report))
    assert report["strategies"]["hybrid"]["all"]["recall@100"] == 1.0


def test_a_robot_does_not_rule(tmp_path):
    folder = make_folder(tmp_path, Shop(has_pictures=False, has_times=False, n_new=0))
    calm = evaluate(read_folder(folder), strategies=["cosine"], budget_seconds=5)
    with_robot = tmp_path / "robot"
    with_robot.mkdir()
    rows = [f"u{user},p{row:03},purchase,,1,\n" for user, row in _pairs(folder, "interactions")]
    robot = [f"robot,p{row:03},view,,1,\n" for row in range(40) for _ in range(50)]
    test = [f"u{user},p{row:03},purchase,,1,\n" for user, row in _pairs(folder, "test")]
    noisy = evaluate(plain(with_robot, "".join(rows + robot), "".join(test)), strategies=["cosine"], budget_seconds=5)
    difference = calm["strategies"]["cosine"]["all"]["ndcg@20"] - noisy["strategies"]["cosine"]["all"]["ndcg@20"]
    assert abs(difference) < 0.1


def _pairs(folder, name):
    from recommender.datasets.folder import DatasetFolder

    opened = DatasetFolder(folder)
    records = opened.test() if name == "test" else opened.interactions()
    return [(record.user_id[1:], int(record.product_id[1:])) for record in records]


def test_an_unknown_strategy_is_named(whole):
    with pytest.raises(RecommenderError, match="Unknown strategies: magic"):
        evaluate(read_folder(whole), strategies=["magic"])


def test_a_hybrid_asked_for_alone_still_finds_its_behaviour(tmp_path):
    folder = make_folder(tmp_path, Shop(has_products=False, has_times=False, n_new=0))
    report = evaluate(read_folder(folder), strategies=["hybrid"], budget_seconds=2)
    assert list(report["strategies"]) == ["hybrid"]
    assert report["chosen"] == "hybrid"
    assert report["options"]["hybrid"]["collaborative"] > 0
    assert report["strategies"]["hybrid"]["engine"] in {strategy.key for strategy in COLLABORATIVE}


def test_the_command_writes_its_report_and_a_table(whole, tmp_path, capsys):
    target = tmp_path / "deep" / "report.json"
    call_command(
        "recommender_evaluate", dataset=str(whole), strategies="random,popularity", budget_seconds=5.0, json=target
    )
    report = json.loads(target.read_text())
    printed = capsys.readouterr()
    assert list(report["strategies"]) == ["random", "popularity"]
    assert f"{report['chosen']} *" in printed.out
    assert "60 users judged, 0 new; 40 products, 6 of them cold." in printed.out
    assert "Choosing options" in printed.err


@pytest.mark.parametrize(
    ("options", "message"),
    [({"strategies": "magic"}, "Unknown strategies: magic"), ({"dataset": "/nowhere"}, "is not a folder")],
)
def test_the_command_says_what_is_wrong(whole, options, message):
    with pytest.raises(CommandError, match=message):
        call_command("recommender_evaluate", **{"dataset": str(whole), "verbosity": 0, **options})
