"""The whole import, as one job: products first, then what people did with them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from django.utils.translation import gettext_noop

from recommender.datasets.folder import DatasetFolder
from recommender.datasets.tables import OnError, RowError
from recommender.engines.base import Progress
from recommender.exceptions import DatasetError
from recommender.models import Job
from recommender.services import jobs
from recommender.services.importing.history import HistoryImport, HistoryReport
from recommender.services.importing.products import Deliver, ProductsReport, import_products
from recommender.sources import get_source

Say = Callable[[str], None]


@dataclass(frozen=True)
class ImportOptions:
    """What to import.

    Attributes:
        limit: read at most this many rows of each file.
        skip_images: products without their pictures; a product that is there already stays as it is.
        skip_history: products only.
        with_test: the held-out part of the history too.
        dry_run: read and count only.
    """

    limit: int | None = None
    skip_images: bool = False
    skip_history: bool = False
    with_test: bool = False
    dry_run: bool = False


@dataclass
class ImportReport:
    """What became of the rows."""

    products: ProductsReport = field(default_factory=ProductsReport)
    history: HistoryReport = field(default_factory=HistoryReport)

    @property
    def is_fruitless(self) -> bool:
        """Whether there were rows, and nothing of them is in the shop."""
        rows = self.products.rows + self.history.rows + self.products.refused + self.history.refused
        return rows > 0 and not (self.products.kept or self.history.kept)


def import_folder(
    path: Path | str,
    options: ImportOptions,
    *,
    on_error: OnError,
    progress: Progress | None = None,
    say: Say | None = None,
    deliver: Deliver | None = None,
) -> ImportReport:
    """Load a data set folder into the shop.

    Args:
        path: a folder in the format of docs/reference/datasets.md.
        options: what to import.
        on_error: called with each row that is left out.
        progress: called with (done, total) within each step.
        say: called with the name of each step as it begins.
        deliver: called after each commit with the keys of the products whose pictures wait to be embedded, so that
            workers may begin while the import goes on. What is lost between the two is in the database.

    Raises:
        DatasetError: when the folder cannot be read, or holds nothing that this shop can import.
        JobBusyError: when an import or a backfill runs.
    """
    report = ImportReport()

    def left_out(error: RowError) -> None:
        part = report.products if error.file == folder.file_name("products") else report.history
        part.refused += 1
        on_error(error)

    folder = DatasetFolder(path, left_out)
    _check(folder)
    if options.dry_run:
        _import(folder, options, report, left_out, progress, say or _silently, None)
        return report
    with jobs.running(Job.Kind.IMPORT, progress) as run:

        def tell(message: str) -> None:
            run.say(message)
            if say is not None:
                say(message)

        _import(folder, options, report, left_out, run.progress, tell, deliver)
    return report


def _import(
    folder: DatasetFolder,
    options: ImportOptions,
    report: ImportReport,
    on_error: OnError,
    progress: Progress | None,
    say: Say,
    deliver: Deliver | None,
) -> None:
    say(gettext_noop("Importing products"))
    keys = import_products(
        folder,
        report.products,
        limit=options.limit,
        skip_images=options.skip_images,
        dry_run=options.dry_run,
        on_error=on_error,
        progress=progress,
        deliver=None if options.skip_images else deliver,
    )
    if options.skip_history:
        return
    history = HistoryImport(folder, keys, report.history, dry_run=options.dry_run, on_error=on_error)
    for name in ("interactions", "test")[: 2 if options.with_test else 1]:
        if folder.has(name):
            say(f"Importing {folder.file_name(name)}")
            history.read(name, limit=options.limit, progress=progress)
    if history.makes_orders and report.history.rows and not options.dry_run:
        say(gettext_noop("Learning of the shop's orders"))
        history.read_orders(progress)


def _check(folder: DatasetFolder) -> None:
    if not folder.has("products") and not folder.has("interactions"):
        raise DatasetError(
            f"{folder.path} has neither products.csv nor interactions.csv.gz. "
            "The format is described in docs/reference/datasets.md."
        )
    if folder.has("products") and not any(map(get_source().can, ("upsert", "upsert_many"))):
        raise DatasetError(
            f"This shop cannot import products: override upsert() in {type(get_source()).__name__}, "
            "or give a folder without products.csv whose product ids are your primary keys."
        )


def _silently(message: str) -> None:
    """For callers who do not want to know."""
