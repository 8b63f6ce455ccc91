"""Loads a data set folder into the shop."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError, CommandParser

from recommender import tasks
from recommender.conf import settings
from recommender.datasets.tables import RowError
from recommender.management import embedding
from recommender.management.base import RecommenderCommand, expiry_note
from recommender.management.progress import ProgressDisplay
from recommender.services import catching_up, importing
from recommender.services.importing import ImportReport

_ERRORS_SHOWN = 50


class Command(RecommenderCommand):
    help = """Load a data set folder: products with their pictures, then what people did with them.

A row that is broken is reported with its file and line, and the rest goes on. The command may be stopped and run
again at any time: what is there already is passed over.

  manage.py recommender_import data/phones
  manage.py recommender_import data/phones --dry-run
  manage.py recommender_import data/shop --limit 1000 --skip-images

The folder's format is described in docs/reference/datasets.md."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", help="The folder that holds products.csv, interactions.csv.gz or both.")
        parser.add_argument("--limit", type=_positive, metavar="N", help="Read at most N rows of each file.")
        parser.add_argument(
            "--skip-images", action="store_true", help="Load products without pictures, and embed nothing."
        )
        parser.add_argument("--skip-history", action="store_true", help="Load products only.")
        parser.add_argument("--with-test", action="store_true", help="Load the held-out test.csv.gz as history too.")
        parser.add_argument("--strict", action="store_true", help="Exit with 1 when any row was left out.")
        parser.add_argument("--no-wait", action="store_true", help="Do not wait until the workers have embedded.")
        super().add_arguments(parser)

    def run(self, display: ProgressDisplay, **options: Any) -> None:
        self._errors: list[RowError] = []
        self._n_errors = 0
        self._display = display
        choice = importing.ImportOptions(
            limit=options["limit"],
            skip_images=options["skip_images"],
            skip_history=options["skip_history"],
            with_test=options["with_test"],
            dry_run=options["dry_run"],
        )
        delivery = embedding.Delivery()
        with tasks.dispatch_held():
            report = importing.import_folder(
                options["folder"],
                choice,
                on_error=self._left_out,
                progress=display.progress,
                say=display.say,
                deliver=delivery if settings.TASKS == "celery" else None,
            )
        if not (choice.dry_run or choice.skip_images):
            embedding.embed(delivery.undelivered(catching_up.outstanding()), display, here=False)
            if settings.TASKS == "celery" and not options["no_wait"]:
                embedding.wait_for_workers(display)
        self._conclude(report, options)

    def _left_out(self, error: RowError) -> None:
        self._n_errors += 1
        if self._n_errors <= _ERRORS_SHOWN:
            self._errors.append(error)
            self._display.note(f"{error.file}, line {error.line}: {error.message}")
        elif self._n_errors == _ERRORS_SHOWN + 1:
            self._display.note("More rows are left out; the summary counts them.")

    def _conclude(self, report: ImportReport, options: dict[str, Any]) -> None:
        pictures = catching_up.counts()
        data = {
            "products": asdict(report.products),
            "history": asdict(report.history),
            "pictures": pictures,
            "errors": [error._asdict() for error in self._errors],
            "n_errors": self._n_errors,
            "dry_run": options["dry_run"],
        }
        self.report(options["json"], data, _lines(report, pictures, dry_run=options["dry_run"]))
        if report.is_fruitless:
            raise CommandError(
                "Nothing could be imported. "
                + (
                    "Look at the rows reported above."
                    if self._n_errors
                    else "The history speaks of products that the shop does not have: import their products.csv first."
                )
            )
        if options["strict"] and self._n_errors:
            raise CommandError(f"{self._n_errors:,} rows were left out. Correct them and run the command again.")


def _lines(report: ImportReport, pictures: dict[str, int], *, dry_run: bool) -> list[str]:
    products, history = report.products, report.history
    would = "would be " if dry_run else ""
    lines = [
        f"Products: {products.added:,} {would}added, {products.updated:,} {would}updated, "
        f"{products.unchanged:,} unchanged, {products.refused:,} left out.",
    ]
    if history.rows or history.refused:
        orders = f" and {history.order_lines:,} order lines" if history.order_lines else ""
        lines.append(
            f"History: {history.rows:,} rows; {history.added:,} events{orders} {would}added, "
            f"{history.known:,} known, {history.unknown_products:,} of unknown products, {history.refused:,} left out."
        )
    lines += expiry_note(history.expired)
    if not dry_run:
        lines.append(
            f"Pictures: {pictures['ready']:,} embedded, {pictures['pending']:,} waiting, {pictures['failed']:,} failed."
        )
        lines.append("Next: manage.py recommender_train")
    return lines


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError
    return number
