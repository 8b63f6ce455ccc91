"""Which engine learns best from a shop's behaviour, with which options and half-lives: the search, trial by trial."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from recommender.conf import settings
from recommender.engines.base import CollaborativeModel
from recommender.services.configuring import LEARNED, Configuration, finite, from_settings, pinned
from recommender.services.engines import build
from recommender.services.evaluating.search import Choice, Options, Search
from recommender.services.evaluating.strategies import COLLABORATIVE, Collaborative, RecentPopularity, Strategy
from recommender.services.evaluating.tuning import Fold, tune
from recommender.services.watching import Watcher


class Given(Collaborative):
    """The engine that the shop's settings name, as they name it."""

    key = "given"

    def model(self, options: Options) -> CollaborativeModel:
        """The engine, with the options of the settings."""
        model: CollaborativeModel = build(settings.COLLABORATIVE, CollaborativeModel)
        return model


def tune_engine(fold: Fold, seconds: float, watcher: Watcher) -> tuple[Configuration, list[dict[str, Any]]]:
    """The defaults with the best engine, options and half-lives, and every trial, best first.

    Engines that do not fit into the time, the most promising first, are not tried; nor are those whose library is
    missing here. What the settings name stays as it is.

    Args:
        fold: what to learn from, and the visitors to compare on.
        seconds: for all trials; one that has begun is finished.
        watcher: is told how it goes on.
    """
    strategies = _strategies(fold)
    started = time.monotonic()

    def say(key: str, trials: int, value: float) -> None:
        watcher.stage("Choosing options", min(time.monotonic() - started, seconds - 1), seconds)
        watcher.note(f"{key}: {value:.4f} after {trials} trials")

    watcher.stage("Choosing options", 0, seconds)
    searches = tune([fold], strategies, seconds, say, all_start=False)
    watcher.stage("Choosing options", seconds, seconds)
    engines = {strategy.key: strategy for strategy in strategies if isinstance(strategy, Collaborative)}
    configuration = replace(from_settings(), origin=LEARNED)
    if RecentPopularity.key in searches:
        days = searches[RecentPopularity.key].best["half_life_days"]
        configuration = replace(configuration, trend_half_life_days=float(days))
    learned = [key for key in engines if key in searches]
    if learned:
        best = max(learned, key=lambda key: searches[key].value)
        configuration = _with(configuration, engines[best], searches[best].best)
    return configuration, _trials(searches)


def _strategies(fold: Fold) -> list[Strategy]:
    """The most promising first, but what is popular before all: it takes no time, and every list uses it."""
    names = set(pinned())
    history = fold.training.history
    choices: tuple[Collaborative, ...] = (Given(),) if "COLLABORATIVE" in names else COLLABORATIVE
    engines = [type(strategy)() for strategy in choices if not strategy.model(_start(strategy, fold)).missing()]
    if "EVENT_HALF_LIFE_DAYS" in names:
        for engine in engines:
            engine.half_lives = Choice((settings.EVENT_HALF_LIFE_DAYS,), settings.EVENT_HALF_LIFE_DAYS)
    popular = RecentPopularity()
    has_trend = popular.fits(history) and "TREND_HALF_LIFE_DAYS" not in names
    return [popular, *engines] if has_trend else list(engines)


def _start(strategy: Collaborative, fold: Fold) -> Options:
    return {name: choice.start for name, choice in strategy.space(fold.training.history).items()}


def _with(configuration: Configuration, strategy: Collaborative, options: Options) -> Configuration:
    days = float(options.get("half_life_days", configuration.half_life_days))
    if isinstance(strategy, Given):
        return replace(configuration, half_life_days=days)
    path = f"{strategy.engine.__module__}.{strategy.engine.__qualname__}"
    engine = {"BACKEND": path, "OPTIONS": strategy.arguments(options)}
    return replace(configuration, engine=engine, half_life_days=days)


def _trials(searches: Mapping[str, Search]) -> list[dict[str, Any]]:
    """For JSON: engine, options, value, seconds and whether its engine came out with it; the best first."""
    rows = [
        {
            "engine": key,
            "options": {name: _plain(value) for name, value in trial.options.items()},
            "value": round(trial.value, 6),
            "seconds": round(trial.seconds, 3),
            "best": trial.options == search.best,
        }
        for key, search in searches.items()
        for trial in search.log
    ]
    return sorted(rows, key=lambda row: -row["value"])


def _plain(value: Any) -> Any:
    return finite(value) if isinstance(value, float) else value
