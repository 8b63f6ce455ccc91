"""Candidates that go with the products of a page: each scored beside the one that it goes with best."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from recommender.conf import settings
from recommender.core import hybrid
from recommender.core.hybrid import Scored
from recommender.core.types import Float32, Int32
from recommender.services.reasoning import TOGETHER
from recommender.services.rulebook import Called
from recommender.services.viewing import Serving, joined


@dataclass(frozen=True)
class Alike:
    """Candidates, best first.

    Attributes:
        scored: the candidates.
        seeds: the row of the page's product that each goes with, int32, shape (m,).
    """

    scored: Scored
    seeds: Int32


Finder = Callable[[Serving, int], tuple[Scored, Float32] | None]
"""The candidates beside one product, scored, and by what they are ordered, float32, shape (m,), higher is better."""


def by_score(view: Serving, row: int) -> tuple[Scored, Float32] | None:
    """What is similar, by the hybrid score."""
    scored = view.similar(row)
    return None if scored is None else (scored, scored.scores)


def by_behaviour(view: Serving, row: int) -> tuple[Scored, Float32] | None:
    """What people who look at the product look at, the closest in behaviour first."""
    lists = view.base.collaborative
    if lists is None or row >= lists.rows.shape[0]:
        return None
    return _scored(view, row, np.asarray(lists.rows[row]), np.asarray(lists.scores[row]))


def by_common_buyers(view: Serving, row: int) -> tuple[Scored, Float32] | None:
    """What at least two buyers of the product bought as well, the one with most common buyers first."""
    lists, counts = view.base.collaborative, view.base.bought_both
    if lists is None or counts is None or row >= lists.rows.shape[0]:
        return None
    together = counts[row] >= TOGETHER
    closeness = np.asarray(lists.scores[row])[together]
    # Equal counts leave the order to closeness in behaviour: below 1 apart, whatever its scale.
    worth = counts[row][together] + closeness / (1 + np.abs(closeness))
    return _scored(view, row, np.asarray(lists.rows[row])[together], worth.astype(np.float32))


def beside(view: Serving, seeds: Int32, find: Finder) -> Alike | None:
    """The candidates of all these products; None when none has any.

    Args:
        view: the catalogue.
        seeds: rows of the page's products; none of them is a candidate.
        find: what finds the candidates beside one product.
    """
    found = [(row, *pair) for row in seeds.tolist() if (pair := find(view, row)) is not None]
    if not found:
        return None
    if len(found) == 1 and seeds.size == 1:
        row, scored, _ = found[0]
        return Alike(scored, np.full(scored.rows.size, row, np.int32)) if scored.rows.size else None
    rows = np.concatenate([scored.rows for _, scored, _ in found])
    worth = np.concatenate([worth for _, _, worth in found])
    owner = np.concatenate([np.full(scored.rows.size, row, np.int32) for row, scored, _ in found])
    order = np.argsort(-worth, kind="stable")
    order = order[~np.isin(rows[order], seeds)]
    first = np.sort(np.unique(rows[order], return_index=True)[1])
    best = order[first][: settings.NEIGHBOURS]
    scores = np.concatenate([scored.scores for _, scored, _ in found])
    parts = np.concatenate([scored.parts for _, scored, _ in found], axis=1)
    scored = Scored(rows[best], scores[best], found[0][1].signals, parts[:, best])
    return Alike(scored, owner[best]) if best.size else None


def with_called(view: Serving, found: Alike, called: Called, seeds: Int32) -> Alike:
    """The candidates, then those that only rules call for, each scored beside the one that it goes with best.

    Args:
        view: the catalogue.
        found: the candidates.
        called: the rules.
        seeds: rows of the page's products; none of them is a candidate.
    """
    listed = [*found.scored.rows.tolist(), *seeds.tolist()]
    owners = list(dict.fromkeys(found.seeds.tolist()))
    sides = [view.beside(row, called) for row in owners] if called else []
    if not sides or not sides[0].rows.size:
        return found
    every = np.stack([side.scores for side in sides])
    best = every.argmax(axis=0)
    order = np.argsort(-every.max(axis=0), kind="stable")
    order = order[~np.isin(sides[0].rows[order], listed)]
    parts = np.stack([side.parts for side in sides])[best[order], :, order].T
    scores = every[best[order], order]
    more = Scored(sides[0].rows[order], scores, found.scored.signals, parts)
    owner = np.array(owners, np.int32)[best[order]]
    return Alike(joined(found.scored, more), np.concatenate([found.seeds, owner]))


def _scored(view: Serving, row: int, rows: Int32, worth: Float32) -> tuple[Scored, Float32]:
    """The listed products that are still there, in the order of their worth."""
    kept = (rows >= 0) & ~np.isin(rows, view.gone) & (worth > 0)
    rows, worth = rows[kept].astype(np.int32), worth[kept]
    order = np.argsort(-worth, kind="stable")
    return hybrid.similar(view.catalogue, row, rows[order]), worth[order]
