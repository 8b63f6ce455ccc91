"""What there is to learn: which attributes become heads, with which classes, and which pictures are for what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from recommender.core.labels import Classes, classify, in_two_scripts, normalise, usual
from recommender.core.picture_splits import Part, split_by_family, split_by_run
from recommender.core.types import Int32
from recommender.exceptions import TrainingDataError
from recommender.services.teaching.examples import PRODUCT, Example

HELD_OUT = 0.15
JUDGING = 0.2
_FEWEST_FAMILIES = 12
"""Below this, whole families cannot be spared."""


@dataclass(frozen=True)
class Subjects:
    """What there is to learn.

    Attributes:
        classes: head -> its classes; the first head shapes the embedding.
        parts: what each picture is for, int32, shape (n,), of `Part`.
        notes: sentences on what is left out or merged, and why.
    """

    classes: Mapping[str, Classes]
    parts: Int32
    notes: list[str] = field(default_factory=list)


def choose(examples: Sequence[Example], heads: Sequence[str], seed: int) -> Subjects:
    """The heads that can be learned from these pictures.

    A class exists when a picture that teaches has it; what judges is judged by existing classes only. Where there are
    photos, or few families, the last pictures of each product are held out; else whole families are, and others judge.

    Args:
        examples: readable pictures.
        heads: names that were asked for; all usual ones when empty.
        seed: of the draw of families.

    Raises:
        TrainingDataError: when nothing can be learned, with what stands in the way of each head.
    """
    parts = _split(examples, heads or _usual(examples), seed)
    taught = parts == Part.TAUGHT
    notes: list[str] = []
    refused: list[str] = []
    found: dict[str, Classes] = {}
    for head in heads or _usual(examples):
        labels = [example.labels.get(head, "") for example in examples]
        known = _learnable(classify(labels), taught)
        if reason := _refusal(head, known, taught):
            refused.append(reason)
            continue
        found[head] = known
        notes.extend([*_merges(head, known), *_scripts(head, known)])
        if missing := int(np.sum(np.array([not label.strip() for label in labels]) & taught)):
            notes.append(f"{head}: {missing} pictures have no label and teach the other heads only.")
        if single := int(np.sum(np.bincount(known.rows[taught & (known.rows >= 0)]) == 1)):
            notes.append(f"{head}: {single} classes have one picture, and are learned from its varied copies alone.")
    if not found:
        raise TrainingDataError(
            "There is nothing to learn. " + (" ".join(refused) or "No picture has a label. Name heads with --heads.")
        )
    return Subjects(found, parts, notes + refused)


def _usual(examples: Sequence[Example]) -> list[str]:
    present = {name for example in examples for name in example.labels}
    has_photos = any(example.is_photo for example in examples)
    return [PRODUCT] * (has_photos and PRODUCT in present) + usual(present)


def _split(examples: Sequence[Example], heads: Sequence[str], seed: int) -> Int32:
    families = sorted({example.family for example in examples})
    if any(example.is_photo for example in examples) or len(families) < _FEWEST_FAMILIES:
        # A product's photos are one series, its pictures another; photos that only judge belong to neither.
        groups = [f"{example.split} {example.product}" for example in examples]
        parts = split_by_run(groups, HELD_OUT)
    else:
        known = [
            [f"{head} {normalise(label)}" for head in heads if (label := example.labels.get(head, ""))]
            for example in examples
        ]
        parts = split_by_family([example.family for example in examples], known, HELD_OUT, JUDGING, seed)
    parts[[not example.may_teach for example in examples]] = Part.JUDGING
    return parts


def _learnable(classes: Classes, taught: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Classes:
    """The same with only the classes of pictures that teach."""
    present = np.unique(classes.rows[taught & (classes.rows >= 0)])
    new = np.full(len(classes.names) + 1, -1, np.int32)
    new[present] = np.arange(len(present), dtype=np.int32)
    names = tuple(classes.names[row] for row in present)
    return Classes(names, new[classes.rows], {name: merged for name, merged in classes.merged.items() if name in names})


def _refusal(head: str, classes: Classes, taught: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> str:
    if not classes.names:
        return f"{head}: no picture that teaches has this label."
    if len(classes.names) == 1:
        return f"{head}: all pictures are {classes.names[0]!r}; at least two classes are needed."
    if np.bincount(classes.rows[taught & (classes.rows >= 0)]).max() < 2:
        return f"{head}: every class has one picture only; add a second picture of some."
    return ""


def _merges(head: str, classes: Classes) -> list[str]:
    return [
        f"{head}: {', '.join(repr(name) for name in others)} {'is' if len(others) == 1 else 'are'} read as {name!r}."
        for name, others in classes.merged.items()
    ]


def _scripts(head: str, classes: Classes) -> list[str]:
    return [
        f"{head}: {' and '.join(repr(name) for name in alike)} differ only in Chinese script, and are learned as "
        f"{len(alike)} classes. Write them alike to make them one."
        for alike in in_two_scripts(classes.names)
    ]
