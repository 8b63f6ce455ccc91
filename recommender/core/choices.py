"""What was chosen next, beside what could have been shown instead: the rows that `learning.learn_blend` learns from."""

from collections.abc import Iterable

import numpy as np

from recommender.core.catalogue import Catalogue
from recommender.core.item_signals import item_signals
from recommender.core.signals import Observed
from recommender.core.types import Float32, Int32
from recommender.core.visitor_signals import history, visitor_signals

OTHERS_PER_CHOICE = 5

MIN_POSITIVES = 500
"""Fewer choices than this say too little to learn from, or to judge by."""


def visitor_choices(
    catalogue: Catalogue, visitors: Iterable[tuple[Int32, Float32, Int32]], *, seed: int
) -> tuple[Observed, Observed]:
    """The for-you signals of what visitors chose next, and of five times as many random products that they did not.

    The catalogue must be fitted without these choices, or its behavioural signals would know them already.

    Args:
        catalogue: calibrated.
        visitors: (rows, weights, chosen) of visitors: their past as `hybrid.for_you` takes it, and the products that
            they chose afterwards; those of their past do not count.
        seed: of the random products.

    Returns:
        (positive, negative), as `learn_blend` takes them.
    """
    rng = np.random.default_rng(seed)
    sides = []
    for rows, weights, chosen in visitors:
        past = history(rows, weights)
        wanted, others = _beside(catalogue.n, chosen, rows, rng)
        if past.rows.size and wanted.size:
            sides.append((visitor_signals(catalogue, past, wanted), visitor_signals(catalogue, past, others)))
    return _joined(sides)


def item_choices(
    catalogue: Catalogue, sessions: Iterable[tuple[int, Int32]], *, seed: int
) -> tuple[Observed, Observed]:
    """The item-to-item signals of what was chosen right after a product, and of five times as many random others.

    Args:
        catalogue: calibrated, and fitted without these choices.
        sessions: (row, chosen): a product, and the products of other families chosen soon after it.
        seed: of the random products.

    Returns:
        (positive, negative), as `learn_blend` takes them.
    """
    rng = np.random.default_rng(seed)
    sides = []
    for row, chosen in sessions:
        wanted, others = _beside(catalogue.n, chosen, np.array([row], np.int32), rng)
        if wanted.size:
            sides.append((item_signals(catalogue, row, wanted), item_signals(catalogue, row, others)))
    return _joined(sides)


def _beside(n: int, chosen: Int32, own: Int32, rng: np.random.Generator) -> tuple[Int32, Int32]:
    wanted = np.setdiff1d(chosen, own).astype(np.int32)
    others = rng.integers(0, n, OTHERS_PER_CHOICE * wanted.size).astype(np.int32)
    return wanted, others[~np.isin(others, np.concatenate([wanted, own]))]


def _joined(sides: list[tuple[Observed, Observed]]) -> tuple[Observed, Observed]:
    if not sides:
        nothing = np.zeros((0, 0), np.float32)
        return Observed((), nothing, nothing, nothing), Observed((), nothing, nothing, nothing)
    positive, negative = zip(*sides, strict=True)
    return _stacked(positive), _stacked(negative)


def _stacked(parts: tuple[Observed, ...]) -> Observed:
    columns = (np.concatenate(column, axis=1) for column in zip(*(part[1:] for part in parts), strict=True))
    return Observed(parts[0].signals, *columns)
