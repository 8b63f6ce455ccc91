"""manage.py demo_shelves: say of the demo's shoppers what they saw on shelves, so that the figures are alive."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import ngettext

from catalog.demo.shelves import imagine


class Command(BaseCommand):
    help = (
        "Imagines what the simulated shoppers of the demo saw and clicked on shelves in the last weeks, for the page "
        "of figures in the admin. A shop that has impressions is left alone."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seed", type=int, default=0, metavar="N", help="another seed, other clicks (default: 0)")

    def handle(self, *args: Any, **options: Any) -> None:
        clicks = imagine(seed=options["seed"])
        if options["verbosity"]:
            self.stdout.write(ngettext("%(n)d click imagined.", "%(n)d clicks imagined.", clicks) % {"n": clicks})
