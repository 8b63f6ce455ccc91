"""The accuracy table of the docs: every data set evaluated as `recommender_evaluate` does, beside published figures.

    RECOMMENDER_DATA_DIR=DIR python -m benchmarks accuracy [--only electronics,movies] [--reports DIR] [--plots DIR]

DIR holds the data set folders. Each is evaluated in a process of its own, at the command's defaults; with `--reports`
the reports are kept there, and what lies there already is not evaluated again.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from benchmarks.report import machine

ROOT = Path(__file__).resolve().parent.parent
QUICK = ("electronics",)
QUICK_SECONDS = 20
LEARNED = ("als", "bpr", "bm25", "cosine", "ease", "graph")

Strategies = Mapping[str, Mapping[str, Any]]
Bound = float | Callable[[Strategies, "Goal"], float]


@dataclass(frozen=True)
class Goal:
    """A figure to reach.

    Attributes:
        data: the data set folder.
        segment: "all" or "cold".
        metric: of the report.
        least, aim: the figures, or how they follow from the other strategies'.
        published: what others report on this split.
    """

    data: str
    segment: str
    metric: str
    least: Bound
    aim: Bound
    published: str


@dataclass(frozen=True)
class Row:
    """What was reached.

    Attributes:
        what: data set, segment and metric.
        n: users.
        ours: the hybrid's figure.
        floor: the least.
        unit: "" as all are shares.
        ratio: ours / floor.
        spread: the hybrid's 95 % interval / floor.
        interval: the same, not divided.
        aim: what we aim for.
        chosen: the strategy that validation chose, and its figure.
        best_single: the best other strategy on the test part, and its figure.
        published: figures of others.
    """

    what: str
    n: int
    ours: float
    floor: float
    unit: str
    ratio: float
    spread: tuple[float, float]
    interval: tuple[float, float]
    aim: float
    chosen: tuple[str, float]
    best_single: tuple[str, float]
    published: str


@dataclass(frozen=True)
class Cost:
    """What an evaluation took: wall seconds, and the process' peak memory in GB."""

    data: str
    seconds: float
    peak_gb: float
    left_out: tuple[str, ...]


@dataclass(frozen=True)
class AccuracyReport:
    """The whole table."""

    rows: list[Row]
    costs: list[Cost]
    machine: dict[str, Any] = field(default_factory=lambda: machine())


def add_arguments(parser: ArgumentParser) -> None:
    """This benchmark's own arguments."""
    parser.add_argument("--only", type=lambda text: text.split(","), default=[], metavar="A,B", help="these data sets")
    parser.add_argument("--reports", type=Path, metavar="DIR", help="keep reports there, and use those that are there")
    parser.add_argument("--plots", type=Path, metavar="DIR", help="draw each report in a folder of its own there")


def run(
    *, quick: bool = False, only: Sequence[str] = (), reports: Path | None = None, plots: Path | None = None
) -> AccuracyReport:
    """Evaluate the data sets and compare."""
    data_dir = os.environ.get("RECOMMENDER_DATA_DIR", "")
    if not Path(data_dir).is_dir() or not data_dir:
        raise SystemExit(
            "Set RECOMMENDER_DATA_DIR to the folder that holds the data sets (docs/reference/datasets.md)."
        )
    names = list(dict.fromkeys(goal.data for goal in GOALS))
    if unknown := sorted(set(only) - set(names)):
        raise SystemExit(f"Unknown data sets: {', '.join(unknown)}. Known are: {', '.join(names)}.")
    chosen = [name for name in names if name in (only or (QUICK if quick else names))]
    with tempfile.TemporaryDirectory() as scratch:
        folder = reports or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        found = {name: _evaluated(Path(data_dir) / name, folder / f"{name}.json", quick) for name in chosen}
    if plots:
        _draw(found, plots)
    rows = [_row(goal, found[goal.data]["report"]) for goal in GOALS if goal.data in found]
    costs = [
        Cost(name, entry["seconds"], entry["peak_gb"], tuple(entry["report"]["left_out"]["late"]))
        for name, entry in found.items()
    ]
    return AccuracyReport(rows, costs)


def write_table(report: AccuracyReport, out: TextIO) -> None:
    """Two Markdown tables: figures, and what they cost."""
    about = report.machine
    out.write(f"{about['cpu']}, {about['cores']} cores, {about['memory_gb']} GB, Python {about['python']}\n\n")
    out.write("| data set, products, measure | users | hybrid | 95 % interval | chosen | best single | least | aim |")
    out.write(" published |\n|---|--:|--:|---|---|---|--:|--:|---|\n")
    for row in report.rows:
        low, high = row.interval
        out.write(
            f"| {row.what} | {row.n:,} | {_figure(row.ours)} | {_figure(low)}-{_figure(high)}"
            f" | {row.chosen[0]} {_figure(row.chosen[1])} | {row.best_single[0]} {_figure(row.best_single[1])}"
            f" | {_figure(row.floor)} | {_figure(row.aim)} | {row.published} |\n"
        )
    out.write("\n| data set | seconds | peak GB | left out for want of time |\n|---|--:|--:|---|\n")
    for cost in report.costs:
        out.write(f"| {cost.data} | {cost.seconds:,.0f} | {cost.peak_gb:.1f} | {', '.join(cost.left_out)} |\n")


