"""How well the shop's encoder finds the same phone in another picture."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from recommender.management.base import RecommenderCommand
from recommender.management.progress import ProgressDisplay
from recommender.services.evaluating.images import evaluate_images

_SHOWN = 20


class Command(RecommenderCommand):
    help = """Judge the image encoder on a data set folder.

Each picture of products.csv looks for the other pictures of its model and of its item (model and color); each photo of
photos.csv looks for its product.

  manage.py recommender_evaluate_images --dataset data/phones
  manage.py recommender_evaluate_images --dataset data/phones --json report.json

What the numbers mean is described in docs/explanation/embeddings.md."""

    writes = False
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        # Not super(): here --json names a file, because a run is long and its table is worth seeing too.
        parser.add_argument("--dataset", metavar="DIR", required=True, help="A data set folder with products.csv.")
        parser.add_argument("--json", type=Path, metavar="FILE", help="Write the whole report to this file.")

    def run(self, display: ProgressDisplay, **options: Any) -> None:
        display.say("Looking at pictures")
        report = evaluate_images(options["dataset"], progress=display.progress)
        for entry in report["unreadable"][:_SHOWN]:
            display.note(f"left out: {entry['file']}: {entry['reason']}")
        if options["json"]:
            _write(options["json"], report)
        self.stdout.write("\n".join(_table(report)))


def _write(file: Path, report: Mapping[str, Any]) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(report, indent=2, allow_nan=False) + "\n", encoding="utf-8")
    except OSError as error:
        raise CommandError(f"The report cannot be written to {file}: {error.strerror}.") from error


def _table(report: Mapping[str, Any]) -> list[str]:
    lines = [f"{'':<38}{'top-1':>8}{'mAP':>8}{'queries':>9}"]
    rows = [("same model", report["same_model"]), ("same model and colour", report["same_item"])]
    if (products := report["products"]) is not None:
        for whose, found in (("products", products), ("products by their means", products["by_mean"])):
            same = (("same model", found["same_model"]), ("same colour", found["same_color"]))
            rows += [(f"{whose}: {title}", row) for title, row in same if row["queries"]]
    for title, row in rows:
        lines.append(f"{title:<38}{row['top1']:>8.3f}{row['map']:>8.3f}{row['queries']:>9,}")
    if report["photo_to_product"]:
        lines += ["", f"{'photo to product':<38}{'top-1':>8}{'top-5':>8}{'MRR':>8}{'queries':>9}"]
        for split, row in report["photo_to_product"].items():
            values = "".join(f"{row[metric]:>8.3f}" for metric in ("top1", "top5", "mrr"))
            lines.append(f"{split or '(no split)':<38}{values}{row['queries']:>9,}")
    unreadable = len(report["unreadable"])
    lines.append(
        f"{report['pictures']:,} distinct pictures and {report['photos']:,} photos by {report['encoder']}; "
        f"{unreadable:,} unreadable files left out."
    )
    return lines
