"""Tune, learn, judge and gate: which configuration a shop's own history speaks for."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from recommender.conf import settings
from recommender.core.catalogue import Catalogue
from recommender.core.choices import MIN_POSITIVES
from recommender.core.types import Neighbours
from recommender.models import Selection
from recommender.services.configuring import (
    DEFAULTS,
    LEARNED,
    Configuration,
    from_settings,
    pinned,
    respecting_settings,
)
from recommender.services.evaluating.history import History
from recommender.services.evaluating.search import Values
from recommender.services.learning import learn_as
from recommender.services.selecting.blends import ITEM_SIGNALS, alone, present, with_blends
from recommender.services.selecting.cases import Cases, divide, families_of
from recommender.services.selecting.engine import tune_engine
from recommender.services.selecting.gate import Candidate, Comparison, decide
from recommender.services.selecting.lists import for_products, for_visitors
from recommender.services.watching import Nobody, Watcher

LIVE = "live"


@dataclass(frozen=True)
class Finding:
    """What a selection found.

    Attributes:
        configuration: what goes, or stays, live.
        row: verdict, trials and comparisons, for the database; not saved yet.
    """

    configuration: Configuration
    row: Selection


def is_due(latest: Selection | None, n_events: int) -> bool:
    """Whether to select without being asked: first with enough history, then whenever the history has doubled."""
    if not settings.TRAINING_BUDGET_SECONDS:
        return False
    if latest is None or latest.verdict == Selection.Verdict.TOO_LITTLE:
        return True
    return n_events >= 2 * latest.n_events


def select(
    history: History,
    live: Configuration | None,
    *,
    budget_seconds: float,
    seed: int,
    watcher: Watcher | None = None,
    visual: Neighbours | None = None,
) -> Finding:
    """The configuration that passes the gate.

    The latest fifth of the history is held out. On one half of its visitors an engine is tuned and blends are learned;
    the other half judges the outcome beside the live configuration, the defaults and each signal alone, all learned
    anew on the earlier part. Equal seeds give equal findings, as long as the budget stops no search.

    Args:
        history: the shop's products and all its events.
        live: the configuration in use, as the settings allow it; None before the first training.
        budget_seconds: for tuning; learning and judging take what they need, a few fits each.
        seed: of everything random.
        watcher: is told how it goes on.
        visual: the products' lists of look-alikes, where they are known already.
    """
    started = time.monotonic()
    watcher = watcher or Nobody()
    row = Selection(n_events=history.train.rows.size, seed=seed, budget_seconds=budget_seconds, pinned=list(pinned()))
    configuration = live or from_settings()
    cases = divide(history, seed) if history.train.rows.size >= MIN_POSITIVES else None
    row.n_positives = cases.positives if cases else 0
    if cases is None or cases.positives < MIN_POSITIVES:
        row.verdict = Selection.Verdict.TOO_LITTLE
    else:
        configuration = _Run(history, cases, live, seed, watcher, visual).choose(budget_seconds, row)
    row.seconds = round(time.monotonic() - started, 1)
    return Finding(configuration, row)


@dataclass
class _Run:
    history: History
    cases: Cases
    live: Configuration | None
    seed: int
    watcher: Watcher
    visual: Neighbours | None

    def choose(self, budget_seconds: float, row: Selection) -> Configuration:
        learned, row.trials = tune_engine(self.cases.teaching, budget_seconds, self.watcher)
        self.watcher.stage("Learning blends", 0, 1)
        catalogue = self._catalogue(learned)
        learned = with_blends(learned, catalogue, self.cases, self._profiles(learned), self.seed)
        self.watcher.stage("Learning blends", 1, 1)
        candidates = self._judged(self._candidates(learned, catalogue), catalogue)
        # The defaults are rivals for good: else many ties in a row could lead far below them.
        rivals = [candidate.name for candidate in candidates if candidate.name != LEARNED]
        decision = decide(candidates, rivals, self.seed)
        row.n_judges, row.n_steps = self.cases.judges.size, len(self.cases.judging_steps)
        row.candidates = [_plain(candidate, decision.comparisons.get(candidate.name, ())) for candidate in candidates]
        row.winner = decision.winner
        row.verdict = _VERDICTS.get(decision.winner, Selection.Verdict.SINGLE)
        return next(one.configuration for one in candidates if one.name == decision.winner)

    def _candidates(self, learned: Configuration, catalogue: Catalogue) -> list[tuple[str, Configuration]]:
        """In the order of preference; those that what is pinned makes equal to an earlier one are left out."""
        default = from_settings()
        named = [(LEARNED, learned)]
        named += [(LIVE, self.live)] if self.live is not None else []
        named += [(DEFAULTS, default)] if self.live != default else []
        for signal in present(catalogue):
            single = replace(learned, origin=signal, visitor_blend=alone(signal, default.visitor_blend))
            if signal in ITEM_SIGNALS:
                single = replace(single, item_blend=alone(ITEM_SIGNALS[signal], default.item_blend))
            named.append((signal, respecting_settings(single)))
        known: list[Configuration] = []
        kept = []
        for name, configuration in named:
            nameless = replace(configuration, origin="")
            if nameless not in known or name in (LIVE, DEFAULTS):
                known.append(nameless)
                kept.append((name, configuration))
        return kept

    def _judged(self, named: Sequence[tuple[str, Configuration]], learned: Catalogue) -> list[Candidate]:
        """Every candidate's lists for those who judge; those that share a catalogue, as `learned`, the first's, are
        judged together.
        """
        values: dict[str, dict[str, Values]] = {}
        groups: list[list[tuple[str, Configuration]]] = []
        for name, configuration in named:
            for group in groups:
                if _is_learned_alike(group[0][1], configuration):
                    group.append((name, configuration))
                    break
            else:
                groups.append([(name, configuration)])
        families = families_of(self.history)
        for number, group in enumerate(groups):
            self.watcher.stage("Judging", number, len(groups))
            catalogue = learned if number == 0 else self._catalogue(group[0][1])
            profiles = self._profiles(group[0][1])
            problem, steps = self.cases.teaching.problem, self.cases.judging_steps
            visitor_blends = {name: configuration.visitor_blend for name, configuration in group}
            item_blends = {name: configuration.item_blend for name, configuration in group}
            for_you = for_visitors(catalogue, problem, profiles, self.cases.judges, visitor_blends)
            similar = for_products(catalogue, families, steps, item_blends)
            values |= {name: {"for_you": for_you[name], "similar": similar[name]} for name, _ in group}
        self.watcher.stage("Judging", len(groups), len(groups))
        return [Candidate(name, configuration, values[name]) for name, configuration in named]

    def _catalogue(self, configuration: Configuration) -> Catalogue:
        """Learned on the training part; blends play no part in it."""
        events = self.cases.teaching.training.events
        catalogue = learn_as(configuration, self.history.products, events, visual=self.visual)
        self.visual = catalogue.visual
        return catalogue

    def _profiles(self, configuration: Configuration) -> Any:
        """Each visitor as serving would see them at the end of the training part."""
        training = self.cases.teaching.training
        return training.profiles(configuration.half_life_days, settings.VISITOR_HALF_LIFE_PRODUCTS)


_VERDICTS = {
    LEARNED: Selection.Verdict.LEARNED,
    LIVE: Selection.Verdict.KEPT,
    DEFAULTS: Selection.Verdict.DEFAULTS,
}


def _is_learned_alike(a: Configuration, b: Configuration) -> bool:
    return (a.engine, a.half_life_days, a.trend_half_life_days) == (b.engine, b.half_life_days, b.trend_half_life_days)


def _plain(candidate: Candidate, comparisons: Sequence[Comparison]) -> dict[str, Any]:
    """For JSON."""
    configuration = candidate.configuration
    return {
        "name": candidate.name,
        "means": {kind: round(candidate.mean(kind), 6) for kind, values in candidate.values.items() if values.size},
        "against": [asdict(row) for row in comparisons],
        **configuration.to_config(),
        "visitor_weights": _rounded(configuration.visitor_blend.weights),
        "item_weights": _rounded(configuration.item_blend.weights),
    }


def _rounded(weights: Any) -> dict[str, float]:
    total = sum(weights.values()) or 1.0
    return {name: round(float(value) / total, 4) for name, value in weights.items()}
