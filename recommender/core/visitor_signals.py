"""What is known about how some products suit one visitor, from the products of the visitor's own events."""

from collections.abc import Callable, Collection
from typing import NamedTuple

import numpy as np

from recommender.core.catalogue import Catalogue
from recommender.core.folded import Folded, fold
from recommender.core.item_signals import artefact_size
from recommender.core.ranking import top_k
from recommender.core.signals import UNCALIBRATED, Observed, Raw, observe, picture_counts, predicted_closeness
from recommender.core.similarity import cosines
from recommender.core.types import Float32, Int32

SEEDS = 20
"""How many of a visitor's products are looked at, the heaviest: the rest hardly weigh, and each costs a product."""

TEMPERATURE = 0.05
"""How much cosines must differ to matter in the soft best match: half the weight costs 0.035."""


class History(NamedTuple):
    """A visitor's products.

    Attributes:
        rows: int32, shape (h,), distinct.
        weights: float32, shape (h,), > 0.
        seeds: the rows with the largest weights, int32, shape (min(h, 20),), heaviest first.
        shares: their weights, summing to 1, float32.
        folded: what answers for the visitor's raw collaborative scores (`fold_in`); None while it was not computed.
    """

    rows: Int32
    weights: Float32
    seeds: Int32
    shares: Float32
    folded: Folded | None = None


def history(rows: Int32, weights: Float32) -> History:
    """A visitor's products with weights > 0; others are forgotten."""
    kept = weights > 0
    rows, weights = rows[kept].astype(np.int32), weights[kept].astype(np.float32)
    heaviest = top_k(weights, SEEDS)
    shares = weights[heaviest] / max(float(weights[heaviest].sum()), float(np.finfo(np.float32).tiny))
    return History(rows, weights, rows[heaviest], shares.astype(np.float32))


def fold_in(catalogue: Catalogue, past: History) -> History:
    """The history with the collaborative scores that follow from it, which candidates and signals both need."""
    if catalogue.artefact is None or past.folded is not None:
        return past
    known = past.rows < artefact_size(catalogue.artefact)
    return past._replace(folded=fold(catalogue.artefact, past.rows[known], past.weights[known]))


def visitor_signals(
    catalogue: Catalogue, past: History, candidates: Int32, *, wanted: Collection[str] | None = None
) -> Observed:
    """The for-you signals that the shop has, calibrated.

    affinity: how much a product looks like what the visitor chose, as the soft best match over the seeds,
        t ln sum_h share_h exp(cos_h / t), so that recent products weigh more; certain where there is a picture.
    collaborative: the fold-in score in units of the root mean square of the visitor's scores of all products; its
        evidence is the product's events or those of the visitor's products, whichever are fewer.
    attributes: the seeds' share with an equal attribute, over the attributes known on both sides.
    trend: recent popularity.
    novelty: 1 / (1 + events): how little is known of a product yet. Where assortments change quickly, what nobody has
        chosen so far is likelier to be chosen next than what nobody chose for long; elsewhere it gives new products
        their chance. Its scale is its own.

    Args:
        catalogue: what is known.
        past: the visitor's products.
        candidates: the products to judge, int32, shape (m,).
        wanted: names to leave it at; all when None.
    """
    raws = visitor_raws(catalogue, past, candidates, wanted=wanted)
    return observe(catalogue.calibrations, raws, candidates.shape[0])


def visitor_raws(
    catalogue: Catalogue, past: History, candidates: Int32, *, wanted: Collection[str] | None = None
) -> dict[str, Raw]:
    """The signals of `visitor_signals` before calibration, by name."""
    names = [name for name in BUILDERS if wanted is None or name in wanted]
    built = {name: BUILDERS[name](catalogue, past, candidates) for name in names}
    return {name: raw for name, raw in built.items() if raw is not None}


def _affinity(catalogue: Catalogue, past: History, candidates: Int32) -> Raw | None:
    if catalogue.vectors is None:
        return None
    seeds = np.asarray(catalogue.vectors[past.seeds], np.float32)
    seen = seeds.any(axis=1)
    if not seen.any():
        return _nothing(candidates, "affinity")
    shares = past.shares[seen] / past.shares[seen].sum()
    alike = cosines(seeds[seen], catalogue.vectors, candidates)
    best = alike.max(axis=0)
    soft = np.log(shares @ np.exp((alike - best) / np.float32(TEMPERATURE)))
    values = (best + np.float32(TEMPERATURE) * soft).astype(np.float32)
    return Raw(values, picture_counts(catalogue.vectors, candidates, best), "affinity")


def _collaborative(catalogue: Catalogue, past: History, candidates: Int32) -> Raw | None:
    if catalogue.artefact is None:
        return None
    n = artefact_size(catalogue.artefact)
    folded = fold_in(catalogue, past).folded
    if folded is None:
        return None
    scale = folded.root_mean_square()
    held = candidates < n
    values, counts = np.zeros(candidates.shape[0], np.float32), np.zeros(candidates.shape[0], np.float32)
    if scale > 0:
        known = candidates[held]
        values[held] = folded.of(known) / np.float32(scale)
        if catalogue.events is None:
            counts[held] = np.inf
        else:
            behind = catalogue.events[past.rows[past.rows < n]].sum()
            counts[held] = np.minimum(catalogue.events[known], behind)
    predictor = predicted_closeness(catalogue, past.seeds, past.shares, candidates)
    return Raw(values, counts, "visitor_collaborative", predictor)


def _attributes(catalogue: Catalogue, past: History, candidates: Int32) -> Raw | None:
    if catalogue.attributes is None:
        return None
    theirs, liked = catalogue.attributes[candidates], catalogue.attributes[past.seeds]
    equal, known = np.zeros(candidates.shape[0], np.float32), np.zeros(candidates.shape[0], np.float32)
    for column in range(theirs.shape[1]):
        codes, place = np.unique(np.append(liked[:, column], -1), return_inverse=True)
        liking = np.bincount(place[:-1], weights=past.shares, minlength=codes.size).astype(np.float32)
        liking[0] = 0.0  # the code -1, which sorts first
        at = np.minimum(np.searchsorted(codes, theirs[:, column]), codes.size - 1)
        equal += np.where(codes[at] == theirs[:, column], liking[at], 0.0)
        known += np.where(theirs[:, column] >= 0, liking.sum(), 0.0)
    shares = np.divide(equal, known, out=np.zeros_like(known), where=known > 0)
    return Raw(shares, known, "visitor_attributes")


def _trend(catalogue: Catalogue, past: History, candidates: Int32) -> Raw | None:
    if catalogue.trend is None:
        return None
    values = np.asarray(catalogue.trend[candidates], np.float32)
    return Raw(values, np.full(candidates.shape[0], np.inf, np.float32), "trend")


def _novelty(catalogue: Catalogue, past: History, candidates: Int32) -> Raw | None:
    if catalogue.events is None:
        return None
    values = (1.0 / (1.0 + np.asarray(catalogue.events[candidates], np.float32))).astype(np.float32)
    return Raw(values, np.full(candidates.shape[0], np.inf, np.float32), UNCALIBRATED)


def _nothing(candidates: Int32, calibration: str) -> Raw:
    zeros = np.zeros(candidates.shape[0], np.float32)
    return Raw(zeros, zeros, calibration)


BUILDERS: dict[str, Callable[[Catalogue, History, Int32], Raw | None]] = {
    "affinity": _affinity,
    "collaborative": _collaborative,
    "attributes": _attributes,
    "trend": _trend,
    "novelty": _novelty,
}
"""Each for-you signal by name; a builder gives None for a shop without its data."""
