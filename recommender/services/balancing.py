"""Block weights that the shop's own labels ask for, from the vectors of the snapshot: no picture is read.

What products are labelled with is known to the snapshot. Half of them chooses the weights with which products find
others of the same label; the other half, which shares no family with it, says what that gains.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from django.utils.translation import gettext as _

from recommender.conf import settings
from recommender.core.block_weights import (
    best_weights,
    block_products,
    cosines,
    distinct,
    mean_precision,
    precisions,
)
from recommender.core.catalogue import Catalogue
from recommender.core.labels import usual
from recommender.core.metrics import Float64, paired_interval
from recommender.core.picture_splits import halves
from recommender.core.shelf import FAMILY, UNKNOWN
from recommender.core.types import Block, Float32, Int32, Int64
from recommender.exceptions import EncoderError, TrainingDataError
from recommender.services import reweighing, serving
from recommender.services.block_names import percents

MOST = 2000
"""Products that are looked at."""

_FAMILY = "family"
_FEWEST_GROUPS = 8
"""Below this, whole groups of a label cannot be spared, and families are kept together instead."""
_FEWEST_QUERIES = 10


class Judged(NamedTuple):
    """The mean average precision of one label on products that chose nothing, in [0, 1].

    Attributes:
        label: the attribute.
        products: how many looked for others of their label.
        before: with the weights in use.
        after: with the weights found.
    """

    label: str
    products: int
    before: float
    after: float


@dataclass(frozen=True)
class Advice:
    """Weights that labels ask for, and what they gain.

    Attributes:
        now: the weights in use, by block, in hundredths.
        weights: the ones found.
        judged: what each label gains.
        before: the mean over the labels with the weights in use, in [0, 1].
        after: with those found.
        gain: the 95 % interval of after - before, of families drawn again and again.
        products: distinct pictures that chose, and that judged.
        left_out: why a label that was asked for says nothing, a sentence each.
    """

    now: Mapping[str, int]
    weights: Mapping[str, int]
    judged: Sequence[Judged]
    before: float
    after: float
    gain: tuple[float, float]
    products: tuple[int, int]
    left_out: Sequence[str]

    @property
    def is_better(self) -> bool:
        """Whether the gain is more than chance."""
        return self.weights != self.now and self.gain[0] > 0


class _Half(NamedTuple):
    vectors: Float32
    labels: dict[str, Int32]
    groups: Int32


def known_labels() -> list[str]:
    """The attributes of the snapshot's products that a picture may show, the finest first."""
    return _usual(serving.current().base)


