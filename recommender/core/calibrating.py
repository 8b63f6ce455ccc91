"""Measures a catalogue's calibrations: every signal on random pairs, of products and of visitors and products."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np

from recommender.core.calibration import Calibration, Scale, fit_calibration
from recommender.core.catalogue import Catalogue
from recommender.core.expectation import fit_expectation
from recommender.core.hybrid import similar_candidates, visitor_candidates
from recommender.core.item_signals import item_raws
from recommender.core.signals import UNCALIBRATED, Raw
from recommender.core.types import Float32, Int32
from recommender.core.visitor_signals import history, visitor_raws

QUERIES = 1000
OTHERS = 400
COSINES = frozenset({"visual", "affinity"})

Question = tuple[Int32, Callable[[Int32], dict[str, Raw]], Int32]
"""Candidates that lists hold, what builds raw signals for candidates, and rows that are never recommended."""


def calibrate(
    catalogue: Catalogue,
    visitors: Sequence[tuple[Int32, Float32]] = (),
    *,
    seed: int,
    scale: Scale = "surprisal",
    held_out: Float32 | None = None,
) -> Catalogue:
    """The catalogue with the calibrations of all signals that it has, and the priors that its pictures predict.

    For up to 1,000 random products and visitors, all pairs in their candidate lists are measured, and 400 random others
    that stand for the rest, each with as much weight as pairs it stands for. Only pairs with evidence count. The prior
    of a behavioural signal is the mean calibrated value, given how close the pictures say the two are.

    Args:
        catalogue: complete but for its calibrations, which are replaced.
        visitors: (rows, weights) of visitors, as `for_you` takes them; without any the for-you calibrations are left
            out, except of trend.
        seed: of the sample.
        scale: of the calibrations.
        held_out: predicted factors of products that were not used to predict them, float32, shape (n, f), from
            `cold_start.held_out_factors`; else the image map would seem better than it is.
    """
    rng = np.random.default_rng(seed)
    measured = catalogue if held_out is None else replace(catalogue, predicted=held_out)
    calibrations = {
        **_measure(_item_questions(measured, rng), catalogue, rng, scale),
        **_measure(_visitor_questions(measured, visitors, rng), catalogue, rng, scale),
    }
    if catalogue.trend is not None:
        calibrations["trend"] = fit_calibration(catalogue.trend, scale=scale)
    return replace(catalogue, calibrations=calibrations)


def sample_pairs(listed: Int32, own: Int32, n: int, rng: np.random.Generator) -> tuple[Int32, Float32]:
    """Rows that stand for all n products, and how many each stands for: the listed ones, and 400 others for the rest.

    Args:
        listed: candidates that lists hold, int32.
        own: rows that are never recommended, int32.
        n: the number of products.
        rng: draws the others.
    """
    listed = np.setdiff1d(listed, own)
    others = np.setdiff1d(rng.integers(0, n, OTHERS).astype(np.int32), np.append(listed, own))
    weights = np.ones(listed.size + others.size, np.float32)
    weights[listed.size :] = (n - listed.size - own.size) / max(others.size, 1)
    return np.concatenate([listed, others]).astype(np.int32), weights


def _item_questions(catalogue: Catalogue, rng: np.random.Generator) -> Iterable[Question]:
    for row in rng.choice(catalogue.n, min(catalogue.n, QUERIES), replace=False).tolist():
        listed = similar_candidates(catalogue, row)
        yield listed, lambda rows, row=row: item_raws(catalogue, row, rows), np.array([row], np.int32)  # type: ignore[misc]


def _visitor_questions(
    catalogue: Catalogue, visitors: Sequence[tuple[Int32, Float32]], rng: np.random.Generator
) -> Iterable[Question]:
    for index in rng.choice(len(visitors), min(len(visitors), QUERIES), replace=False).tolist():
        past = history(*visitors[index])
        if past.rows.size:
            listed = visitor_candidates(catalogue, past)
            yield listed, lambda rows, past=past: visitor_raws(catalogue, past, rows), past.rows  # type: ignore[misc]


class _Sample:
    """What was seen of one signal so far: values, evidence, predictor, and how many pairs each stands for."""

    def __init__(self) -> None:
        self.columns: list[tuple[Float32, Float32, Float32, Float32]] = []

    def add(self, raw: Raw, weights: Float32) -> None:
        predictor = np.full_like(raw.values, np.nan) if raw.predictor is None else raw.predictor
        seen = raw.counts > 0
        self.columns.append((raw.values[seen], raw.counts[seen], predictor[seen], weights[seen]))

    def fit(self, name: str, strength: float, scale: Scale) -> dict[str, Calibration]:
        values, counts, predictor, weights = (np.concatenate(column) for column in zip(*self.columns, strict=True))
        upper = 1.0 if name in COSINES else None
        calibration = fit_calibration(values, scale=scale, weights=weights, upper=upper)
        if np.isnan(predictor).all():
            return {name: calibration}
        # Pairs with little evidence say little about what the signal would be with much.
        certain = np.divide(counts, counts + strength, out=np.ones_like(counts), where=np.isfinite(counts))
        expectation = fit_expectation(predictor, calibration.apply(values), weights * certain)
        return {name: calibration, f"{name}_prior": expectation}


def _measure(
    questions: Iterable[Question], catalogue: Catalogue, rng: np.random.Generator, scale: Scale
) -> dict[str, Calibration]:
    samples: dict[str, _Sample] = {}
    for listed, raws_of, own in questions:
        rows, weights = sample_pairs(listed, own, catalogue.n, rng)
        for raw in raws_of(rows).values():
            if raw.calibration == UNCALIBRATED:
                continue
            samples.setdefault(raw.calibration, _Sample()).add(raw, weights)
    strength = max(catalogue.item_blend.strengths.get("collaborative", 1.0), 1e-6)
    return {
        key: fitted
        for name, sample in samples.items()
        for key, fitted in sample.fit(name, strength, scale).items()
        if name != "trend"
    }
