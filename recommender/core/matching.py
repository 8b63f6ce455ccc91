"""The hybrid score as a shopper reads it: a match, measured on random pairs."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np

from recommender.core.calibrating import sample_pairs
from recommender.core.calibration import Calibration, fit_calibration
from recommender.core.catalogue import Catalogue
from recommender.core.hybrid import for_you, similar, similar_candidates, visitor_candidates
from recommender.core.types import Float32, Int32
from recommender.core.visitor_signals import history

QUERIES = 300


def measure_matches(catalogue: Catalogue, visitors: Sequence[tuple[Int32, Float32]] = (), *, seed: int) -> Catalogue:
    """The catalogue with the calibrations "match" and "visitor_match" of its two scores.

    match = 1 - sqrt(share of random pairs with a higher score): 90 % means that one pair in a hundred fits better, 68 %
    one in ten. It follows the order of the score, and is measured again whenever a blend changes.

    Args:
        catalogue: with the calibrations of its signals.
        visitors: (rows, weights) of visitors, as `for_you` takes them.
        seed: of the sample.
    """
    rng = np.random.default_rng(seed)
    matches = {
        "match": _fit(_item_scores(catalogue, rng)),
        "visitor_match": _fit(_visitor_scores(catalogue, visitors, rng)),
    }
    known = {name: calibration for name, calibration in matches.items() if calibration is not None}
    return replace(catalogue, calibrations={**catalogue.calibrations, **known})


def _item_scores(catalogue: Catalogue, rng: np.random.Generator) -> Iterable[tuple[Float32, Float32]]:
    for row in rng.choice(catalogue.n, min(catalogue.n, QUERIES), replace=False).tolist():
        own = np.array([row], np.int32)
        rows, weights = sample_pairs(similar_candidates(catalogue, row), own, catalogue.n, rng)
        yield similar(catalogue, row, rows).scores, weights


def _visitor_scores(
    catalogue: Catalogue, visitors: Sequence[tuple[Int32, Float32]], rng: np.random.Generator
) -> Iterable[tuple[Float32, Float32]]:
    for index in rng.choice(len(visitors), min(len(visitors), QUERIES), replace=False).tolist():
        past = history(*visitors[index])
        rows, weights = sample_pairs(visitor_candidates(catalogue, past), past.rows, catalogue.n, rng)
        yield for_you(catalogue, past.rows, past.weights, rows).scores, weights


def _fit(found: Iterable[tuple[Float32, Float32]]) -> Calibration | None:
    pairs = list(found)
    if not sum(scores.size for scores, _ in pairs):
        return None
    scores, weights = (np.concatenate(column) for column in zip(*pairs, strict=True))
    return fit_calibration(scores, scale="root", weights=weights)
