"""What lists show of the catalogue, beside how accurate they are: coverage, Gini, novelty, diversity and exposure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from recommender.core.metrics import coverage, exposure, gini, intra_list_diversity, novelty
from recommender.core.types import Float32, Int32, Int64
from recommender.services.evaluating.history import History
from recommender.services.evaluating.ranking import LISTED, Outcome, Problem, Values
from recommender.services.evaluating.report import intervals, rounded

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

MOST_USERS = 2000
"""Users on whose lists diversity by behaviour is measured."""

MOST_GROUPS = 12
BANDS = 5
_BLOCK = 200


@dataclass(frozen=True, eq=False)
class Groups:
    """Products in groups whose exposure is compared with demand.

    Attributes:
        by: "brand", "category" or "popularity".
        names: g names.
        of: each product's group, int64, shape (n,), in 0..g-1.
    """

    by: str
    names: tuple[str, ...]
    of: Int64


def describe_variety(outcome: Outcome, problem: Problem, vectors: Float32 | None, seed: int) -> dict[str, Any]:
    """Coverage, Gini, novelty and diversity of the first 20 places, with intervals where they are means over users.

    Novelty is in bits. Diversity is the mean of 1 - cosine over a list's pairs, of looks where there are pictures, else
    of who chose the products, then on at most 2,000 users.

    Args:
        outcome: of one strategy.
        problem: what it was judged on.
        vectors: unit vectors of looks, float32, shape (n, d), or None.
        seed: of the intervals and of the users sampled.
    """
    lists = outcome.lists
    events = np.diff(problem.seen.tocsc().indptr)
    surprise = novelty(lists, events)
    if vectors is not None:
        diversity = intra_list_diversity(lists, vectors)
    else:
        some = lists[np.isin(outcome.users["all"], problem.sample(MOST_USERS, seed))]
        diversity = behavioural_diversity(some, problem.seen)
    values: dict[str, Values] = {f"novelty@{LISTED}": surprise, f"diversity@{LISTED}": diversity}
    return {
        f"coverage@{LISTED}": rounded(coverage(lists, problem.n)),
        f"gini@{LISTED}": rounded(gini(exposure(lists, problem.n))),
        **{metric: rounded(float(of_users.mean()) if of_users.size else 0.0) for metric, of_users in values.items()},
        "interval": {metric: intervals({metric: of_users}, seed)[metric] for metric, of_users in values.items()},
    }


def behavioural_diversity(lists: Int32, seen: csr_matrix) -> Values:
    """`core.metrics.intra_list_diversity` with a product's visitors as its vector; no visitors count as unlike all.

    Args:
        lists: recommended rows, shape (u, k), -1 for padding.
        seen: users x products, ones.
    """
    from scipy.sparse import csr_matrix  # evaluation extra

    visitors = np.diff(seen.tocsc().indptr)
    scale = (1 / np.sqrt(np.maximum(visitors, 1))).astype(np.float32)
    items = csr_matrix(seen.multiply(scale[None, :])).T.tocsr()
    result = np.zeros(len(lists))
    for start in range(0, len(lists), _BLOCK):
        block = lists[start : start + _BLOCK]
        places = np.nonzero(block >= 0)
        rows = block[places]
        shown = csr_matrix((np.ones(rows.size, np.float32), (places[0], rows)), shape=(len(block), seen.shape[1]))
        summed = shown @ items
        sizes = (block >= 0).sum(axis=1)
        alone = shown @ (visitors > 0).astype(np.float64)  # the sum of squared lengths
        cosines = np.asarray(summed.multiply(summed).sum(axis=1), np.float64).ravel() - alone
        pairs = np.maximum(sizes * (sizes - 1), 1)
        result[start : start + _BLOCK] = np.where(sizes > 1, 1.0 - cosines / pairs, 0.0)
    return result


def group_products(history: History, problem: Problem) -> Groups:
    """By brand or else category where products tell it, the largest by demand and the others together; else by demand.

    Without either, bands of popularity that each hold about a fifth of the training part's choices, best sellers first,
    and the products that nobody had chosen.
    """
    for by, labels in history.labels.items():
        if len(set(labels)) > 1:
            return _by_label(by, labels, _demand(problem))
    return _by_popularity(np.diff(problem.seen.tocsc().indptr))


def describe_exposure(groups: Groups, problem: Problem, outcomes: Mapping[str, Outcome]) -> dict[str, Any]:
    """Each group's share of the places in lists, by strategy, beside its share of what users turned to later.

    `distance` is half the sum of the absolute differences: the share of places that would have to move for a strategy's
    exposure to follow demand.
    """
    size = len(groups.names)
    demand = _shares(_demand(problem), groups.of, size)
    shown = {key: _shares(exposure(outcome.lists, problem.n), groups.of, size) for key, outcome in outcomes.items()}
    return {
        "by": groups.by,
        "groups": list(groups.names),
        "products": np.bincount(groups.of, minlength=size).tolist(),
        "demand": [rounded(share) for share in demand],
        "shown": {key: [rounded(share) for share in shares] for key, shares in shown.items()},
        "distance": {key: rounded(0.5 * np.abs(shares - demand).sum()) for key, shares in shown.items()},
    }


def _demand(problem: Problem) -> Int64:
    """How many of the judged users turned to each product."""
    return np.asarray(problem.relevant[problem.users].sum(axis=0)).ravel().astype(np.int64)


def _shares(amounts: Int64, of: Int64, size: int) -> Values:
    summed = np.bincount(of, weights=amounts, minlength=size)
    return np.asarray(summed / max(summed.sum(), 1.0), np.float64)


def _by_label(by: str, labels: Sequence[str], demand: Int64) -> Groups:
    names, codes = np.unique(np.array([label or "(none)" for label in labels]), return_inverse=True)
    wanted = np.bincount(codes, weights=demand, minlength=names.size)
    order = np.lexsort((np.arange(names.size), -wanted))
    shown = order if names.size <= MOST_GROUPS + 1 else order[:MOST_GROUPS]
    place = np.full(names.size, shown.size)
    place[shown] = np.arange(shown.size)
    others = (f"{names.size - shown.size} others",) if shown.size < names.size else ()
    return Groups(by, (*names[shown].tolist(), *others), place[codes].astype(np.int64))


def _by_popularity(choices: Int64) -> Groups:
    order = np.argsort(-choices, kind="stable")
    before = np.cumsum(choices[order]) - choices[order]
    band = np.minimum(before * BANDS // max(int(choices.sum()), 1), BANDS - 1)
    of = np.empty(choices.size, np.int64)
    of[order] = np.where(choices[order] > 0, band, BANDS)
    present = np.unique(of)
    names = ["best sellers", *(f"band {number}" for number in range(2, BANDS + 1)), "never chosen"]
    return Groups("popularity", tuple(names[number] for number in present), np.searchsorted(present, of))
