"""After the lessons: honest probabilities, the weight of colour, and marks on pictures that nobody learned from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from recommender.core.block_weights import best_weights
from recommender.core.confidence import fit_scale
from recommender.core.labels import Classes
from recommender.core.naming import choose_blocks, fit_naming
from recommender.core.picture_splits import Part
from recommender.core.types import Float32, Int32
from recommender.engines.base import Progress
from recommender.engines.litert import LiteRTNetwork
from recommender.engines.places import Places, fit_places, place_blocks
from recommender.engines.trained import LEAST, LENGTHS, Head, TrainedEncoder, see, see_colour, see_shape
from recommender.engines.vision.losses import SCALE
from recommender.engines.vision.network import EMBEDDING
from recommender.services.engines import get_encoder
from recommender.services.teaching.copies import Copies, read_picture
from recommender.services.teaching.examples import Example
from recommender.services.teaching.judging import best_colour_weight, encode_examples, judge_head, judge_retrieval
from recommender.services.teaching.subjects import Subjects

Say = Callable[[str], None]
_ENOUGH_TO_CALIBRATE = 20
_MOST_FOR_WEIGHTS = 300
_MOST_FOR_NAMING = 1500
_LENGTHS = {"semantic": EMBEDDING} | LENGTHS
_ENDS = dict(zip(_LENGTHS, np.cumsum(list(_LENGTHS.values())).tolist(), strict=True))
_COLUMNS = {name: slice(_ENDS[name] - length, _ENDS[name]) for name, length in _LENGTHS.items()}
"""Where the blocks are in what an encoder sees, in the order that it has them in."""


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
    """What an encoder will see of pictures: the trained block and those beside it. Each picture is looked at once.

    Attributes:
        shown: the shop's own pictures where photos judge, int32.
        taught: those that teach, some of them where they are many, int32.
        places: of the upper and the lower block; None where there are none: a photo's halves are not a product's.
        blocks: the names of the blocks, in the order that an encoder has them in.
        judged_by_photos: whether shoppers' photos judge.
    """

    def __init__(self, work: Work, network: LiteRTNetwork, side: int, progress: Progress) -> None:
        judging = [row for part in (Part.HELD_OUT, Part.JUDGING) for row in work.rows(part).tolist()]
        self.judged_by_photos = photos = any(work.examples[row].is_photo for row in judging)
        taught = work.rows(Part.TAUGHT).tolist()
        self.shown = np.array([row for row in taught if photos and not work.examples[row].is_photo], np.int32)
        self.taught = np.array(taught[:: 1 + len(taught) // _MOST_FOR_NAMING], np.int32)
        self.places: Places | None = None
        self._seen: dict[int, Float32] = {}
        maps: dict[int, Any] = {}
        rows = list(dict.fromkeys([*judging, *self.shown.tolist(), *self.taught.tolist()]))
        for done, row in enumerate(rows, start=1):
            picture = read_picture(work.examples[row])
            seen = see(network, picture, side)
            if seen.maps is not None and not photos:
                maps[row] = seen.maps.astype(np.float16)
            self._seen[row] = np.concatenate([seen.embedding, see_colour(picture, side), see_shape(picture, side)])
            progress(done, len(rows))
        if maps and len(self.taught) > 1:
            self.places = fit_places(np.stack([maps[int(row)] for row in self.taught]))
            for row, one in maps.items():
                self._seen[row] = np.concatenate([self._seen[row], *place_blocks(one, self.places)])
        self._width = len(next(iter(self._seen.values()))) if self._seen else EMBEDDING
        self.blocks = tuple(name for name, end in _ENDS.items() if end <= self._width)

    def __call__(self, rows: Int32) -> Float32:
        """The blocks of these pictures, each of unit length, float32, shape (m, d)."""
        return np.stack([self._seen[int(row)] for row in rows]) if len(rows) else np.empty((0, self._width), np.float32)


class Finished(NamedTuple):
    """The heads of one network.

    Attributes:
        heads: by attribute, with all that is not kept for judging.
        without_held_out: the same as the held-out pictures were asked with, which they do not know.
    """

    heads: dict[str, Head]
    without_held_out: dict[str, Head]


def finished_heads(work: Work, eyes: Eyes, directions: Mapping[str, Float32]) -> Finished:
    """The heads, each with the scale that makes its probabilities honest on held-out pictures.

    Of few pictures a network learns by heart what it cannot see elsewhere, most of all colour. So attributes are read
    from blocks, and where photos are, which are many, by the network too. When the scale is known the held-out
    pictures may teach as well.
    """
    held_out = work.rows(Part.HELD_OUT)
    seen = eyes(held_out)
    hears_both = any(work.examples[row].is_photo for row in held_out)
    finished = Finished({}, {})
    with_held_out = np.concatenate([eyes.taught, held_out])
    lots = (
        (finished.without_held_out, eyes.taught, eyes(eyes.taught)),
        (finished.heads, with_held_out, eyes(with_held_out)),
    )
    for name, own in directions.items():
        classes = work.subjects.classes[name]
        truth = classes.rows[held_out]
        known = truth >= 0
        head = Head(classes.names, own, SCALE)
        if int(known.sum()) < _ENOUGH_TO_CALIBRATE:
            for heads in finished:
                heads[name] = head
            continue
        read = _read_by(work, eyes, classes, held_out[known])
        for heads, rows, parts in lots:
            from_blocks = _from_blocks(classes, parts, rows, read)
            heads[name] = _both(head, from_blocks, seen) if hears_both else from_blocks
        scale = fit_scale(finished.without_held_out[name].scores(seen[known]), truth[known])
        for heads in finished:
            heads[name] = heads[name]._replace(scale=scale)
    return finished


def _read_by(work: Work, eyes: Eyes, classes: Classes, held_out: Int32) -> tuple[str, ...]:
    """The blocks that a head reads.

    All, where there are no places. Else those by which the families that teach name each other best; the trained block
    knows these, so it is one of them only when it names more of the held-out pictures right.
    """
    if eyes.places is None:
        return ("semantic", "colour", "shape")
    rows = eyes.taught[classes.rows[eyes.taught] >= 0]
    parts, truth = eyes(rows), classes.rows[rows]
    codes = {family: code for code, family in enumerate(dict.fromkeys(work.examples[row].family for row in rows))}
    families = np.array([codes[work.examples[row].family] for row in rows], np.int32)
    blocks = {name: parts[:, _COLUMNS[name]] for name in eyes.blocks if name != "semantic"}
    chosen = choose_blocks(blocks, truth, families, len(classes.names))
    right = [
        int((_from_blocks(classes, parts, rows, read).scores(eyes(held_out)).argmax(1) == classes.rows[held_out]).sum())
        for read in (chosen, ("semantic", *chosen))
    ]
    return ("semantic", *chosen) if right[1] > right[0] else chosen


def _from_blocks(classes: Classes, parts: Float32, rows: Int32, read: Sequence[str]) -> Head:
    """A head that reads these blocks; its directions are 0 in the others."""
    columns = np.concatenate([np.arange(parts.shape[1])[_COLUMNS[name]] for name in read])
    labels = classes.rows[rows]
    found = fit_naming(parts[labels >= 0][:, columns], labels[labels >= 0], len(classes.names))
    directions = np.zeros((len(classes.names), parts.shape[1]), np.float32)
    directions[:, columns] = found.directions
    return Head(classes.names, directions, SCALE, found.offsets)


def _both(own: Head, from_blocks: Head, parts: Float32) -> Head:
    """One head that gives the sum of both scores, each in tenths of its spread over these pictures."""
    padded = np.pad(own.directions, ((0, 0), (0, from_blocks.directions.shape[1] - own.directions.shape[1])))
    shares = [0.1 / max(float(one.scores(parts).std()), 1e-6) for one in (own, from_blocks)]
    directions = shares[0] * padded + shares[1] * from_blocks.directions
    return Head(
        own.classes, directions.astype(np.float32), SCALE, np.asarray(shares[1] * from_blocks.offsets, np.float32)
    )


def weights_beside(work: Work, eyes: Eyes, heads: Mapping[str, Head]) -> dict[str, float]:
    """The weights of the blocks beside the trained one, with which most is found, and at least what heads read."""
    rows = work.rows(Part.HELD_OUT)
    rows = rows[:: max(1, len(rows) // _MOST_FOR_WEIGHTS)]
    if eyes.judged_by_photos:
        found = {"colour": _colour_of_photos(work, eyes, rows)}
    else:
        found = _weights_by_labels(work, eyes, rows)
    if not any(head.directions.shape[1] > EMBEDDING for head in heads.values()):
        return found
    return {name: max(found.get(name, 0.0), LEAST) for name in eyes.blocks[1:]}


def _recurs(classes: Int32) -> bool:
    """Whether a class has a second row."""
    return bool(len(classes)) and int(np.bincount(classes[classes >= 0], minlength=1).max()) > 1


def _weights_by_labels(work: Work, eyes: Eyes, rows: Int32) -> dict[str, float]:
    """The weights with which no label of these pictures falls far behind what it could have, see `best_weights`.

    No colour where no two pictures share a label.
    """
    labels = {head: known.rows[rows] for head, known in work.subjects.classes.items()}
    labels = {head: classes for head, classes in labels.items() if _recurs(classes)}
    if not labels:
        return {"colour": 0.0}
    parts = eyes(rows)
    blocks = [parts[:, _COLUMNS[name]] for name in eyes.blocks]
    products = np.stack([block @ block.T for block in blocks])
    share, rest = divmod(100, len(blocks))
    chosen = best_weights(products, labels, [share + rest, *[share] * (len(blocks) - 1)])
    return {name: weight / 100 for name, weight in zip(eyes.blocks[1:], chosen[1:], strict=True)}


def _colour_of_photos(work: Work, eyes: Eyes, rows: Int32) -> float:
    """The weight of the colour block with which most held-out photos find their product."""
    rows = np.concatenate([rows, eyes.shown])
    parts = eyes(rows)
    return best_colour_weight(parts[:, :EMBEDDING], parts[:, _COLUMNS["colour"]], [work.examples[row] for row in rows])


def judged_heads(work: Work, eyes: Eyes, finished: Finished) -> dict[str, Any]:
    """By head, the blocks that it reads, and what `judge_head` says on held-out pictures and those that only judge."""
    judged: dict[str, Any] = {}
    for part, heads in ((Part.HELD_OUT, finished.without_held_out), (Part.JUDGING, finished.heads)):
        rows = work.rows(part)
        parts = eyes(rows)
        for name, head in heads.items():
            found = judge_head(head, work.subjects.classes[name], parts, rows, _products(work))
            judged.setdefault(name, {"reads": _reads(head)})[part.name.lower()] = found
    return judged


def _reads(head: Head) -> list[str]:
    """The blocks that a head reads."""
    return [name for name, columns in _COLUMNS.items() if head.directions[:, columns].any()]


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
