"""How good the two kinds of list are that a catalogue and a blend make: for visitors, and for a product."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

import numpy as np

from recommender.core.catalogue import BlendConfig, Catalogue
from recommender.core.item_signals import item_signals
from recommender.core.signals import Observed
from recommender.core.types import Int32
from recommender.services.evaluating.hybrid import Blended, blended
from recommender.services.evaluating.ranking import Problem, judge
from recommender.services.evaluating.search import Values
from recommender.services.evaluating.tuning import accuracy

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

PLACES = 20
_KEPT_BYTES = 64 * 1024 * 1024
_PRODUCT_BYTES = 60
"""What a product costs while a visitor's signals are kept: five signals, three numbers each."""

Blends = Mapping[str, BlendConfig]


def for_visitors(
    catalogue: Catalogue, problem: Problem, profiles: csr_matrix, users: Int32, blends: Blends
) -> dict[str, Values]:
    """Recall@20 + NDCG@20 of each user's list of all products under each blend, shape (u,).

    Args:
        catalogue: learned on the training part.
        problem: who wanted what.
        profiles: users x products, as serving sees each visitor.
        users: some of the problem's.
        blends: by name.
    """
    found: dict[str, list[Values]] = {name: [np.zeros(0)] for name in blends}
    for batch in _batches(users, catalogue.n):
        observed: dict[int, Observed] = {}  # of this batch only: signals of many users and products fill the memory
        for name, blend in blends.items():
            scorer = Blended(catalogue, profiles, 0, blend, observed)
            found[name].append(accuracy([judge(problem, scorer, batch)]))
    return {name: np.concatenate(parts) for name, parts in found.items()}


def for_products(catalogue: Catalogue, families: Int32, steps: Int32, blends: Blends) -> dict[str, Values]:
    """Recall@20 + NDCG@20 of each step's list of all products of other families under each blend, shape (m,).

    One product is wanted, so both depend on its place r from 0 alone: 1 + 1 / log2(r + 2) for r < 20, else 0. Products
    with its score share the places that they take.

    Args:
        catalogue: as above.
        families: int32, shape (n,).
        steps: the product whose page it was, and the one that was wanted, shape (m, 2).
        blends: by name.
    """
    values = {name: np.zeros(len(steps)) for name in blends}
    everything = np.arange(catalogue.n, dtype=np.int32)
    for row in np.unique(steps[:, 0]).tolist():
        of_row = np.flatnonzero(steps[:, 0] == row)
        candidates = everything[families != families[row]]
        wanted = np.searchsorted(candidates, steps[of_row, 1])
        observed = item_signals(catalogue, row, candidates)
        for name, blend in blends.items():
            scores = blended(observed, blend)
            mine = scores[wanted, None]
            places = (scores > mine).sum(axis=1) + ((scores == mine).sum(axis=1) - 1) / 2
            values[name][of_row] = np.where(places < PLACES, 1 + 1 / np.log2(places + 2), 0.0)
    return values


def _batches(users: Int32, n: int) -> Iterator[Int32]:
    size = max(1, _KEPT_BYTES // (_PRODUCT_BYTES * max(n, 1)))
    for start in range(0, users.size, size):
        yield users[start : start + size]
