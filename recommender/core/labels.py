"""Labels as people type them, made comparable: one class for "Blue", "blue " and the same in full-width letters."""

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np

from recommender.core.types import Int32

SHOWN = ("family", "model", "brand", "category", "color", "style", "design", "finish", "camera_layout")
"""Attributes that a picture may show, the finest first. Nobody sees prices and storage sizes."""


class Classes(NamedTuple):
    """What an attribute's labels come to.

    Attributes:
        names: the classes as they are most often written, sorted.
        rows: the class of each label, int32, shape (n,); -1 for no label.
        merged: class -> its other spellings, only where there are any.
    """

    names: tuple[str, ...]
    rows: Int32
    merged: dict[str, tuple[str, ...]]


def usual(present: Collection[str]) -> list[str]:
    """Those of `SHOWN` that are present; family and model are mostly the same, and one of them is enough."""
    return [name for name in SHOWN if name in present and (name != "model" or "family" not in present)]


def normalise(label: str) -> str:
    """The label without differences of case, width, ligature and white space (Unicode NFKC, then case folding)."""
    folded = unicodedata.normalize("NFKC", label).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).split())


def classify(labels: Sequence[str]) -> Classes:
    """Classes of labels that differ in more than spelling. Each is named by its commonest spelling, ties by order."""
    spellings: dict[str, Counter[str]] = defaultdict(Counter)
    keys = [normalise(label) for label in labels]
    for key, label in zip(keys, labels, strict=True):
        if key:
            spellings[key][label.strip()] += 1
    named = {key: min(counts, key=lambda name: (-counts[name], name)) for key, counts in spellings.items()}
    order = sorted(named, key=lambda key: (named[key], key))
    positions = {key: row for row, key in enumerate(order)}
    return Classes(
        tuple(named[key] for key in order),
        np.array([positions.get(key, -1) for key in keys], np.int32),
        {named[key]: tuple(sorted(set(spellings[key]) - {named[key]})) for key in order if len(spellings[key]) > 1},
    )