def _evaluated(folder: Path, kept: Path, quick: bool) -> dict[str, Any]:
    """The report of one data set with its cost, from the file kept or of a new process."""
    if not kept.exists():
        target = kept.with_suffix(".part")
        command = [sys.executable, "manage.py", "recommender_evaluate", "--dataset", str(folder), "--json", str(target)]
        if quick:
            command += ["--budget-seconds", str(QUICK_SECONDS)]
        print(f"Evaluating {folder.name}", file=sys.stderr, flush=True)
        started = time.monotonic()
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)  # noqa: S603 # our own command # nosec B603
        _, status, usage = os.wait4(process.pid, 0)  # subprocess would not tell the peak of this child alone
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise SystemExit(f"The evaluation of {folder} failed.")
        entry = {
            "report": json.loads(target.read_text()),
            "seconds": time.monotonic() - started,
            "peak_gb": usage.ru_maxrss / 1024**2,
        }
        kept.write_text(json.dumps(entry) + "\n")
        target.unlink()
    found: dict[str, Any] = json.loads(kept.read_text())
    return found


def _draw(found: Mapping[str, Mapping[str, Any]], plots: Path) -> None:
    from recommender.services.evaluating.plots import draw_plots

    for name, entry in found.items():
        draw_plots(entry["report"], plots / name)


def _row(goal: Goal, report: Mapping[str, Any]) -> Row:
    strategies: Strategies = report["strategies"]
    hybrid = strategies["hybrid"][goal.segment]
    ours, interval = hybrid[goal.metric], hybrid["interval"][goal.metric]
    least, aim = (bound if isinstance(bound, float) else bound(strategies, goal) for bound in (goal.least, goal.aim))
    best = max((key for key in strategies if key != "hybrid"), key=lambda key: _value(strategies, key, goal))
    return Row(
        what=f"{goal.data}, {goal.segment}, {goal.metric.replace('recall', 'Recall').replace('ndcg', 'NDCG')}",
        n=hybrid["users"],
        ours=ours,
        floor=least,
        unit="",
        ratio=ours / least,
        spread=(interval[0] / least, interval[1] / least),
        interval=(interval[0], interval[1]),
        aim=aim,
        chosen=(report["chosen"], _value(strategies, report["chosen"], goal)),
        best_single=(best, _value(strategies, best, goal)),
        published=goal.published,
    )


def _value(strategies: Strategies, key: str, goal: Goal) -> float:
    return float(strategies[key][goal.segment][goal.metric]) if key in strategies else 0.0


def _best_single(strategies: Strategies, goal: Goal) -> float:
    return max(_value(strategies, key, goal) for key in strategies if key != "hybrid")


def _figure(value: float) -> str:
    return f"{value:.4f}".removeprefix("0")


def _better_than_behaviour(strategies: Strategies, goal: Goal) -> float:
    """More than popularity and every engine, and 1.3 times as good as chance."""
    others = max(_value(strategies, key, goal) for key in ("popularity", *LEARNED))
    return max(others, 1.3 * _value(strategies, "random", goal))


GOALS = (
    Goal("electronics", "all", "recall@20", 0.1371, 0.150, "linear filter .1421, GF-CF .1371, UltraGCN .1368"),
    Goal("electronics", "all", "ndcg@20", 0.0826, 0.092, "linear filter .0865, UltraGCN .0829, GF-CF .0826"),
    Goal("ml-1m", "all", "recall@20", 0.272, 0.290, "UltraGCN .2787, EASE .2755"),
    Goal("ml-1m", "all", "ndcg@20", 0.262, 0.275, "EASE .2674, UltraGCN .2642"),
    Goal("gowalla", "all", "recall@20", 0.1849, 0.1872, "SimpleX .1872, UltraGCN .1862, GF-CF .1849, LightGCN .1830"),
    Goal("gowalla", "all", "ndcg@20", 0.1530, 0.1580, "UltraGCN .1580, SimpleX .1557, LightGCN .1554, GF-CF .1518"),
    Goal("movies", "all", "ndcg@20", _best_single, lambda s, goal: 1.05 * _best_single(s, goal), ""),
    Goal("movies", "cold", "recall@100", _better_than_behaviour, lambda s, goal: 2 * _value(s, "random", goal), ""),
    Goal("fashion", "all", "recall@100", lambda s, goal: max(0.046, 1.05 * _best_single(s, goal)), 0.065, ""),
    Goal("fashion", "cold", "recall@100", lambda s, goal: max(0.035, _value(s, "visual", goal)), 0.055, ""),
)
