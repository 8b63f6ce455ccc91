"""How well each way to recommend would have foreseen what people chose."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from recommender.management.base import RecommenderCommand
from recommender.management.progress import ProgressDisplay, duration

_METRICS = ("recall@20", "ndcg@20", "recall@100")
_VARIETY = ("coverage@20", "gini@20", "novelty@20", "diversity@20")


class Command(RecommenderCommand):
    help = """Judge every way to recommend: part of the history is held out, and all products are ranked for each user.

Options are tuned and the best strategy is chosen on a validation part; the held-out part is looked at once.

  manage.py recommender_evaluate
  manage.py recommender_evaluate --dataset data/phones --json report.json
  manage.py recommender_evaluate --dataset data/phones --strategies popularity,visual,hybrid --budget-seconds 300

Without --dataset the shop's own events are used. What the numbers mean is described in docs/how-to/evaluate.md."""

    writes = False
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        # Not super(): here --json names a file, because a run is long and its table is worth seeing too.
        parser.add_argument("--dataset", metavar="DIR", help="A data set folder. The shop's own events without it.")
        parser.add_argument("--strategies", default="", metavar="A,B", help="Only these; the report names all.")
        parser.add_argument("--budget-seconds", type=_positive, default=1800.0, metavar="N", help="Default: 1800.")
        parser.add_argument("--seed", type=int, default=0, help="Equal seeds give equal splits. Default: 0.")
        parser.add_argument("--json", type=Path, metavar="FILE", help="Write the whole report to this file.")
        parser.add_argument("--plots", type=Path, metavar="DIR", help="Draw the report as PNG files in this folder.")

    def run(self, display: ProgressDisplay, **options: Any) -> None:
        from recommender.services.evaluating import evaluation  # loads SciPy, which `--help` has no use for

        strategies = [name.strip() for name in options["strategies"].split(",") if name.strip()]
        display.say("Reading the history")
        history = evaluation.read_folder(options["dataset"]) if options["dataset"] else evaluation.read_shop()
        for line in history.broken[:_SHOWN]:
            display.note(f"left out: {line}")
        report = evaluation.evaluate(
            history,
            strategies=strategies,
            budget_seconds=options["budget_seconds"],
            seed=options["seed"],
            watcher=_Shown(display),
        )
        if options["json"]:
            _write(options["json"], report)
        if options["plots"]:
            _draw(options["plots"], report)
        self.stdout.write("\n".join(_table(report)))


_SHOWN = 20


class _Shown:
    """Passes an evaluation's stages on to the display."""

    def __init__(self, display: ProgressDisplay) -> None:
        self._display = display
        self._stage = ""

    def stage(self, name: str, done: float, total: float) -> None:
        if name != self._stage:
            self._stage = name
            self._display.say(name)
        self._display.progress(int(done), int(total))

    def note(self, text: str) -> None:
        self._display.note(text)


def _positive(text: str) -> float:
    seconds = float(text)
    if not seconds > 0:
        raise ValueError(text)
    return seconds


def _write(file: Path, report: Mapping[str, Any]) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(report, indent=2, allow_nan=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise CommandError(f"The report cannot be written to {file}: {error.strerror}.") from error


def _draw(folder: Path, report: Mapping[str, Any]) -> None:
    from recommender.services.evaluating.plots import draw_plots

    try:
        draw_plots(report, folder)
    except OSError as error:
        raise CommandError(f"The plots cannot be written to {folder}: {error.strerror}.") from error


def _table(report: Mapping[str, Any]) -> list[str]:
    return [*_accuracy(report), "", *_variety(report), "", *_closing(report)]


def _accuracy(report: Mapping[str, Any]) -> list[str]:
    heads = [*_METRICS, "cold recall@100", "validation", "seconds"]
    lines = [f"{'':<20}" + "".join(f"{head:>17}" for head in heads)]
    for key, segments in report["strategies"].items():
        values = [segments["all"][metric] for metric in _METRICS] + [segments["cold"]["recall@100"]]
        values += [report["validation"][key]]
        mark = " *" if key == report["chosen"] else ""
        row = "".join(f"{value:>17.4f}" for value in values) + f"{report['seconds'].get(key, 0.0):>17.1f}"
        lines.append(f"{key + mark:<20}{row}")
    return lines


def _variety(report: Mapping[str, Any]) -> list[str]:
    heads = [*_VARIETY, "exposure gap"]
    lines = [f"{'':<20}" + "".join(f"{head:>17}" for head in heads)]
    for key, segments in report["strategies"].items():
        values = [segments["variety"][metric] for metric in _VARIETY] + [report["exposure"]["distance"][key]]
        lines.append(f"{key:<20}" + "".join(f"{value:>17.4f}" for value in values))
    return lines


def _closing(report: Mapping[str, Any]) -> list[str]:
    users, products = report["users"], report["products"]
    lines = [
        f"* chosen on validation. {users['judged']:,} users judged, {users['new']:,} new; {products['all']:,} products,"
        f" {products['cold']:,} of them cold. Took {duration(report['seconds']['total'])}."
    ]
    if late := report["left_out"]["late"]:
        lines.append(f"Left out for want of time: {', '.join(late)}. Give more --budget-seconds.")
    return lines
