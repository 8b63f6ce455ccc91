"""The single-signal strategies: what each needs, which options it has, and how it scores every product for a user."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from recommender.core.batch import score_visitors
from recommender.core.types import Artefact, Float32, Int32
from recommender.core.weighting import Weighted, faded, interaction_weights, popularity
from recommender.engines.als import ImplicitALS
from recommender.engines.base import CollaborativeModel
from recommender.engines.bpr import ImplicitBPR
from recommender.engines.ease import EASE
from recommender.engines.item_item import ImplicitItemItem
from recommender.engines.spectral import GraphBasis, Parts, SpectralFilter
from recommender.services.evaluating.history import History
from recommender.services.evaluating.ranking import Scorer
from recommender.services.evaluating.search import Choice, Options, Space
from recommender.services.histories import Events

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

FOREVER = float("inf")
HALF_LIVES = (7.0, 14.0, 30.0, 60.0, 120.0, 240.0, 480.0, FOREVER)


@dataclass(eq=False)
class Training:
    """What strategies may learn from: a catalogue and the training part of its history. Remembers what is dear.

    Attributes:
        history: the catalogue.
        events: the training part, which may be less than the history's.
        seed: for everything random.
    """

    history: History
    events: Events
    seed: int = 0
    _weighted: dict[float, Weighted] = field(default_factory=dict)
    memory: dict[Any, Any] = field(default_factory=dict)

    def weighted(self, half_life_days: float = FOREVER) -> Weighted:
        """What each user thinks of each product."""
        if half_life_days not in self._weighted:
            self._weighted[half_life_days] = self._weigh(self.events.ages_days, half_life_days)
        return self._weighted[half_life_days]

    def matrix(self, half_life_days: float = FOREVER) -> csr_matrix:
        """The same as a users x products matrix, float32 CSR."""
        return self._matrix(self.weighted(half_life_days))

    def tastes(self, half_life_days: float = FOREVER) -> csr_matrix:
        """The matrix with ages counted from each user's own latest event: the same up to a factor a user.

        For what such a factor does not change. Who was away for many half-lives has no weights left in the matrix, and
        would be shown products in the order of the catalogue.
        """
        ages = self.events.ages_days
        latest = np.full(self.events.n_users, np.inf)
        np.minimum.at(latest, self.events.users, ages)
        return self._matrix(self._weigh((ages - latest[self.events.users]).astype(np.float32), half_life_days))

    def _weigh(self, ages_days: Float32, half_life_days: float) -> Weighted:
        events = self.events
        return interaction_weights(
            events.users,
            events.rows,
            events.kind_weights,
            ages_days,
            events.quantities,
            n=self.history.n,
            half_life_days=half_life_days,
        )

    def _matrix(self, weighted: Weighted) -> csr_matrix:
        from scipy.sparse import csr_matrix  # evaluation extra

        shape = (self.events.n_users, self.history.n)
        matrix = csr_matrix((weighted.weights, (weighted.users, weighted.rows)), shape=shape)
        matrix.sort_indices()
        return matrix

    def profiles(self, half_life_days: float, half_life_products: float) -> csr_matrix:
        """The matrix as `core.weighting.visitor_weights` sees each visitor: the last few products weigh most."""
        matrix = self.matrix(half_life_days)
        if not np.isfinite(half_life_products):
            return matrix
        latest = self._latest(matrix)
        data = matrix.data.copy()
        for user in np.flatnonzero(np.diff(matrix.indptr)):
            own = slice(matrix.indptr[user], matrix.indptr[user + 1])
            data[own] = faded(data[own], latest[own], half_life_products)
        matrix.data = data
        return matrix

    def _latest(self, matrix: csr_matrix) -> NDArray[np.float64]:
        """The age of the last event behind each entry of the matrix, in its order."""
        n = self.history.n
        keys = np.repeat(np.arange(matrix.shape[0]), np.diff(matrix.indptr)) * n + matrix.indices
        events = self.events.users.astype(np.int64) * n + self.events.rows
        order = np.lexsort((self.events.ages_days, events))
        first = order[np.searchsorted(events[order], keys)]
        return self.events.ages_days[first].astype(np.float64)


class Strategy(ABC):
    """One way to recommend.

    Attributes:
        key: its name in reports.
        fits_by_ranking: whether `scorer`, unlike `draft`, begins with applying the draft to each product.
    """

    key: str
    fits_by_ranking = False

    def fits(self, history: History) -> bool:
        """Whether the history has the data that it needs."""
        return True

    def space(self, history: History) -> Space:
        """The options to look through; empty when there is nothing to choose."""
        return {}

    @abstractmethod
    def scorer(self, training: Training, options: Options) -> Scorer:
        """The fitted strategy.

        Raises:
            NotEnoughHistoryError: when there is nothing to learn from.
        """

    def draft(self, training: Training, options: Options) -> Scorer:
        """The same for comparing options: may be cheaper and a little different."""
        return self.scorer(training, options)


@dataclass(frozen=True, eq=False)
class SameForAll:
    """Scores that do not depend on the user."""

    values: Float32

    def scores(self, users: Int32) -> Float32:
        """See `Scorer`."""
        return np.broadcast_to(self.values, (users.size, self.values.size))


@dataclass(frozen=True, eq=False)
class FoldIn:
    """Each user's events folded into a collaborative artefact, as serving does."""

    artefact: Artefact
    profiles: csr_matrix

    def scores(self, users: Int32) -> Float32:
        """See `Scorer`."""
        own = self.profiles[users]
        return score_visitors(self.artefact, own.indptr, own.indices, own.data)


