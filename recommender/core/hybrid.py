"""The two scorers: products similar to one, and products for a visitor. They score; ranking is separate."""

from typing import NamedTuple

import numpy as np

from recommender.core.blend import blend_parts, normalise_weights, total
from recommender.core.catalogue import BlendConfig, Catalogue
from recommender.core.item_signals import item_signals
from recommender.core.signals import Observed
from recommender.core.types import Float32, Int32, Neighbours
from recommender.core.visitor_signals import History, fold_in, history, visitor_signals

BEHAVIOUR = 200
"""How many of the best by behaviour are candidates for a visitor."""

LISTED = 200
"""How many entries of each kind of neighbour lists are candidates for a visitor, the best of each list.

With all of them, the first 12 products of a visitor were the same, of the first 48 at least 96 % (100,000 products,
visitors of one taste, of three and of ten), and NDCG@10 on real histories to three digits (movies, electronics,
gowalla); each one costs as much to score.
"""


class Scored(NamedTuple):
    """Scored products, in the order in which they were asked for.

    Attributes:
        rows: int32, shape (m,).
        scores: float32, shape (m,), in [0, 1].
        signals: names, s of them.
        parts: what each signal adds to the score, float32, shape (s, m).
    """

    rows: Int32
    scores: Float32
    signals: tuple[str, ...]
    parts: Float32


def similar(catalogue: Catalogue, row: int, candidates: Int32 | None = None) -> Scored:
    """How well products go with one product, by its `item_blend`.

    Args:
        catalogue: what is known.
        row: the product, 0..n-1.
        candidates: the products to score, int32, shape (m,); when None, those in the product's neighbour lists.
    """
    rows = similar_candidates(catalogue, row) if candidates is None else np.asarray(candidates, np.int32)
    observed = item_signals(catalogue, row, rows, wanted=_weighted(catalogue.item_blend))
    return _scored(observed, catalogue.item_blend, rows)


def for_you(catalogue: Catalogue, rows: Int32, weights: Float32, candidates: Int32 | None = None) -> Scored:
    """How well products suit a visitor, by the `visitor_blend`.

    Args:
        catalogue: what is known.
        rows: the products of the visitor's events, int32, shape (h,), distinct; h may be 0.
        weights: their weights, float32, shape (h,), larger for recent ones; those <= 0 do not count.
        candidates: the products to score, int32, shape (m,); when None, `visitor_candidates`.
    """
    past = fold_in(catalogue, history(rows, weights))
    chosen = visitor_candidates(catalogue, past) if candidates is None else np.asarray(candidates, np.int32)
    return for_history(catalogue, past, chosen)


def for_history(catalogue: Catalogue, past: History, candidates: Int32) -> Scored:
    """`for_you` of a visitor whose history is at hand."""
    observed = visitor_signals(catalogue, past, candidates, wanted=_weighted(catalogue.visitor_blend))
    return _scored(observed, catalogue.visitor_blend, candidates)


def similar_candidates(catalogue: Catalogue, row: int) -> Int32:
    """The products in a product's neighbour lists, without itself, ascending, int32."""
    seed = np.array([row], np.int32)
    listed = _listed(catalogue.visual, seed), _listed(catalogue.collaborative, seed)
    rows = distinct(np.concatenate(listed))
    return np.asarray(rows[rows != row])


def visitor_candidates(catalogue: Catalogue, past: History) -> Int32:
    """Products worth scoring for a visitor, ascending, int32; the visitor's own products may be among them.

    The best in the lists of the visitor's heaviest products, the best 200 by behaviour and the 100 most popular.
    """
    found = [_best_listed(catalogue.visual, past), _best_listed(catalogue.collaborative, past)]
    if (folded := fold_in(catalogue, past).folded) is not None:
        found.append(folded.best(BEHAVIOUR, catalogue.factor_search))
    found.append(catalogue.trending)
    return distinct(np.concatenate(found))


def distinct(rows: Int32) -> Int32:
    """The rows, each once and ascending: `np.unique`, which takes several times as long for so few."""
    ordered = np.sort(rows)
    first = np.ones(ordered.size, bool)
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    return ordered[first]


def listed_each(past: History) -> int:
    """How many entries of the list of each of a visitor's products are candidates."""
    return LISTED // max(1, past.seeds.size)


def _best_listed(lists: Neighbours | None, past: History) -> Int32:
    """The best in the lists of a visitor's products, and further down where these lists say much the same."""
    each = listed_each(past)
    rows = _listed(lists, past.seeds, each)
    while lists is not None and rows.size and each < lists.rows.shape[1] and distinct(rows).size < LISTED // 2:
        each *= 2
        rows = _listed(lists, past.seeds, each)
    return rows


def _listed(lists: Neighbours | None, seeds: Int32, each: int | None = None) -> Int32:
    if lists is None:
        return np.zeros(0, np.int32)
    rows = np.asarray(lists.rows[seeds[seeds < lists.rows.shape[0]], :each], np.int32)
    return rows[rows >= 0]


def _weighted(config: BlendConfig) -> set[str]:
    return {name for name, weight in config.weights.items() if weight > 0}


def _scored(observed: Observed, config: BlendConfig, rows: Int32) -> Scored:
    strengths = np.array([config.strengths.get(name, 1.0) for name in observed.signals], np.float32)
    weights = normalise_weights(config.weights, observed.signals)
    parts = blend_parts(observed.evidence, observed.counts, observed.prior, weights, strengths)
    return Scored(rows, total(parts), observed.signals, parts)
