"""One course from labelled pictures to a new encoder with its report; what is live is never touched."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from django.utils.translation import gettext_noop

from recommender.core.labels import Classes
from recommender.core.picture_splits import Part
from recommender.core.types import Int32
from recommender.engines.base import Progress
from recommender.engines.litert import LiteRTNetwork
from recommender.engines.places import NAMES
from recommender.engines.trained import TrainedEncoder, write_artefact
from recommender.engines.vision.backbones import TRAINED_BLOCKS, build_backbone
from recommender.engines.vision.exporting import to_litert
from recommender.engines.vision.fitting import Curves, Lessons, Schooling, fit
from recommender.engines.vision.network import EMBEDDING, VisionNetwork
from recommender.exceptions import TrainingDataError
from recommender.imaging.augmenting import Variation
from recommender.services import jobs
from recommender.services.block_names import percents
from recommender.services.teaching.copies import Copies, make_copies, translated
from recommender.services.teaching.examples import Example
from recommender.services.teaching.finishing import (
    Eyes,
    Say,
    Work,
    finished_heads,
    judged_heads,
    judged_retrieval,
    weights_beside,
)
from recommender.services.teaching.report import write_report
from recommender.services.teaching.subjects import Subjects, choose

SHOP_TURNS = 4
"""How often a shop picture comes in an epoch beside photos, of which a product has dozens."""


@dataclass(frozen=True)
class Course:
    """What is taught, and how.

    Attributes:
        heads: attributes to learn; all usual ones that the pictures have when empty.
        backbone: a key of `BACKBONES`.
        trained_blocks: of Lite0, see `build_backbone`.
        copies: varied copies of each picture.
        schooling: rates, epochs, losses and the seed.
    """

    heads: tuple[str, ...] = ()
    backbone: str = "lite0"
    trained_blocks: int = TRAINED_BLOCKS
    copies: int = 5
    schooling: Schooling = field(default_factory=Schooling)


def teach(
    examples: Sequence[Example],
    course: Course,
    output: Path,
    *,
    fresh: bool = False,
    say: Say = lambda text: None,
    note: Say = lambda text: None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Train a network on the pictures' labels and write it down as an encoder with a report.

    The same call after an interruption goes on where it was. Nothing that is live changes: the new encoder is a new
    folder, which appears when it is complete.

    Args:
        examples: labelled pictures.
        course: what and how.
        output: where encoders, reports and unfinished work go.
        fresh: forget unfinished work.
        say: told the name of each step.
        note: told what a person should know.
        progress: called with (done, total) of a step.

    Returns:
        The report: `encoder` (the folder), `version`, `weights` in hundredths, `heads`, `retrieval`, `curves`, `notes`,
        `refused`, `seconds`.

    Raises:
        TrainingDataError: when there is nothing to learn.
        CheckpointError: when unfinished work was another course's.
        NoSpaceError: when the disk is full.
        JobBusyError: when another training runs.
    """
    begun = perf_counter()
    first = choose(examples, course.heads, course.schooling.seed)  # what cannot be learned is said before any work
    for text in first.notes:
        note(text)
    with translated(output):
        work_folder = output / "work"
        if fresh:
            shutil.rmtree(work_folder, ignore_errors=True)
        work_folder.mkdir(parents=True, exist_ok=True)
    with jobs.running("vision", progress) as run:

        def step(title: str) -> None:
            run.say(title)
            say(title)

        work, network, curves = _learn(examples, first, course, work_folder, step, note, run.progress)
        step(gettext_noop("Judging what was learned"))
        exported, side = to_litert(network), network.backbone.side
        eyes = Eyes(work, LiteRTNetwork(exported), side, run.progress)
        finished = finished_heads(work, eyes, network.heads())
        weights = weights_beside(work, eyes, finished.heads)
        about = {"course": asdict(course), "pictures": len(examples)}
        with translated(output):
            folder = write_artefact(
                output,
                exported,
                finished.heads,
                side=side,
                dimension=EMBEDDING,
                weights=weights,
                about=about,
                places=eyes.places if NAMES[0] in weights else None,
            )
        encoder = TrainedEncoder(path=folder)
        report = {
            "encoder": str(folder),
            "version": encoder.version,
            "weights": percents(encoder.blocks),
            "course": asdict(course),
            "heads": judged_heads(work, eyes, finished),
            "retrieval": judged_retrieval(work, folder, step, run.progress),
            "curves": asdict(curves),
            "notes": work.subjects.notes,
            "refused": work.copies.refused,
            "seconds": round(perf_counter() - begun, 1),
        }
        step(gettext_noop("Writing the report"))
        with translated(output):
            write_report(report, work.examples, folder / "report")
        shutil.rmtree(work_folder, ignore_errors=True)
    return report


