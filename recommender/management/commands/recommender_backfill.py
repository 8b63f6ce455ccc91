"""Makes events of the shop's own orders."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError

from recommender.conf import settings
from recommender.management.base import RecommenderCommand, expiry_note
from recommender.management.progress import ProgressDisplay
from recommender.services import backfilling
from recommender.sources import get_source


class Command(RecommenderCommand):
    help = """Learn of all the orders that the shop has: every order line becomes an event, once.

Purchases that were tracked at the checkout, imported or backfilled before are passed over, so the command may run
again at any time."""

    def run(self, display: ProgressDisplay, **options: Any) -> None:
        if not get_source().can("purchases"):
            raise CommandError(f"The shop does not tell its orders: override purchases() in {settings.PRODUCT_SOURCE}.")
        display.say("Reading the shop's orders")
        report = backfilling.backfill(progress=display.progress, dry_run=options["dry_run"])
        would = "would be " if options["dry_run"] else ""
        lines = [
            f"Order lines: {report.lines:,} read; {report.added:,} events {would}added, {report.known:,} known, "
            f"{report.unknown_products:,} of products that are gone."
        ]
        lines += expiry_note(report.expired)
        self.report(options["json"], asdict(report) | {"dry_run": options["dry_run"]}, lines)
