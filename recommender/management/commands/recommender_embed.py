"""Embeds the pictures that wait."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from recommender.conf import settings
from recommender.management import embedding
from recommender.management.base import RecommenderCommand
from recommender.management.progress import ProgressDisplay
from recommender.services import catching_up


class Command(RecommenderCommand):
    help = """Bring the embeddings of product pictures up to date.

Without options: the pictures that wait and those nobody has looked at, for example after the encoder changed. A picture
that did not change is not computed again."""

    def add_arguments(self, parser: CommandParser) -> None:
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--all", action="store_true", help="Look at every product's pictures.")
        which.add_argument("--failed", action="store_true", help="Try the pictures again that failed, and only those.")
        which.add_argument("--product", nargs="+", metavar="KEY", help="Only the products with these primary keys.")
        parser.add_argument(
            "--retry-failed", action="store_true", help="Try the pictures again that failed, with the others."
        )
        parser.add_argument("--here", action="store_true", help='In this process, even where TASKS is "celery".')
        parser.add_argument("--no-wait", action="store_true", help="Do not wait until the workers are done.")
        super().add_arguments(parser)

    def run(self, display: ProgressDisplay, **options: Any) -> None:
        keys = self._keys(options)
        if not options["dry_run"]:
            embedding.embed(keys, display, here=options["here"])
            if settings.TASKS == "celery" and not options["here"] and not options["no_wait"]:
                embedding.wait_for_workers(display)
        pictures = catching_up.counts()
        would = "would be " if options["dry_run"] else ""
        lines = [
            f"{len(keys):,} products {would}looked at.",
            f"Pictures: {pictures['ready']:,} embedded, {pictures['pending']:,} waiting, "
            f"{pictures['failed']:,} failed; {pictures['empty']:,} products without a picture.",
        ]
        if pictures["failed"]:
            lines.append("The admin shows why, under Image embeddings; `recommender_embed --failed` tries again.")
        self.report(
            options["json"], {"products": len(keys), "pictures": pictures, "dry_run": options["dry_run"]}, lines
        )

    def _keys(self, options: dict[str, Any]) -> list[Any]:
        if options["product"]:
            keys, unknown = catching_up.named(options["product"])
            if unknown:
                raise CommandError(f"There is no product {', '.join(unknown)}.")
            return keys
        if options["failed"]:
            return catching_up.failed()
        keys = catching_up.everything() if options["all"] else catching_up.outstanding()
        more = catching_up.failed() if options["retry_failed"] else []
        return list(dict.fromkeys([*keys, *more]))
