"""Learns from everything there is, and serves it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from recommender.management.base import RecommenderCommand
from recommender.management.progress import ProgressDisplay


class Command(RecommenderCommand):
    help = """Fit, build and publish a snapshot: what shelves are served from.

The new snapshot goes live when it is complete and sane; otherwise the old one stays. The admin rolls back."""

    writes = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--force", action="store_true", help="Publish even when the shop has less than half of its products left."
        )
        super().add_arguments(parser)

    def run(self, display: ProgressDisplay, **options: Any) -> None:
        from recommender.services import training  # fitting loads SciPy, which `--help` has no use for

        snapshot = training.train(progress=display.progress, say=display.say, force=options["force"])
        metrics = dict(snapshot.metrics)
        lines = [
            f"Snapshot {snapshot.pk} is live: {snapshot.n_products:,} products, encoder {snapshot.encoder_version}."
        ]
        lines += [f"  {name}: {_plain(value)}" for name, value in metrics.items()]
        data = {
            "snapshot": snapshot.pk,
            "products": snapshot.n_products,
            "encoder": snapshot.encoder_version,
            "size_bytes": snapshot.size_bytes,
            "metrics": metrics,
        }
        self.report(options["json"], data, lines)


def _plain(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, int):
        return f"{value:,}"
    return str(value)
