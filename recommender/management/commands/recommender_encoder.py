"""Encoders side by side: prepares one in the background of the other, switches to it, and rolls back."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import CommandError, CommandParser
from kombu.exceptions import KombuError

from recommender import tasks
from recommender.conf import Engine, settings
from recommender.exceptions import EncoderError
from recommender.management import embedding
from recommender.management.base import RecommenderCommand
from recommender.management.progress import ProgressDisplay
from recommender.services import balancing, catching_up, reweighing, trained, versioning
from recommender.services.balancing import Advice
from recommender.services.versioning import Standing


class Command(RecommenderCommand):
    writes = False
    help = """Try another image encoder beside the live one, switch to it at once, and roll back.

  manage.py recommender_encoder list                    # what is live, what is a candidate, what it lacks
  manage.py recommender_encoder prepare                 # the encoder of the setting ENCODER
  manage.py recommender_encoder prepare --trained DIR   # one that recommender_train_vision wrote
  manage.py recommender_encoder prepare --backend PATH --options JSON
  manage.py recommender_encoder prepare --weights semantic=60,colour=40   # the live one; no picture is read
  manage.py recommender_encoder learn-weights           # weights that the shop's own labels ask for; changes nothing
  manage.py recommender_encoder switch [VERSION]        # to the candidate that is prepared
  manage.py recommender_encoder rollback                # to the one that was live before