def advise(
    labels: Sequence[str] = (), *, most: int = MOST, tried: Callable[[int], None] = lambda count: None
) -> Advice:
    """The weights with which products best find others of the same label.

    Args:
        labels: attributes, or "family"; all that a picture may show when empty.
        most: products that are looked at.
        tried: called with how many weightings were tried.

    Raises:
        EncoderError: when the live encoder takes no weights.
        TrainingDataError: when the labels are too few to choose by, with what stands in the way of each.
    """
    base = serving.current().base
    if base.vectors is None:
        raise TrainingDataError(_("No picture was trained on yet. Weights can be tried after the first training."))
    now = _in_use(base.blocks)
    classes = {name: _classes(base, name) for name in labels or _usual(base)}
    groups = _groups(base, classes)
    chosen = halves(groups, max(most // 2, _FEWEST_GROUPS), settings.SEED)
    deciding, judging = (_half(base.vectors, classes, groups, rows) for rows in chosen)
    reasons = {name: _refusal(name, deciding, judging) for name in classes}
    usable = [name for name, reason in reasons.items() if not reason]
    if not usable:
        raise TrainingDataError(
            _("There are too few labels to choose weights by.") + " " + " ".join(filter(None, reasons.values()))
        )
    products = block_products(deciding.vectors, base.blocks)
    found = best_weights(products, {name: deciding.labels[name] for name in usable}, list(now.values()), tried=tried)
    before, after = (_found(judging, base.blocks, usable, weights) for weights in (list(now.values()), found))
    return Advice(
        now,
        dict(zip(now, found, strict=True)),
        [
            Judged(
                name,
                int(np.count_nonzero(~np.isnan(before[name]))),
                float(np.nanmean(before[name])),
                float(np.nanmean(after[name])),
            )
            for name in usable
        ],
        mean_precision(before),
        mean_precision(after),
        _gain(before, after, judging.groups),
        (len(deciding.vectors), len(judging.vectors)),
        [reason for reason in reasons.values() if reason],
    )


def _in_use(blocks: Sequence[Block]) -> dict[str, int]:
    """The weights in hundredths; a block that is there weighs 1 at least."""
    weights = {block.name: block.weight for block in blocks}
    try:
        reweighing.engine_with(weights)
    except EncoderError:
        raise
    except ValueError as error:  # the software changed, and the live encoder has other blocks than the snapshot
        raise EncoderError(str(error)) from error
    if sum(weight > 0 for weight in weights.values()) < 2:
        raise EncoderError(_("This encoder sees one part only: there is nothing to weigh."))
    return {name: max(share, int(weights[name] > 0)) for name, share in percents(blocks).items()}


def _usual(base: Catalogue) -> list[str]:
    return usual([*base.attribute_names, *([_FAMILY] if base.groups is not None else [])])


def _classes(base: Catalogue, label: str) -> Int32:
    """The class of each product, int32, shape (n,), -1 for none."""
    codes = np.full(base.n, UNKNOWN, np.int64)
    if label == _FAMILY and base.groups is not None:
        codes = np.asarray(base.groups[: base.n, FAMILY], np.int64)
    elif base.attributes is not None and label in base.attribute_names:
        codes = np.asarray(base.attributes[: base.n, base.attribute_names.index(label)], np.int64)
    classes = np.unique(codes, return_inverse=True)[1].astype(np.int32)
    classes[codes == UNKNOWN] = -1
    return classes


def _groups(base: Catalogue, classes: Mapping[str, Int32]) -> Int64:
    """What no two halves may share: classes of the first label that has enough of them, else families."""
    for found in classes.values():
        if np.count_nonzero(np.bincount(found[found >= 0]) > 1) >= _FEWEST_GROUPS:
            alone = found.max() + 1 + np.arange(base.n)
            return np.where(found >= 0, found, alone).astype(np.int64)
    return np.arange(base.n) if base.groups is None else np.asarray(base.groups[: base.n, FAMILY], np.int64)


def _half(vectors: Float32, classes: Mapping[str, Int32], groups: Int64, rows: Int32) -> _Half:
    own = np.asarray(vectors[rows], np.float32)
    kept, labels = distinct(own, {name: found[rows] for name, found in classes.items()})
    numbered = np.unique(groups[rows[kept]], return_inverse=True)[1]
    return _Half(own[kept], labels, numbered.astype(np.int32))


def _refusal(label: str, deciding: _Half, judging: _Half) -> str:
    """Why nothing can be chosen by this label; empty when it can."""
    named = {"label": label}
    found = [half.labels[label] for half in (deciding, judging)]
    both = np.concatenate(found)
    kinds = np.bincount(both[both >= 0])
    if not kinds.any():
        return _("%(label)s: no product with a picture has this label.") % named
    if np.count_nonzero(kinds) < 2:
        return _("%(label)s: all products are of one kind; two kinds are needed.") % named
    if kinds.max() < 2:
        return _("%(label)s: no two pictures carry the same label.") % named
    fewest = min(map(_recurring, found))
    if fewest < _FEWEST_QUERIES:
        text = _("%(label)s: only %(found)s products of a half share their label with another; it takes %(needed)s.")
        return text % {**named, "found": fewest, "needed": _FEWEST_QUERIES}
    return ""


def _recurring(classes: Int32) -> int:
    """How many products share their class with another one; 0 where there is no other class to be told from."""
    counts = np.bincount(classes[classes >= 0])
    return int(counts[counts > 1].sum()) if np.count_nonzero(counts) > 1 else 0


def _found(half: _Half, blocks: Sequence[Block], labels: Sequence[str], weights: Sequence[int]) -> dict[str, Float64]:
    scores = cosines(block_products(half.vectors, blocks), weights)
    return precisions(scores, {name: half.labels[name] for name in labels})


def _gain(before: Mapping[str, Float64], after: Mapping[str, Float64], groups: Int32) -> tuple[float, float]:
    """The interval of the mean gain; groups are drawn and not products, which resemble each other within one."""
    shares = [_by_group(found, groups) for found in (before, after)]
    return paired_interval(shares[1], shares[0], seed=settings.SEED)


def _by_group(found: Mapping[str, Float64], groups: Int32) -> Float64:
    """What each group adds to `mean_precision`, times the number of groups, so that their mean is that."""
    added = sum(
        (np.where(np.isnan(values), 0.0, values) / np.count_nonzero(~np.isnan(values)) for values in found.values()),
        np.zeros(len(groups)),
    )
    n = int(groups.max()) + 1
    return np.asarray(n / len(found) * np.bincount(groups, added, n), np.float64)