class Random(Strategy):
    """Every product is as likely as any other; the same for a user in every run."""

    key = "random"

    def scorer(self, training: Training, options: Options) -> Scorer:
        """See `Strategy.scorer`."""
        return _RandomScores(training.history.n, training.seed)


@dataclass(frozen=True)
class _RandomScores:
    n: int
    seed: int

    def scores(self, users: Int32) -> Float32:
        rows = [np.random.default_rng((self.seed, int(user))).random(self.n, dtype=np.float32) for user in users]
        return np.stack(rows)


class Popularity(Strategy):
    """By the number of visitors who chose a product."""

    key = "popularity"

    def scorer(self, training: Training, options: Options) -> Scorer:
        """See `Strategy.scorer`."""
        return SameForAll(training.weighted().events)


class RecentPopularity(Strategy):
    """By recent weight: an event counts half after `half_life_days`."""

    key = "recent_popularity"

    def fits(self, history: History) -> bool:
        """Needs to know when events happened."""
        return history.is_dated

    half_lives = Choice((1.0, 3.0, *HALF_LIVES[:-1]), 30.0)

    def space(self, history: History) -> Space:
        """See `Strategy.space`."""
        return {"half_life_days": self.half_lives}

    def scorer(self, training: Training, options: Options) -> Scorer:
        """See `Strategy.scorer`."""
        return SameForAll(popularity(training.weighted(options["half_life_days"])))


class Collaborative(Strategy):
    """An engine behind `CollaborativeModel`, fitted and folded in."""

    engine: type[CollaborativeModel]
    fixed: Mapping[str, Any] = {}
    choices: Mapping[str, Choice] = {}
    half_lives = Choice(HALF_LIVES, FOREVER)

    def space(self, history: History) -> Space:
        """The engine's options, and how fast events fade where they are dated."""
        dated = {"half_life_days": self.half_lives} if history.is_dated else {}
        return {**self.choices, **dated}

    def scorer(self, training: Training, options: Options) -> Scorer:
        """See `Strategy.scorer`."""
        return FoldIn(self.fit(training, options), training.matrix(options.get("half_life_days", FOREVER)))

    def fit(self, training: Training, options: Options) -> Artefact:
        """What the engine publishes. The training remembers the latest one, because a hybrid may ask for it next."""
        key = (self.key, tuple(sorted(options.items())))
        if training.memory.get("artefact", (None,))[0] != key:
            matrix = training.matrix(options.get("half_life_days", FOREVER))
            training.memory["artefact"] = (key, self.model(options).fit(matrix))
        artefact: Artefact = training.memory["artefact"][1]
        return artefact

    def model(self, options: Options) -> CollaborativeModel:
        """The engine with these options."""
        return self.engine(**self.arguments(options))

    def arguments(self, options: Options) -> dict[str, Any]:
        """What the engine's constructor is given."""
        own = {name: value for name, value in options.items() if name != "half_life_days"}
        return {**self.fixed, **own}


