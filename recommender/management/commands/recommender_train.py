"""Learns from everything there is, and serves it; looks for a better way to learn first, when asked or when due."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.management.base import CommandError, CommandParser

from recommender.management.base import RecommenderCommand
from recommender.management.progress import ProgressDisplay, duration
from recommender.models import Selection

_BEST_TRIALS = 8


class Command(RecommenderCommand):
    help = """Fit, build and publish a snapshot: what shelves are served from.

The new snapshot goes live when it is complete and sane; otherwise the old one stays. The admin rolls back.

Before that, the first time there is enough history and whenever it has doubled, a selection looks for the engine,
options and blends that foresee best what visitors did, and its gate decides whether they replace those in use.

  manage.py recommender_train                           # selects when it is due
  manage.py recommender_train --tune                    # selects now
  manage.py recommender_train --budget-seconds 600      # selects now, and takes its time
  manage.py recommender_train --tune --dry-run          # says what a selection finds, and changes nothing

docs/explanation/training.md tells what is tried, and when something goes live."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tune", action="store_true", help="Select now, whether it is due or not.")
        parser.add_argument("--no-tune", action="store_true", help="Learn the live configuration anew, even when due.")
        parser.add_argument(
            "--budget-seconds",
            type=_positive,
            metavar="N",
            help='Select now, searching this long. Default: RECOMMENDER["TRAINING_BUDGET_SECONDS"].',
        )
        parser.add_argument(
            "--force", action="store_true", help="Publish even when the shop has less than half of its products left."
        )
        super().add_arguments(parser)

    def run(self, display: ProgressDisplay, **options: Any) -> None:
        from recommender.services import training  # fitting loads SciPy, which `--help` has no use for

        wanted = bool(options["tune"] or options["budget_seconds"])
        if wanted and options["no_tune"]:
            raise CommandError("--no-tune contradicts --tune and --budget-seconds. Give one of them.", returncode=2)
        told = training.Listener(display.say, display.progress, display.note)
        if options["dry_run"]:
            selection = training.rehearse(told, budget_seconds=options["budget_seconds"])
            lines = ["Nothing was published.", *_told(selection)]
            self.report(options["json"], {"snapshot": None, "selection": _plain(selection)}, lines)
            return
        tuning = training.Tuning(True if wanted else False if options["no_tune"] else None, options["budget_seconds"])
        snapshot = training.train(told, force=options["force"], tuning=tuning)
        lines = [
            f"Snapshot {snapshot.pk} is live: {snapshot.n_products:,} products, encoder {snapshot.encoder_version}."
        ]
        lines += [f"  {name}: {_number(value)}" for name, value in snapshot.metrics.items()]
        lines += _told(snapshot.selection) if snapshot.selection is not None else []
        data = {
            "snapshot": snapshot.pk,
            "products": snapshot.n_products,
            "encoder": snapshot.encoder_version,
            "size_bytes": snapshot.size_bytes,
            "metrics": snapshot.metrics,
            "configuration": snapshot.config["configuration"],
            "selection": _plain(snapshot.selection) if snapshot.selection is not None else None,
        }
        self.report(options["json"], data, lines)


def _positive(text: str) -> float:
    seconds = float(text)
    if not seconds > 0:
        raise ValueError(text)
    return seconds


def _told(selection: Selection) -> list[str]:
    """The selection's verdict, its candidates and its best trials."""
    from recommender.services.selecting import words

    when = f" of {selection.created_at:%Y-%m-%d %H:%M}" if selection.created_at else ""
    lines = ["", f"Selection{when}: {selection.get_verdict_display()}."]
    lines += [f"  {line}" for line in words.verdict(selection)]
    return [*lines, *_candidates(selection), *_trials(selection)]


def _candidates(selection: Selection) -> Iterator[str]:
    from recommender.services.selecting import words

    if not selection.candidates:
        return
    yield ""
    yield f"  {'':<22}{'for you':>10}{'similar':>10}   * against it, 95 % intervals"
    against = {(row["rival"], row["kind"]): row for one in selection.candidates for row in _rows(one, selection)}
    for candidate in selection.candidates:
        name = candidate["name"]
        mark = " *" if name == selection.winner else ""
        means = "".join(f"{candidate['means'].get(kind, float('nan')):>10.4f}" for kind in words.KINDS)
        rows = [against[name, kind] for kind in words.KINDS if (name, kind) in against]
        intervals = "  ".join(f"[{row['low']:+.4f}, {row['high']:+.4f}]" for row in rows)
        yield f"  {words.name_of(name) + mark:<22}{means}   {intervals}".rstrip()


def _rows(candidate: dict[str, Any], selection: Selection) -> list[dict[str, Any]]:
    return list(candidate["against"]) if candidate["name"] == selection.winner else []


def _trials(selection: Selection) -> Iterator[str]:
    if not selection.trials:
        return
    yield ""
    yield f"  {'best trials':<22}{'value':>10}{'seconds':>10}"
    for trial in selection.trials[:_BEST_TRIALS]:
        options = ", ".join(f"{name} {'∞' if value is None else value}" for name, value in trial["options"].items())
        yield f"  {trial['engine']:<22}{trial['value']:>10.4f}{trial['seconds']:>10.2f}   {options}".rstrip()
    yield f"  {len(selection.trials)} trials in all, {duration(selection.seconds)} with learning and judging."


def _plain(selection: Selection) -> dict[str, Any]:
    names = ("verdict", "winner", "n_events", "n_positives", "n_judges", "n_steps", "seconds", "pinned")
    return {name: getattr(selection, name) for name in (*names, "candidates", "trials")}


def _number(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, int):
        return f"{value:,}"
    return str(value)
