"""Full rankings of a catalogue for many users, and how good they are, in batches of bounded memory."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from recommender.core.metrics import ndcg_at, recall_at
from recommender.core.ranking import top_k_rows
from recommender.core.types import Bool, Float32, Int32, Int64
from recommender.services.histories import Events

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

CUTOFFS = (10, 20, 100)
LISTED = 20
"""The places of a list that are remembered, for what lists show of the catalogue."""

SEGMENTS = ("cold", "scarce", "warm")
WARM = 3
"""A product with this many training interactions is warm; with none it is cold, in between scarce."""

_SCORES_BYTES = 64 * 1024 * 1024
_UNRANKED = np.float32(-np.inf)

Progress = Callable[[int, int], None]
Values = NDArray[np.float64]


class Scorer(Protocol):
    """Scores every product for some users."""

    def scores(self, users: Int32) -> Float32:
        """float32, shape (len(users), n), higher is better; minus infinity for products that are not candidates."""


@dataclass(frozen=True, eq=False)
class Problem:
    """Who is asked for, what they had, and what they turned out to want.

    Attributes:
        seen: users x products of the training part; these pairs are never recommended.
        relevant: users x products of the held-out part, without the pairs in `seen`.
        segment: each product's place in `SEGMENTS` by its number of training interactions, int8, shape (n,).
        order: product rows in the order that breaks ties: by popularity in the training part, then at random.
        users: those with history and something relevant, ascending.
        newcomers: those with something relevant and no history, ascending.
    """

    seen: csr_matrix
    relevant: csr_matrix
    segment: NDArray[np.int8]
    order: Int64
    users: Int32
    newcomers: Int32

    @property
    def n(self) -> int:
        """The number of products."""
        return int(self.seen.shape[1])

    def sample(self, most: int, seed: int) -> Int32:
        """At most so many of the users, drawn at random and ascending."""
        if self.users.size <= most:
            return self.users
        return np.sort(np.random.default_rng(seed).choice(self.users, most, replace=False))


def pose(train: Events, test: Events, n: int, seed: int) -> Problem:
    """The problem that a training part and a held-out part pose. Refunds are nothing that anybody wanted."""
    seen = _pairs(train.users, train.rows, train.n_users, n)
    wanted = test.kind_weights > 0
    relevant = _pairs(test.users[wanted], test.rows[wanted], train.n_users, n)
    relevant = (relevant - relevant.multiply(seen)).tocsr()
    relevant.eliminate_zeros()
    counts = np.bincount(train.rows, minlength=n)
    has_relevant, has_history = np.diff(relevant.indptr) > 0, np.diff(seen.indptr) > 0
    return Problem(
        seen=seen,
        relevant=relevant,
        segment=np.where(counts == 0, 0, np.where(counts < WARM, 1, 2)).astype(np.int8),
        order=np.lexsort((np.random.default_rng(seed).random(n), -counts)),
        users=np.flatnonzero(has_relevant & has_history).astype(np.int32),
        newcomers=np.flatnonzero(has_relevant & ~has_history).astype(np.int32),
    )


@dataclass(frozen=True, eq=False)
class Outcome:
    """How one strategy did: a value a user for each metric, by segment.

    Attributes:
        values: segment ("all" or one of `SEGMENTS`) -> metric ("recall@20", ...) -> float64, shape (u,).
        users: segment -> the users that have something relevant in it, ascending; u of them.
        lists: the first places of the lists of all users, int32, shape (u, 20 or n), -1 where no candidate was left.
    """

    values: Mapping[str, Mapping[str, Values]]
    users: Mapping[str, Int32]
    lists: Int32

    def mean(self, metric: str, segment: str = "all") -> float:
        """The mean over the segment's users, 0 without any."""
        values = self.values[segment][metric]
        return float(values.mean()) if values.size else 0.0


def judge(problem: Problem, scorer: Scorer, users: Int32, progress: Progress | None = None) -> Outcome:
    """Rank all products for each user and compare with what they wanted.

    Args:
        problem: who wanted what.
        scorer: the strategy.
        users: some of the problem's users or newcomers.
        progress: called with (users done, users).
    """
    depth = min(max(CUTOFFS), problem.n)
    top = np.zeros((users.size, depth), np.int64)
    hits = np.zeros((users.size, depth), bool)
    lists = np.full((users.size, min(LISTED, depth)), -1, np.int32)
    size = max(1, _SCORES_BYTES // (4 * max(problem.n, 1)))
    for start in range(0, users.size, size):
        batch = users[start : start + size]
        rows, ranked = _rank(problem, scorer, batch, depth)
        wanted = problem.relevant[batch].toarray() > 0
        top[start : start + size] = rows
        hits[start : start + size] = np.take_along_axis(wanted, rows, axis=1) & ranked
        lists[start : start + size] = np.where(ranked, rows, -1)[:, :LISTED]
        if progress:
            progress(min(start + size, users.size), users.size)
    return _outcome(problem, users, top, hits, lists)


def _rank(problem: Problem, scorer: Scorer, users: Int32, depth: int) -> tuple[Int64, Bool]:
    """The best products of each user, and whether the places hold a candidate at all."""
    scores = np.array(scorer.scores(users), np.float32)
    seen = problem.seen[users]
    scores[np.repeat(np.arange(users.size), np.diff(seen.indptr)), seen.indices] = _UNRANKED
    scores = scores[:, problem.order]
    places = top_k_rows(scores, depth)
    return problem.order[places], np.take_along_axis(scores, places, axis=1) > _UNRANKED


def _outcome(problem: Problem, users: Int32, top: Int64, hits: Bool, lists: Int32) -> Outcome:
    relevant = problem.relevant[users]
    values: dict[str, dict[str, Values]] = {}
    who: dict[str, Int32] = {}
    for number, segment in enumerate(("all", *SEGMENTS), start=-1):
        inside = np.ones(problem.n, bool) if segment == "all" else problem.segment == number
        n_relevant = np.asarray(relevant @ inside.astype(np.int64)).ravel().astype(np.int64)
        has = n_relevant > 0
        found, n_found = (hits & inside[top])[has], n_relevant[has]
        values[segment] = {
            f"{name}@{k}": metric(found, n_found, k)
            for name, metric in (("recall", recall_at), ("ndcg", ndcg_at))
            for k in CUTOFFS
        }
        who[segment] = users[has]
    return Outcome(values, who, lists[np.isin(users, who["all"])])


def _pairs(users: Int32, rows: Int32, n_users: int, n: int) -> csr_matrix:
    """The distinct pairs as a users x products matrix of ones."""
    from scipy.sparse import csr_matrix  # evaluation extra

    matrix = csr_matrix((np.ones(users.size, np.float32), (users, rows)), shape=(n_users, n))
    matrix.sum_duplicates()
    matrix.data[:] = 1.0
    return matrix
