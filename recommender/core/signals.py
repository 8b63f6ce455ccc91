"""Raw signals, and how they become the arguments of `blend`: calibrated, with their evidence and their priors."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from recommender.core.calibration import Calibration
from recommender.core.catalogue import Catalogue
from recommender.core.types import Float32, Int32
from recommender.core.vectors import unit_rows

IDENTITY = Calibration(np.array([0, 1], np.float32), np.array([0, 1], np.float32), mean=0.0)
"""Stands in for a calibration that was not measured: raw values clipped to [0, 1]."""

UNCALIBRATED = ""
"""The calibration's name of a signal that is in [0, 1] as it is."""

PREDICTION_ROWS = 1024


class Raw(NamedTuple):
    """One signal on m products, before calibration.

    Attributes:
        values: float32, shape (m,).
        counts: the evidence behind each, float32, shape (m,), >= 0; inf where certain.
        calibration: the name of its calibration; the one that measures its prior is called this + "_prior".
        predictor: what pictures say about behaviour, float32, shape (m,), NaN where they say nothing; None without any.
    """

    values: Float32
    counts: Float32
    calibration: str
    predictor: Float32 | None = None


class Observed(NamedTuple):
    """The arguments of `blend` for s signals and m products.

    Attributes:
        signals: their names, s of them.
        evidence: float32, shape (s, m), in [0, 1].
        counts: float32, shape (s, m), >= 0.
        prior: float32, shape (s, m), in [0, 1].
    """

    signals: tuple[str, ...]
    evidence: Float32
    counts: Float32
    prior: Float32


def observe(calibrations: Mapping[str, Calibration], raws: Mapping[str, Raw], m: int) -> Observed:
    """Raw signals calibrated, each with its prior: what the pictures predict, else the mean of random pairs.

    Args:
        calibrations: the catalogue's.
        raws: signal name -> raw signal of m products.
        m: how many products.
    """
    evidence, counts, prior = (np.empty((len(raws), m), np.float32) for _ in range(3))
    for s, raw in enumerate(raws.values()):
        calibration = calibrations.get(raw.calibration, IDENTITY)
        evidence[s] = calibration.apply(raw.values)
        counts[s] = raw.counts
        prior[s] = calibration.mean
        expectation = calibrations.get(f"{raw.calibration}_prior")
        if raw.predictor is not None and expectation is not None:
            known = ~np.isnan(raw.predictor)
            prior[s, known] = expectation.apply(raw.predictor[known])
    return Observed(tuple(raws), evidence, counts, prior)


def picture_counts(vectors: Float32, rows: Int32, values: Float32) -> Float32:
    """inf for products with a picture, 0 for those without, float32, shape (m,).

    Args:
        vectors: unit vectors, a zero row without a picture.
        rows: the products, shape (m,).
        values: their inner products with something, shape (m,): only where they are exactly 0 is the row read again.
    """
    counts = np.full(rows.shape[0], np.inf, np.float32)
    doubtful = np.flatnonzero(values == 0)
    for start in range(0, doubtful.size, PREDICTION_ROWS):
        part = doubtful[start : start + PREDICTION_ROWS]
        counts[part[~vectors[rows[part]].any(axis=1)]] = 0.0
    return counts


def predicted_factors(catalogue: Catalogue, rows: Int32) -> Float32 | None:
    """Where the pictures place products in factor space, float32, shape (m, f), a zero row without a picture.

    None when the catalogue has no image map. Rows that the snapshot does not hold yet are mapped here.
    """
    if catalogue.image_map is None or catalogue.vectors is None:
        return None
    stored = catalogue.predicted
    n_stored = 0 if stored is None else stored.shape[0]
    if stored is not None and rows.max(initial=-1) < n_stored:
        return np.asarray(stored[rows], np.float32)
    factors = np.empty((rows.shape[0], catalogue.image_map.shape[1]), np.float32)
    held = rows < n_stored
    if stored is not None:
        factors[held] = stored[rows[held]]
    fresh = np.flatnonzero(~held)
    for start in range(0, fresh.size, PREDICTION_ROWS):
        part = fresh[start : start + PREDICTION_ROWS]
        factors[part] = catalogue.vectors[rows[part]] @ catalogue.image_map
    return factors


def predicted_closeness(catalogue: Catalogue, rows: Int32, weights: Float32, candidates: Int32) -> Float32 | None:
    """The weighted mean cosine, in factor space, between the predictions of some products and each candidate.

    Args:
        catalogue: with an image map, or the result is None.
        rows: products that somebody likes or looks at, shape (h,).
        weights: >= 0, shape (h,).
        candidates: products to judge, shape (m,).

    Returns:
        float32, shape (m,), in [-1, 1]; NaN where a picture is missing.
    """
    liked, judged = predicted_factors(catalogue, rows), predicted_factors(catalogue, candidates)
    if liked is None or judged is None:
        return None
    liked = unit_rows(liked)
    weights = weights * liked.any(axis=1)
    total = float(weights.sum())
    if total <= 0:
        return None
    closeness: Float32 = judged @ (weights @ liked / np.float32(total)).astype(np.float32)
    # Only the lengths of so many rows, and not the rows themselves divided by them.
    lengths = np.sqrt(np.einsum("ij,ij->i", judged, judged))
    known = lengths > 0
    np.divide(closeness, lengths, out=closeness, where=known)
    closeness[~known] = np.nan
    return closeness
