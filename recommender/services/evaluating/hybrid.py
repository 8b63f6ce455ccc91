"""The strategies that go through the product's own scorers: looks alone, attributes alone, and the hybrid."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from recommender.core import hybrid
from recommender.core.blend import blend, normalise_weights
from recommender.core.catalogue import BlendConfig, Catalogue
from recommender.core.newcomers import with_newcomers
from recommender.core.signals import IDENTITY, Observed
from recommender.core.types import Artefact, Float32, Int32
from recommender.core.visitor_signals import history as visitor_history
from recommender.core.visitor_signals import visitor_raws, visitor_signals
from recommender.engines.base import CollaborativeModel, Progress
from recommender.services.evaluating.history import History
from recommender.services.evaluating.ranking import Scorer
from recommender.services.evaluating.search import Choice, Options, Space
from recommender.services.evaluating.strategies import FOREVER, HALF_LIVES, Collaborative, Strategy, Training
from recommender.services.learning import learn

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

SIGNALS = ("affinity", "collaborative", "attributes", "trend", "novelty")
_LISTED = 200
_NO_BLEND = BlendConfig({}, {})
_WEIGHTS = (0.0, 0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 1.0)
_FADING = (2.0, 5.0, 10.0, 20.0, 50.0, FOREVER)
_NEWCOMERS = (0, 20, 12, 8, 6, 5, 4, 3, 2)
_STRENGTHS = (0.01, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)


class SignalAlone(Strategy):
    """One signal of the for-you score, uncalibrated: a monotone map changes no order."""

    signal: str

    def space(self, history: History) -> Space:
        """How fast a visitor's taste fades, where events are dated."""
        return {"half_life_days": Choice(HALF_LIVES, FOREVER)} if history.is_dated else {}

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
        return _OneSignal(catalogue, self.signal, training.tastes(options.get("half_life_days", FOREVER)))


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
        """See `Scorer`."""
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

    def space(self, history: History, has_newcomers: bool = True) -> Space:
        """Weights and strength of the signals that the history has, and how often a newcomer gets a place."""
        present = [name for name in SIGNALS if self._has(history, name)]
        weights = {"affinity": 0.35, "collaborative": 1.0, "attributes": 0.1, "trend": 0.05, "novelty": 0.0}
        space = {name: Choice(_WEIGHTS, weights[name]) for name in present}
        newcomers = {"newcomer_every": Choice(_NEWCOMERS, 8)} if has_newcomers else {}
        # Last, because each of its values means to observe all signals again.
        fading = {"half_life_products": Choice(_FADING, 10.0)} if history.is_dated else {}
        return {**space, **newcomers, "strength": Choice(_STRENGTHS, 3.0), **fading}

    def starts(self, history: History, has_newcomers: bool = True) -> list[Options]:
        """The default and each single signal: the hybrid must not lose to one of its parts."""
        space = self.space(history, has_newcomers)
        default = {name: choice.start for name, choice in space.items()}
        signals = [name for name in space if name in SIGNALS and name != "novelty"]
        single = [{**default, **dict.fromkeys(signals, 0.0), name: 1.0, "strength": 0.01} for name in signals]
        return [default, *single]

    def without_each(self, options: Options) -> dict[str, Options]:
        """The options without one of the signals in use each; none where there is just one."""
        used = [name for name in SIGNALS if options.get(name, 0) > 0]
        return {f"hybrid without {name}": {**options, name: 0.0} for name in used} if len(used) > 1 else {}

    def scorer(self, training: Training, options: Options) -> Scorer:
        """See `Strategy.scorer`."""
        catalogue = replace(self.catalogue(training), visitor_blend=as_blend(options))
        return ForYou(catalogue, self._profiles(training, options), int(options.get("newcomer_every", 0)))

    def draft(self, training: Training, options: Options) -> Scorer:
        """See `Strategy.draft`."""
        key = options.get("half_life_products", FOREVER)
        if training.memory.get("observed", (None,))[0] != key:
            training.memory["observed"] = (key, self._profiles(training, options), {})
        _, profiles, observed = training.memory["observed"]
        every = int(options.get("newcomer_every", 0))
        return Blended(self.catalogue(training), profiles, every, as_blend(options), observed)

    def _profiles(self, training: Training, options: Options) -> csr_matrix:
        return training.profiles(self._half_life, options.get("half_life_products", FOREVER))

    def catalogue(self, training: Training) -> Catalogue:
        """The learned catalogue, once for each training."""
        if "catalogue" not in training.memory:
            training.memory["catalogue"] = learn(
                training.history.products,
                training.events,
                _Fitted(self.behaviour, self.behaviour_options, training),
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


@dataclass(frozen=True, eq=False)
class _Fitted(CollaborativeModel):
    """A strategy's engine for `learn`, which fits it unless the training remembers the artefact."""

    behaviour: Collaborative
    options: Options
    training: Training

    def fit(self, interactions: csr_matrix, progress: Progress | None = None) -> Artefact:
        """The artefact of the training; the matrix given is the same without users who did nothing."""
        return self.behaviour.fit(self.training, self.options)


def as_blend(options: Options) -> BlendConfig:
    """The visitor blend that options mean."""
    weights = {name: float(options[name]) for name in SIGNALS if name in options}
    return BlendConfig(weights, dict.fromkeys(weights, float(options["strength"])))


@dataclass(frozen=True, eq=False)
class ForYou:
    """`core.hybrid.for_you` on every product, or only on the candidates that serving would look at."""

    catalogue: Catalogue
    profiles: csr_matrix
    newcomer_every: int = 0
    candidates_only: bool = False

    def scores(self, users: Int32) -> Float32:
        """See `Scorer`."""
        candidates = None if self.candidates_only else np.arange(self.catalogue.n, dtype=np.int32)
        catalogue = self.catalogue if self.candidates_only else _with_calibrated_trend(self.catalogue)
        result = np.full((users.size, self.catalogue.n), -np.inf, np.float32)
        for place, user in enumerate(users):
            rows, weights = _profile(self.profiles, user)
            scored = hybrid.for_you(catalogue, rows, weights, candidates)
            result[place, scored.rows] = scored.scores
            result[place] = _arranged(result[place], self.catalogue, rows, self.newcomer_every)
        return result


@dataclass(frozen=True, eq=False)
class Blended:
    """The same scores from signals that are kept, so that only the blend is computed again."""

    catalogue: Catalogue
    profiles: csr_matrix
    newcomer_every: int
    config: BlendConfig
    observed: dict[int, Observed] = field(default_factory=dict)

    def scores(self, users: Int32) -> Float32:
        """See `Scorer`."""
        everything = np.arange(self.catalogue.n, dtype=np.int32)
        catalogue = _with_calibrated_trend(self.catalogue)
        result = np.empty((users.size, self.catalogue.n), np.float32)
        for place, user in enumerate(users.tolist()):
            rows, weights = _profile(self.profiles, user)
            if user not in self.observed:
                self.observed[user] = visitor_signals(catalogue, visitor_history(rows, weights), everything)
            scores = blended(self.observed[user], self.config)
            result[place] = _arranged(scores, self.catalogue, rows, self.newcomer_every)
        return result


def _with_calibrated_trend(catalogue: Catalogue) -> Catalogue:
    """A catalogue that gives the same signals sooner: what is the same for all visitors is calibrated once for all."""
    calibration = catalogue.calibrations.get("trend")
    if catalogue.trend is None or calibration is None:
        return catalogue
    calibrations = {**catalogue.calibrations, "trend": replace(IDENTITY, mean=calibration.mean)}
    return replace(catalogue, trend=calibration.apply(catalogue.trend), calibrations=calibrations)


def _arranged(scores: Float32, catalogue: Catalogue, own: Int32, every: int) -> Float32:
    """Scores whose order is that of the list that a visitor sees: 2..3 on it, at most 1 elsewhere."""
    if every <= 0 or catalogue.events is None:
        return scores
    scores[own] = -np.inf
    listed = with_newcomers(scores, np.asarray(catalogue.events == 0), _LISTED, every)
    listed = listed[scores[listed] > -np.inf]
    scores[listed] = np.linspace(3, 2, listed.size, dtype=np.float32)
    return scores


def blended(observed: Observed, config: BlendConfig) -> Float32:
    """The scores that a blend makes of signals, looking only at those that it weighs."""
    chosen = [place for place, name in enumerate(observed.signals) if config.weights.get(name, 0.0) > 0]
    names = [observed.signals[place] for place in chosen]
    strengths = np.array([config.strengths.get(name, 1.0) for name in names], np.float32)
    weights = normalise_weights(config.weights, names)
    return blend(observed.evidence[chosen], observed.counts[chosen], observed.prior[chosen], weights, strengths)


def _profile(profiles: csr_matrix, user: int) -> tuple[Int32, Float32]:
    own = slice(profiles.indptr[user], profiles.indptr[user + 1])
    return profiles.indices[own].astype(np.int32), profiles.data[own]
