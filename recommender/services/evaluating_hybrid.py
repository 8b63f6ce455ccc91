"""The strategies that go through the product's own scorers: looks alone, attributes alone, and the hybrid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from recommender.core import hybrid
from recommender.core.blend import blend, normalise_weights
from recommender.core.catalogue import BlendConfig, Catalogue
from recommender.core.signals import Observed
from recommender.core.types import Float32, Int32
from recommender.core.visitor_signals import history as visitor_history
from recommender.core.visitor_signals import visitor_raws, visitor_signals
from recommender.services.evaluating_history import History
from recommender.services.evaluating_ranking import Scorer
from recommender.services.evaluating_search import Choice, Options, Space
from recommender.services.evaluating_strategies import _HALF_LIVES, FOREVER, Collaborative, Strategy, Training
from recommender.services.learning import learn

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

SIGNALS = ("affinity", "collaborative", "attributes", "trend")
_NO_BLEND = BlendConfig({}, {})
_WEIGHTS = (0.0, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 1.0)
_STRENGTHS = (0.01, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)


class SignalAlone(Strategy):
    """One signal of the for-you score, uncalibrated: a monotone map changes no order."""

    signal: str

    def space(self, history: History) -> Space:
        """How fast a visitor's taste fades, where events are dated."""
        return {"half_life_days": Choice(_HALF_LIVES, FOREVER)} if history.is_dated else {}

    def scorer(self, training: Training, options: Options) -> Scorer:
        """See `Strategy.scorer`."""
        products = training.history.products
        catalogue = Catalogue(
            n=training.history.n,
            item_blend=_NO_BLEND,
            visitor_blend=_NO_BLEND,
            vectors=products.vectors,
            attributes=products.attributes,
        )
        return _OneSignal(catalogue, self.signal, training.matrix(options.get("half_life_days", FOREVER)))


class Visual(SignalAlone):
    """How much a product looks like what the visitor chose."""

    key = "visual"
    signal = "affinity"

    def fits(self, history: History) -> bool:
        """Needs pictures."""
        return history.products.vectors is not None


class Attributes(SignalAlone):
    """How many attributes a product shares with what the visitor chose."""

    key = "attributes"
    signal = "attributes"

    def fits(self, history: History) -> bool:
        """Needs attributes."""
        return history.products.attributes is not None


@dataclass(frozen=True, eq=False)
class _OneSignal:
    catalogue: Catalogue
    signal: str
    profiles: csr_matrix

    def scores(self, users: Int32) -> Float32:
        everything = np.arange(self.catalogue.n, dtype=np.int32)
        result = np.zeros((users.size, self.catalogue.n), np.float32)
        for place, user in enumerate(users):
            past = visitor_history(*_profile(self.profiles, user))
            raw = visitor_raws(self.catalogue, past, everything, wanted={self.signal})[self.signal]
            result[place] = np.where(raw.counts > 0, raw.values, np.float32(-1))
        return result