def _learn(
    examples: Sequence[Example],
    first: Subjects,
    course: Course,
    folder: Path,
    step: Say,
    note: Say,
    progress: Progress,
) -> tuple[Work, VisionNetwork, Curves]:
    backbone = build_backbone(course.backbone, course.trained_blocks, seed=course.schooling.seed)
    turn = _turns(examples)
    step(gettext_noop("Looking at pictures and varied copies of them"))
    copies = make_copies(
        [examples[row] for row in turn],
        backbone,
        variation_for(first.classes),
        varied=first.parts[turn] == Part.TAUGHT,
        count=course.copies,
        seed=course.schooling.seed,
        folder=folder,
        progress=progress,
    )
    work = _readable(examples, turn, copies, course)
    new = [text for text in work.subjects.notes if text not in first.notes]
    for text in [*new, *(f"Left out: {line['file']}: {line['reason']}" for line in copies.refused[:5])]:
        note(text)
    network = VisionNetwork(
        backbone, {name: len(known.names) for name, known in work.subjects.classes.items()}, course.schooling.seed
    )
    parts = work.parts()
    usable = copies.readable
    lessons = Lessons(
        copies=copies.maps[1:] if course.copies else copies.maps,
        plain=copies.maps[0],
        labels={head: work.labels(head) for head in work.subjects.classes},
        held_out=(parts == Part.HELD_OUT) & usable & (np.arange(len(turn)) < len(examples)),
        taught=(parts == Part.TAUGHT) & usable,
    )
    step(gettext_noop("Learning"))
    with translated(folder):
        curves = fit(
            network,
            lessons,
            course.schooling,
            checkpoint=folder / "checkpoint.npz",
            identity=_identity(course, work.subjects.classes),
            progress=progress,
            told=lambda epoch, curves: note(_epoch_line(epoch, curves)),
        )
    return work, network, curves


def variation_for(heads: Mapping[str, object]) -> Variation:
    """How copies may differ without making the labels untrue."""
    coloured = bool({"color", "colour"} & set(heads))
    sided = bool({"brand", "model", "family", "camera_layout"} & set(heads))
    return Variation(
        hue=0.0 if coloured else Variation.hue,
        light=0.15 if coloured else Variation.light,
        flip=0.0 if sided else Variation.flip,
    )


def _turns(examples: Sequence[Example]) -> Int32:
    """The examples, and beside photos the shop's own pictures some more times."""
    rows = np.arange(len(examples), dtype=np.int32)
    shown = np.array([not example.is_photo for example in examples], np.bool_)
    return rows if shown.all() else np.concatenate([rows, np.repeat(rows[shown], SHOP_TURNS - 1)])


def _readable(examples: Sequence[Example], turn: Int32, copies: Copies, course: Course) -> Work:
    """The work with the unreadable pictures' labels gone, so that nothing counts on them."""
    readable = copies.readable[: len(examples)]
    if not readable.any():
        raise TrainingDataError("No picture could be read. The first: " + copies.refused[0]["reason"])
    blank = [
        example if ok else Example(example.name, example.read, {}, example.product, example.family, example.split)
        for example, ok in zip(examples, readable, strict=True)
    ]
    return Work(examples, choose(blank, course.heads, course.schooling.seed), turn, copies)


def _identity(course: Course, classes: Mapping[str, Classes]) -> str:
    named = {head: known.names for head, known in classes.items()}
    return sha256(json.dumps([asdict(course), named], sort_keys=True).encode()).hexdigest()


def _epoch_line(epoch: int, curves: Curves) -> str:
    line = f"Epoch {epoch}: loss {curves.loss[-1]:.3f}"
    if curves.held_out_loss:
        named = ", ".join(f"{head} {values[-1]:.3f}" for head, values in curves.accuracy.items())
        line += f"; held out: loss {curves.held_out_loss[-1]:.3f}, {named}"
    return line
