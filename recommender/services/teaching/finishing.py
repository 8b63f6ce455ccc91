"""After the lessons: honest probabilities, the weight of colour, and marks on pictures that nobody learned from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from recommender.core.confidence import fit_scale
from recommender.core.picture_splits import Part
from recommender.core.types import Float32, Int32
from recommender.engines.base import Progress
from recommender.engines.litert import LiteRTNetwork
from recommender.engines.trained import Head, TrainedEncoder, see, see_colour
from recommender.engines.vision.losses import SCALE
from recommender.engines.vision.network import EMBEDDING
from recommender.services.engines import get_encoder
from recommender.services.teaching.copies import Copies, read_picture
from recommender.services.teaching.examples import Example
from recommender.services.teaching.judging import best_colour_weight, encode_examples, judge_head, judge_retrieval
from recommender.services.teaching.subjects import Subjects

Say = Callable[[str], None]
_ENOUGH_TO_CALIBRATE = 20
_MOST_FOR_COLOUR = 300


@dataclass(frozen=True)
class Work:
    """What the steps of one course share; `turn` maps rows of the maps to examples."""

    examples: Sequence[Example]
    subjects: Subjects
    turn: Int32
    copies: Copies

    def rows(self, part: Part) -> Int32:
        """The readable examples that are for this, ascending, int32, shape (m,)."""
        chosen = (self.subjects.parts == part) & self.copies.readable[: len(self.examples)]
        return np.flatnonzero(chosen).astype(np.int32)

    def labels(self, head: str) -> Int32:
        """The classes of the maps, int32, shape (maps,)."""
        return self.subjects.classes[head].rows[self.turn]

    def parts(self) -> Int32:
        """What the maps are for, int32, shape (maps,)."""
        return self.subjects.parts[self.turn]


class Eyes:
    """Embeddings of pictures as they will be served, each picture looked at once."""

    def __init__(self, work: Work, network: LiteRTNetwork, side: int, progress: Progress) -> None:
        rows = np.concatenate([work.rows(part) for part in (Part.HELD_OUT, Part.JUDGING)])
        photos = any(work.examples[row].is_photo for row in rows)
        shown = [row for row in work.rows(Part.TAUGHT) if photos and not work.examples[row].is_photo]
        self.side = side
        self._seen: dict[int, Float32] = {}
        for done, row in enumerate([*rows.tolist(), *map(int, shown)], start=1):
            self._seen[row] = see(network, read_picture(work.examples[row]), side)
            progress(done, len(rows) + len(shown))
        self.shown = np.array(shown, np.int32)

    def __call__(self, rows: Int32) -> Float32:
        """Unit embeddings of these pictures, float32, shape (m, d)."""
        return np.stack([self._seen[int(row)] for row in rows]) if len(rows) else np.empty((0, EMBEDDING), np.float32)


def finished_heads(work: Work, eyes: Eyes, directions: Mapping[str, Float32]) -> dict[str, Head]:
    """The heads, each with the scale that makes its probabilities honest on held-out pictures."""
    rows = work.rows(Part.HELD_OUT)
    embeddings = eyes(rows)
    finished = {}
    for name, known_directions in directions.items():
        classes = work.subjects.classes[name]
        truth = classes.rows[rows]
        known = truth >= 0
        enough = int(known.sum()) >= _ENOUGH_TO_CALIBRATE
        scale = fit_scale(embeddings[known] @ known_directions.T, truth[known]) if enough else SCALE
        finished[name] = Head(classes.names, known_directions, scale)
    return finished


def colour_weight(work: Work, eyes: Eyes) -> float:
    """The weight of the colour block that finds most among held-out pictures; 0 without such."""
    rows = work.rows(Part.HELD_OUT)
    rows = rows[:: max(1, len(rows) // _MOST_FOR_COLOUR)]
    if not len(rows):
        return 0.0
    rows = np.concatenate([rows, eyes.shown])
    colours = np.stack([see_colour(read_picture(work.examples[row]), eyes.side) for row in rows])
    chosen = [work.examples[row] for row in rows]
    labels = {head: known.rows[rows] for head, known in work.subjects.classes.items()}
    return best_colour_weight(eyes(rows), colours, chosen, labels)


def judged_heads(work: Work, eyes: Eyes, heads: Mapping[str, Head]) -> dict[str, Any]:
    """By head, what `judge_head` says on held-out pictures and on those that only judge."""
    judged: dict[str, Any] = {}
    for part in (Part.HELD_OUT, Part.JUDGING):
        rows = work.rows(part)
        embeddings = eyes(rows)
        for name, head in heads.items():
            found = judge_head(head, work.subjects.classes[name], embeddings, rows, _products(work))
            judged.setdefault(name, {})[part.name.lower()] = found
    return judged


def _products(work: Work) -> list[str]:
    """Whose picture each example is; every photo stands for itself."""
    return [one.name if one.is_photo else one.product for one in work.examples]


def judged_retrieval(work: Work, folder: Path, step: Say, progress: Progress) -> dict[str, Any]:
    """Before and after, on pictures that only judge (held-out ones where there are none) and what they search in."""
    rows = work.rows(Part.JUDGING)
    if not len(rows):
        rows = work.rows(Part.HELD_OUT)
    if any(work.examples[row].is_photo for row in rows):
        shown = [row for row, example in enumerate(work.examples) if not example.is_photo]
        rows = np.concatenate([np.array(shown, np.int32), rows])
    examples = [work.examples[row] for row in rows]
    judged: dict[str, Any] = {}
    for when, encoder in (("before", get_encoder()), ("after", TrainedEncoder(path=folder))):
        step(f"Searching with {encoder.version}")
        vectors, readable = encode_examples(encoder, examples, progress)
        kept = np.flatnonzero(readable)
        labels = {head: known.rows[rows[kept]] for head, known in work.subjects.classes.items()}
        found = judge_retrieval(vectors[kept], [examples[row] for row in kept], labels)
        judged[when] = {"encoder": encoder.version, **found}
    return judged