class ALS(Collaborative):
    """Alternating least squares."""

    key = "als"
    engine = ImplicitALS
    choices = {
        "regularization": Choice((0.1, 1.0, 10.0, 30.0, 100.0, 300.0), 10.0),
        "alpha": Choice((0.2, 1.0, 5.0, 20.0), 1.0),
        "factors": Choice((32, 64, 128, 256), 64),
    }


class BPR(Collaborative):
    """Bayesian personalised ranking."""

    key = "bpr"
    engine = ImplicitBPR
    choices = {
        "smoothing": Choice((1.0, 10.0, 100.0), 10.0),
        "regularization": Choice((0.01, 0.03, 0.05, 0.1), 0.05),
        "iterations": Choice((50, 100, 200), 50),
        "factors": Choice((32, 64, 128), 64),
    }


class BM25(Collaborative):
    """Item-to-item neighbours by BM25."""

    key = "bm25"
    engine = ImplicitItemItem
    fixed = {"kind": "bm25"}
    choices = {
        "k": Choice((20, 50, 100, 200, 500, 1000), 200),
        "b": Choice((0.0, 0.25, 0.5, 0.75, 1.0), 0.75),
        "k1": Choice((0.3, 1.2, 5.0, 20.0, 100.0), 1.2),
    }


class Cosine(Collaborative):
    """Item-to-item neighbours by cosine."""

    key = "cosine"
    engine = ImplicitItemItem
    fixed = {"kind": "cosine"}
    choices = {"k": Choice((20, 50, 100, 200, 500, 1000), 200)}


class Ease(Collaborative):
    """The closed-form linear model."""

    key = "ease"
    engine = EASE
    fixed = {"k": 1000}
    choices = {
        "regularization": Choice((0.5, 1.0, 2.0, 3.5, 5.0, 7.0, 10.0, 15.0, 20.0, 30.0, 50.0, 100.0), 7.0),
        "score_power": Choice((-0.2, -0.1, 0.0, 0.1, 0.2, 0.3), 0.1),
        "item_power": Choice((0.0, 0.15, 0.3, 0.4, 0.5), 0.3),
        "user_power": Choice((0.0, 0.15, 0.3, 0.4, 0.5, 0.6), 0.3),
    }


class Graph(Collaborative):
    """The spectral filter. Options are compared on the filter itself, before its weights are thinned out."""

    key = "graph"
    engine = SpectralFilter
    fits_by_ranking = True
    choices = {
        "sharpening": Choice((0.0, 0.15, 0.3, 0.45, 0.6, 0.7, 0.8, 0.9, 0.95), 0.6),
        "score_power": Choice((-0.2, -0.1, 0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5), 0.1),
        "low_pass": Choice((0.0, 0.03, 0.06, 0.1, 0.15, 0.2, 0.3, 0.5, 1.0), 0.1),
        "item_power": Choice((0.0, 0.1, 0.2, 0.3, 0.4, 0.5), 0.3),
        "rank": Choice((16, 64, 256, 512, 1024), 64),
        "user_power": Choice((0.0, 0.15, 0.3, 0.4, 0.5, 0.6), 0.4),
    }

    def draft(self, training: Training, options: Options) -> Scorer:
        """See `Strategy.draft`."""
        half_life = options.get("half_life_days", FOREVER)
        matrix = training.matrix(half_life)
        key = (half_life, options["user_power"], options["item_power"], options["rank"])
        if training.memory.get("graph", (None,))[0] != key:
            training.memory["graph"] = (key, GraphBasis(matrix, *key[1:]), {})
        _, basis, parts = training.memory["graph"]
        return _Filtered(basis, matrix, options, parts)


@dataclass(frozen=True, eq=False)
class _Filtered:
    """A filter applied to users' rows; remembers its terms for each batch, for the next options of the same basis."""

    basis: GraphBasis
    profiles: csr_matrix
    options: Options
    parts: dict[tuple[int, int], Parts]

    def scores(self, users: Int32) -> Float32:
        key = (int(users[0]), users.size)
        if key not in self.parts:
            self.parts[key] = self.basis.parts(self.profiles[users])
        sharpening, low_pass = self.options["sharpening"], self.options["low_pass"]
        return self.basis.mix(self.parts[key], sharpening, low_pass, self.options["score_power"])


COLLABORATIVE: tuple[Collaborative, ...] = (Graph(), Ease(), BM25(), Cosine(), ALS(), BPR())
"""The most promising first."""
