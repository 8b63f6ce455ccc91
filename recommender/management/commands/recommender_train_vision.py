"""manage.py recommender_train_vision: a network that learns the shop's own labels, as a new encoder."""

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from recommender.engines.vision.backbones import BACKBONES, TRAINED_BLOCKS
from recommender.engines.vision.fitting import Schooling
from recommender.management.base import RecommenderCommand
from recommender.management.progress import ProgressDisplay, duration
from recommender.services import trained
from recommender.services.teaching import Course, teach
from recommender.services.teaching.examples import from_folder, from_shop
from recommender.services.teaching.plots import measures

_DEFAULTS = Schooling()


class Command(RecommenderCommand):
    writes = False
    help = (
        "Trains a network on labelled pictures: those of the shop, or of a data set folder with its photos.\n"
        "The result is a new encoder, which `recommender_encoder` prepares, with a report. What is live\n"
        "stays as it is. Stopped, the same command goes on where it was."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--dataset", type=Path, metavar="DIR", help="A data set folder instead of the shop.")
        parser.add_argument("--output", type=Path, metavar="DIR", help="Where encoders go (default: the cache folder).")
        parser.add_argument("--heads", default="", metavar="A,B", help="Attributes to learn (default: all that show).")
        parser.add_argument("--backbone", choices=tuple(BACKBONES), default="lite0", help="small starts from nothing.")
        parser.add_argument(
            "--trained-blocks",
            type=int,
            default=TRAINED_BLOCKS,
            metavar="N",
            help="Last blocks of lite0 that learn; 16 is all of them, which wants a GPU (default: %(default)s).",
        )
        parser.add_argument(
            "--copies", type=int, default=5, metavar="N", help="Varied copies a picture (default: %(default)s)."
        )
        parser.add_argument("--epochs", type=int, default=_DEFAULTS.epochs, metavar="N", help="At most so many passes.")
        parser.add_argument("--rate", type=float, default=_DEFAULTS.rate, metavar="R", help="Highest learning rate.")
        parser.add_argument(
            "--metric",
            choices=("both", "arcface", "supcon", "none"),
            default=_DEFAULTS.metric,
            help="What shapes the embedding beside naming (default: %(default)s).",
        )
        parser.add_argument(
            "--patience", type=int, default=_DEFAULTS.patience, metavar="N", help="Epochs without gain."
        )
        parser.add_argument("--seed", type=int, default=0, metavar="N", help="Same seed, same network (default: 0).")
        parser.add_argument("--fresh", action="store_true", help="Forget the unfinished work of an earlier call.")

    def run(self, display: ProgressDisplay, **options: Any) -> None:
        examples = from_folder(options["dataset"]) if options["dataset"] else from_shop()
        course = Course(
            heads=tuple(name.strip() for name in options["heads"].split(",") if name.strip()),
            backbone=options["backbone"],
            trained_blocks=options["trained_blocks"],
            copies=options["copies"],
            schooling=Schooling(
                epochs=options["epochs"],
                rate=options["rate"],
                metric=options["metric"],
                patience=options["patience"],
                seed=options["seed"],
            ),
        )
        report = teach(
            examples,
            course,
            options["output"] or trained.folder(),
            fresh=options["fresh"],
            say=display.say,
            note=display.note,
            progress=display.progress,
        )
        self.report(options["json"], report, _lines(report))


def _lines(report: dict[str, Any]) -> list[str]:
    lines = [f"Trained in {duration(report['seconds'])}: {report['version']}", ""]
    for head, parts in report["heads"].items():
        judged = trained.judged_by(parts)
        if judged["pictures"]:
            lines.append(
                f"  {head}: {judged['accuracy']:.3f} of {judged['pictures']:,} unseen pictures named right "
                f"({judged['classes']} classes), {judged['by_product']:.3f} of {judged['products']:,} products"
            )
    for name, before, after in measures(report["retrieval"]):
        lines.append(f"  {name}: {before:.3f} before, {after:.3f} after")
    if report["refused"]:
        lines.append(f"  {len(report['refused'])} pictures could not be read; the report lists them.")
    return [
        *lines,
        "",
        f"Report: {report['encoder']}/report/index.html",
        f"To try it beside the live one: manage.py recommender_encoder prepare --trained {report['encoder']}",
    ]
