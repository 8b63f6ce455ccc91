"""The accuracy table, from reports that are kept; no data set is evaluated here."""

import io
import json

import pytest

from benchmarks import accuracy
from benchmarks.__main__ import main


def figures(**values):
    wide = dict.fromkeys(("recall@20", "ndcg@20", "recall@100"), 0.0) | values
    return {**wide, "interval": {metric: [value * 0.9, value * 1.1] for metric, value in wide.items()}, "users": 100}


def kept(folder, name, strategies, chosen="hybrid"):
    report = {
        "chosen": chosen,
        "strategies": {
            key: {"all": figures(**of_all), "cold": figures(**cold)} for key, (of_all, cold) in strategies.items()
        },
        "left_out": {"late": ["bpr"]},
    }
    (folder / f"{name}.json").write_text(json.dumps({"report": report, "seconds": 61.4, "peak_gb": 0.53}))


@pytest.fixture
def reports(tmp_path, monkeypatch):
    monkeypatch.setenv("RECOMMENDER_DATA_DIR", str(tmp_path))
    nothing = {}
    kept(
        tmp_path,
        "electronics",
        {"graph": ({"recall@20": 0.142}, nothing), "hybrid": ({"recall@20": 0.15, "ndcg@20": 0.09}, nothing)},
    )
    kept(
        tmp_path,
        "movies",
        {
            "random": (nothing, {"recall@100": 0.03}),
            "als": ({"ndcg@20": 0.12}, {"recall@100": 0.01}),
            "hybrid": ({"ndcg@20": 0.13}, {"recall@100": 0.05}),
        },
    )
    return tmp_path


def test_figures_stand_beside_what_is_asked_and_published(reports):
    report = accuracy.run(only=["electronics", "movies"], reports=reports)
    assert [row.what for row in report.rows] == [
        "electronics, all, Recall@20",
        "electronics, all, NDCG@20",
        "movies, all, NDCG@20",
        "movies, cold, Recall@100",
    ]
    first, _, movies, cold = report.rows
    assert (first.ours, first.floor, first.aim, first.best_single) == (0.15, 0.1371, 0.15, ("graph", 0.142))
    assert first.spread == pytest.approx((0.9 * 0.15 / 0.1371, 1.1 * 0.15 / 0.1371))
    assert (movies.floor, movies.aim) == (0.12, pytest.approx(0.126))
    assert (cold.floor, cold.aim) == (pytest.approx(0.039), pytest.approx(0.06))
    assert report.costs[0] == accuracy.Cost("electronics", 61.4, 0.53, ("bpr",))


def test_the_table_and_the_json_say_the_same(reports, capsys):
    target = reports / "table.json"
    assert main(["accuracy", "--only", "electronics", "--reports", str(reports), "--json", str(target)]) == 0
    printed = capsys.readouterr().out
    assert "| electronics, all, Recall@20 | 100 | .1500 | .1350-.1650 | hybrid .1500 | graph .1420 | .1371 |" in printed
    assert "| electronics | 61 | 0.5 | bpr |" in printed
    written = json.loads(target.read_text())
    assert written["rows"][0]["ours"] == 0.15
    assert set(written["machine"]) >= {"cpu", "cores", "memory_gb"}


def test_a_table_without_published_figures_has_an_empty_column(reports):
    out = io.StringIO()
    accuracy.write_table(accuracy.run(only=["movies"], reports=reports), out)
    assert out.getvalue().splitlines()[4].endswith("| .1200 | .1260 |  |")


def test_what_is_missing_is_said_with_its_cure(monkeypatch):
    monkeypatch.delenv("RECOMMENDER_DATA_DIR", raising=False)
    with pytest.raises(SystemExit, match="Set RECOMMENDER_DATA_DIR to the folder"):
        accuracy.run()
    monkeypatch.setenv("RECOMMENDER_DATA_DIR", "/")
    with pytest.raises(SystemExit, match="Unknown data sets: nowhere"):
        accuracy.run(only=["nowhere"])
