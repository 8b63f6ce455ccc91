"""manage.py demo_range: draw the invented phones and simulate their shoppers, into a data set folder."""

from argparse import ArgumentTypeError
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.translation import gettext as _
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from catalog.demo.building import PLANS, Summary, build


class Command(BaseCommand):
    help = (
        "Draws the demo range (invented brands and phones, with pictures) and simulates a year of shopping. "
        "The result is a data set folder for recommender_import. A folder that is complete is left alone."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="the folder to write")
        parser.add_argument(
            "--size",
            choices=tuple(PLANS),
            default="full",
            help="small is for tests and quick looks (default: full)",
        )
        parser.add_argument(
            "--seed", type=_seed, default=0, metavar="N", help="another seed, another history (default: 0)"
        )
        parser.add_argument(
            "--end", type=_day, metavar="ISO-DATE", help="the day before which the history ends (default: today)"
        )
        parser.add_argument("--force", action="store_true", help="draw everything again")

    def handle(self, *args: Any, **options: Any) -> None:
        quiet = options["verbosity"] == 0
        end = options["end"] or timezone.localdate()
        console = Console(stderr=True, quiet=quiet, no_color=options["no_color"])
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        labels = {"pictures": _("Drawing phones"), "history": _("Simulating shoppers")}
        try:
            with Progress(*columns, console=console, transient=True) as bars:
                tasks = {step: bars.add_task(label, total=None, visible=False) for step, label in labels.items()}

                def show(step: str, done: int, total: int) -> None:
                    bars.update(tasks[step], completed=done, total=total, visible=True)

                summary = build(
                    options["out"],
                    end=end,
                    size=options["size"],
                    seed=options["seed"],
                    force=options["force"],
                    progress=show,
                )
        except OSError as error:
            raise CommandError(str(error)) from error
        if not quiet:
            self.stdout.write(_describe(summary, options["out"]))


def _describe(summary: Summary, folder: Path) -> str:
    values = {
        "families": summary.families,
        "products": summary.products,
        "pictures": summary.pictures,
        "interactions": summary.interactions,
        "end": summary.end,
        "drawn": summary.drawn,
        "seconds": round(summary.seconds, 1),
        "folder": folder,
    }
    holds = _(
        "%(folder)s: %(families)d families, %(products)d products, %(pictures)d pictures, "
        "%(interactions)d interactions until %(end)s."
    )
    if summary.is_cached:
        return f"{holds % values} {_('Nothing to do: it was complete.')}"
    return f"{holds % values} {_('%(drawn)d pictures drawn in %(seconds)s s.') % values}"


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no date such as 2026-01-31") from None


def _seed(text: str) -> int:
    if not text.isdecimal():
        raise ArgumentTypeError(f"{text!r} is no whole number of 0 or more")
    return int(text)