class Hybrid(Strategy):
    """The product's for-you score, on a catalogue learned as the product learns it.

    Attributes:
        behaviour: the collaborative strategy behind it, None when no history can be learned from.
        behaviour_options: that strategy's options.
        trend_half_life_days: after how many days an event counts half in what is popular.
    """

    key = "hybrid"

    def __init__(self, behaviour: Collaborative, behaviour_options: Options, trend_half_life_days: float) -> None:
        self.behaviour, self.behaviour_options = behaviour, behaviour_options
        self.trend_half_life_days = trend_half_life_days

    def space(self, history: History) -> Space:
        """Weights and strengths of the signals that the history has, from the looks-and-behaviour default."""
        present = [name for name in SIGNALS if self._has(history, name)]
        weights = {"affinity": 0.35, "collaborative": 1.0, "attributes": 0.05, "trend": 0.1}
        space = {name: Choice(_WEIGHTS, weights[name]) for name in present}
        return {**space, "strength": Choice(_STRENGTHS, 3.0)}

    def starts(self, history: History) -> list[Options]:
        """The default and each single signal: the hybrid must not lose to one of its parts."""
        space = self.space(history)
        default = {name: choice.start for name, choice in space.items()}
        signals = [name for name in space if name in SIGNALS]
        single = [{**default, **dict.fromkeys(signals, 0.0), name: 1.0, "strength": 0.01} for name in signals]
        return [default, *single]

    def scorer(self, training: Training, options: Options) -> Scorer:
        """See `Strategy.scorer`."""
        return ForYou(replace(self.catalogue(training), visitor_blend=as_blend(options)), self.profiles(training))

    def draft(self, training: Training, options: Options) -> Scorer:
        """See `Strategy.draft`."""
        observed: dict[int, Observed] = training.memory.setdefault("observed", {})
        return _Blended(self.catalogue(training), self.profiles(training), as_blend(options), observed)

    def profiles(self, training: Training) -> csr_matrix:
        """What each user thinks of each product, as the collaborative engine saw it."""
        return training.matrix(self._half_life)

    def catalogue(self, training: Training) -> Catalogue:
        """The learned catalogue, once for each training."""
        if "catalogue" not in training.memory:
            training.memory["catalogue"] = learn(
                training.history.products,
                training.events,
                self.behaviour.model(self.behaviour_options),
                half_life_days=self._half_life,
                trend_half_life_days=self.trend_half_life_days,
            )
        catalogue: Catalogue = training.memory["catalogue"]
        return catalogue

    @property
    def _half_life(self) -> float:
        return float(self.behaviour_options.get("half_life_days", FOREVER))

    def _has(self, history: History, signal: str) -> bool:
        products = history.products
        return {"affinity": products.vectors is not None, "attributes": products.attributes is not None}.get(
            signal, True
        )


def as_blend(options: Options) -> BlendConfig:
    """The visitor blend that options mean."""
    weights = {name: float(options[name]) for name in SIGNALS if name in options}
    return BlendConfig(weights, dict.fromkeys(weights, float(options["strength"])))


@dataclass(frozen=True, eq=False)
class ForYou:
    """`core.hybrid.for_you` on every product, or only on the candidates that serving would look at."""

    catalogue: Catalogue
    profiles: csr_matrix
    candidates_only: bool = False

    def scores(self, users: Int32) -> Float32:
        """See `Scorer`."""
        everything = np.arange(self.catalogue.n, dtype=np.int32)
        result = np.full((users.size, self.catalogue.n), -np.inf, np.float32)
        for place, user in enumerate(users):
            rows, weights = _profile(self.profiles, user)
            scored = hybrid.for_you(self.catalogue, rows, weights, None if self.candidates_only else everything)
            result[place, scored.rows] = scored.scores
        return result


@dataclass(frozen=True, eq=False)
class _Blended:
    """The same scores from signals that are kept, so that only the blend is computed again."""

    catalogue: Catalogue
    profiles: csr_matrix
    config: BlendConfig
    observed: dict[int, Observed] = field(default_factory=dict)

    def scores(self, users: Int32) -> Float32:
        everything = np.arange(self.catalogue.n, dtype=np.int32)
        result = np.empty((users.size, self.catalogue.n), np.float32)
        for place, user in enumerate(users.tolist()):
            if user not in self.observed:
                past = visitor_history(*_profile(self.profiles, user))
                self.observed[user] = visitor_signals(self.catalogue, past, everything)
            result[place] = _blend(self.observed[user], self.config)
        return result


def _blend(observed: Observed, config: BlendConfig) -> Float32:
    chosen = [place for place, name in enumerate(observed.signals) if config.weights.get(name, 0.0) > 0]
    names = [observed.signals[place] for place in chosen]
    strengths = np.array([config.strengths[name] for name in names], np.float32)
    weights = normalise_weights(_only(config.weights, names), names)
    return blend(observed.evidence[chosen], observed.counts[chosen], observed.prior[chosen], weights, strengths)


def _only(weights: Mapping[str, float], names: list[str]) -> dict[str, float]:
    return {name: weights[name] for name in names}


def _profile(profiles: csr_matrix, user: int) -> tuple[Int32, Float32]:
    own = slice(profiles.indptr[user], profiles.indptr[user + 1])
    return profiles.indices[own].astype(np.int32), profiles.data[own]