Shelves and search by photo stay with the live encoder until the switch. Stopped, `prepare` goes on where it was."""

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("action", choices=("list", "prepare", "learn-weights", "switch", "rollback"))
        parser.add_argument("version", nargs="?", default="", help="What to switch to, where there are several.")
        which = parser.add_mutually_exclusive_group()
        which.add_argument("--trained", metavar="DIR", help="Prepare the encoder in this folder.")
        which.add_argument("--backend", metavar="PATH", help="Prepare the encoder of this dotted path.")
        which.add_argument(
            "--weights",
            type=_weights,
            metavar="BLOCK=SHARE,...",
            help="Prepare the live encoder with other block weights, from the vectors that are stored.",
        )
        parser.add_argument("--options", default="", metavar="JSON", help="With --backend: its options.")
        parser.add_argument(
            "--labels", default="", metavar="A,B", help="With learn-weights: attributes (default: all that show)."
        )
        parser.add_argument("--here", action="store_true", help='In this process, even where TASKS is "celery".')
        parser.add_argument("--no-wait", action="store_true", help="Leave the work to the workers and celery beat.")
        super().add_arguments(parser)

    def run(self, display: ProgressDisplay, **options: Any) -> None:
        if options["action"] == "learn-weights":
            self._learn_weights(display, options)
            return
        said: list[str] = []
        if options["action"] == "prepare":
            said = self._prepare(display, options)
        elif options["action"] == "switch":
            snapshot = versioning.switch(options["version"] or _candidate())
            said = [f"Encoder {snapshot.encoder_version} is live, with snapshot {snapshot.pk}."]
        elif options["action"] == "rollback":
            snapshot = versioning.roll_back()
            said = [f"Encoder {snapshot.encoder_version} is live again, with snapshot {snapshot.pk}."]
        standings = versioning.standings()
        self.report(options["json"], {"encoders": [_plain(one) for one in standings]}, [*said, *map(_line, standings)])

    def _learn_weights(self, display: ProgressDisplay, options: dict[str, Any]) -> None:
        labels = [name.strip() for name in options["labels"].split(",") if name.strip()]
        display.say("Trying weights")
        advice = balancing.advise(labels, tried=lambda count: display.progress(count, 0))
        judged = [one._asdict() for one in advice.judged]
        data = {**asdict(advice), "judged": judged, "is_better": advice.is_better, "command": _command(advice)}
        self.report(options["json"], data, _advice_lines(advice))

    def _prepare(self, display: ProgressDisplay, options: dict[str, Any]) -> list[str]:
        version = versioning.prepare(_engine(options)).version
        by_workers = settings.TASKS == "celery" and not options["here"]
        if by_workers:
            _send_out()
        if by_workers and options["no_wait"]:
            return [f"Workers embed by {version}; celery beat has its snapshot made when they are done."]
        if by_workers:
            embedding.wait_for_workers(display, version)
        else:
            display.say("Embedding pictures")
            catching_up.embed_here(catching_up.outstanding(version), version, progress=display.progress)
        from recommender.services import training  # fitting loads SciPy, which `--help` has no use for

        snapshot = training.build(version, training.Listener(display.say, display.progress, display.note))
        return [f"Encoder {version} is prepared, with snapshot {snapshot.pk}. Nothing was switched."]


def _send_out() -> None:
    try:
        tasks.sweep()
    except (KombuError, OSError) as error:
        raise CommandError(
            "The broker does not answer. The encoder is noted, and celery beat sends its work when the broker is back; "
            "or run the same command with --here."
        ) from error


def _engine(options: dict[str, Any]) -> Engine | None:
    if options["trained"]:
        return trained.engine_in(options["trained"])
    if options["weights"]:
        try:
            return reweighing.engine_with(options["weights"])
        except EncoderError:
            raise
        except ValueError as error:
            raise CommandError(f"--weights: {error}", returncode=2) from error
    if not options["backend"]:
        return None
    try:
        given = json.loads(options["options"] or "{}")
    except ValueError as error:
        raise CommandError(f"--options is no JSON: {error}", returncode=2) from error
    if not isinstance(given, dict):
        raise CommandError("--options must be a JSON object.", returncode=2)
    return {"BACKEND": options["backend"], "OPTIONS": given}


def _weights(text: str) -> dict[str, float]:
    """The shares of `semantic=60,colour=40`."""
    pairs = [part.partition("=") for part in text.split(",")]
    return {name.strip(): float(share) for name, _, share in pairs}


def _command(advice: Advice) -> str:
    weights = ",".join(f"{name}={share}" for name, share in advice.weights.items())
    return f"manage.py recommender_encoder prepare --weights {weights}"


def _advice_lines(advice: Advice) -> list[str]:
    width = max(len(name) for name in [*advice.weights, *(one.label for one in advice.judged), "all labels"]) + 2
    lines = [f"{'weights':<{width}}{'now':>8}{'found':>8}"]
    lines += [f"{name:<{width}}{advice.now[name]:>6} %{share:>6} %" for name, share in advice.weights.items()]
    lines += ["", f"{'mAP':<{width}}{'now':>8}{'found':>8}{'products':>10}"]
    lines += [f"{one.label:<{width}}{one.before:>8.3f}{one.after:>8.3f}{one.products:>10,}" for one in advice.judged]
    lines += [
        f"{'all labels':<{width}}{advice.before:>8.3f}{advice.after:>8.3f}",
        "",
        *advice.left_out,
        f"Chosen by {advice.products[0]:,} products, judged by {advice.products[1]:,} others; "
        f"the gain is between {advice.gain[0]:+.3f} and {advice.gain[1]:+.3f} (95 %).",
    ]
    if advice.is_better:
        return [*lines, f"To have these weights: {_command(advice)}"]
    return [*lines, "No weights are surely better than those in use."]


def _candidate() -> str:
    """The one candidate that is there."""
    found = [one.version for one in versioning.standings() if one.state == "candidate"]
    if len(found) != 1:
        raise EncoderError(
            f"Name the encoder to switch to: {', '.join(found)}."
            if found
            else "There is no candidate. Prepare one: `manage.py recommender_encoder prepare`."
        )
    return found[0]


def _line(one: Standing) -> str:
    snapshot = f"snapshot {one.snapshot.pk}" if one.snapshot is not None else "no snapshot yet"
    lacking = f"{one.lacking:,} lacking" if one.lacking else "none lacking"
    return f"  {one.state:<10}{one.version:<32}{one.done:,} products seen, {lacking}, {snapshot}"


def _plain(one: Standing) -> dict[str, Any]:
    names = ("version", "dimension", "state", "done", "lacking")
    return {name: getattr(one, name) for name in names} | {"snapshot": one.snapshot.pk if one.snapshot else None}
