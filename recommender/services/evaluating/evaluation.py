"""Judging every way to recommend on one history: tune on a validation part, refit, rank all products for the test."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

from recommender.core.metrics import paired_interval
from recommender.core.splits import hold_out_latest, hold_out_random_per_user
from recommender.exceptions import NotEnoughHistoryError, RecommenderError
from recommender.services.engines import get_encoder
from recommender.services.evaluating import report as reporting
from recommender.services.evaluating.history import History, part, read_folder, read_shop
from recommender.services.evaluating.hybrid import Attributes, Hybrid, Visual
from recommender.services.evaluating.judging import judge_all
from recommender.services.evaluating.ranking import Problem, pose
from recommender.services.evaluating.run import Run
from recommender.services.evaluating.search import Options, Search, Values, average
from recommender.services.evaluating.strategies import (
    COLLABORATIVE,
    FOREVER,
    Collaborative,
    Popularity,
    Random,
    RecentPopularity,
    Strategy,
    Training,
)
from recommender.services.evaluating.tuning import (
    Fold,
    Validation,
    accuracy,
    forget,
    make_folds,
    tune,
    tune_hybrid,
    validate_timed,
)
from recommender.services.evaluating.variety import describe_exposure, describe_variety, group_products
from recommender.services.evaluating.vectors import embed_pictures
from recommender.services.watching import Nobody, Watcher

__all__ = ["KEYS", "History", "Watcher", "evaluate", "read_folder", "read_shop"]

TEST_SHARE = 0.2
STARTS_SECONDS = 60.0
"""With less time than this for tuning every strategy is begun all the same: they are small or the budget is."""

TUNING_SHARE = 0.25
BLENDING_SHARE = 0.1
MOST_ENGINES = 3
DEFAULT_TREND_HALF_LIFE_DAYS = 30.0

_PLAIN: tuple[Strategy, ...] = (Random(), Popularity(), RecentPopularity(), Visual(), Attributes())
SINGLE: tuple[Strategy, ...] = (*_PLAIN, *COLLABORATIVE)
KEYS = (*(strategy.key for strategy in SINGLE), Hybrid.key)
"""All strategies, in the order in which they are reported."""


def evaluate(
    history: History,
    *,
    strategies: Collection[str] = (),
    budget_seconds: float = 1800,
    seed: int = 0,
    watcher: Watcher | None = None,
) -> dict[str, Any]:
    """How well each strategy would have foreseen the held-out part: the report that docs/how-to/evaluate.md describes.

    Options are tuned, and the best strategy chosen, on a validation part of the training part; the test part is looked
    at once. At most a third of the budget goes to tuning, the rest to judging; what would not fit is named and left
    out. With a budget that never binds, equal seeds give equal reports.

    Args:
        history: what to evaluate on; without a test part, the last fifth in time is held out, or a fifth of each
            user's products where events are not dated.
        strategies: keys of those to judge, all when empty; "hybrid" needs some collaborative one and tunes all of them
            when none is named.
        budget_seconds: for everything.
        seed: of everything random.
        watcher: is told how it goes on.

    Raises:
        RecommenderError: for an unknown strategy.
        NotEnoughHistoryError: when nobody has both a history and something held out.
    """
    if unknown := sorted(set(strategies) - set(KEYS)):
        raise RecommenderError(f"Unknown strategies: {', '.join(unknown)}. Known are: {', '.join(KEYS)}.")
    run = Run(history, seed, budget_seconds, watcher or Nobody())
    wanted = set(strategies or KEYS)
    with run.timed("total"):
        with run.timed("pictures"):
            history = run.history = _with_pictures(run, wanted)
        train, test = _parts(history, seed)
        history = run.history = replace(history, train=train, test=test)
        problem = pose(train, test, history.n, seed)
        if not problem.users.size:
            raise NotEnoughHistoryError(
                "Nobody has both a history and something new to foresee. "
                "Give interactions with a user_id over a longer time."
            )
        folds = make_folds(history, test, seed)
        singles = _tune_singles(run, folds, wanted, run.part_seconds(TUNING_SHARE))
        hybrid = _tune_hybrid(run, folds, singles, run.part_seconds(BLENDING_SHARE)) if "hybrid" in wanted else None
        shown = {key: strategy for key, strategy in singles.items() if key in wanted}
        judge_all(run, problem, shown, hybrid, Training(history, train, seed))
    return _report(run, problem)


def _with_pictures(run: Run, wanted: set[str]) -> History:
    history = run.history
    if history.products.vectors is not None or not wanted & {"visual", "hybrid"} or not any(history.pictures):
        return history
    encoder = get_encoder()
    if missing := encoder.missing():
        run.watcher.note(f"No looks: {'; '.join(missing)}")
        return history
    vectors = embed_pictures(
        encoder, history.pictures, lambda done, total: run.watcher.stage("Reading pictures", done, total)
    )
    return history if vectors is None else history.with_vectors(vectors, encoder.blocks)


def _parts(history: History, seed: int) -> tuple[Any, Any]:
    if history.test is not None:
        return history.train, history.test
    train = history.train
    if history.is_dated:
        held = hold_out_latest(-train.ages_days, TEST_SHARE)
    else:
        held = hold_out_random_per_user(train.users, TEST_SHARE, seed)
    return part(train, ~held), part(train, held)


def _tune_singles(run: Run, folds: Sequence[Fold], wanted: set[str], seconds: float) -> dict[str, Strategy]:
    """The strategies that can be judged here, with their best options put down."""
    collaborative = {strategy.key for strategy in COLLABORATIVE}
    needed = set(wanted)
    if "hybrid" in wanted:
        needed |= {"popularity", "recent_popularity"}
        needed |= set() if wanted & collaborative else collaborative
    fitting = [strategy for strategy in SINGLE if strategy.key in needed and strategy.fits(run.history)]
    fitting.sort(key=lambda strategy: strategy.key in collaborative)  # quick ones first
    started = time.monotonic()

    def say(key: str, trials: int, value: float) -> None:
        run.watcher.stage("Choosing options", min(time.monotonic() - started, seconds), seconds)
        run.watcher.note(f"{key}: {value:.4f} after {trials} trials")

    validations: dict[str, Validation] = {}
    with run.timed("tuning"):
        searches = tune(folds, fitting, seconds, say, all_start=seconds < STARTS_SECONDS, validations=validations)
        forget(folds)
    run.watcher.stage("Choosing options", seconds, seconds)
    singles = {strategy.key: strategy for strategy in fitting if strategy.key in searches}
    if time.monotonic() - started >= seconds >= STARTS_SECONDS:
        run.late += [strategy.key for strategy in fitting if strategy.key in wanted - singles.keys()]
    for key in singles:
        run.chosen_options[key] = searches[key].best
        run.validated[key], run.costs[key] = validations[key].outcomes(searches[key].best), validations[key].cost
    return singles


def _tune_hybrid(run: Run, folds: Sequence[Fold], singles: Mapping[str, Strategy], seconds: float) -> Hybrid | None:
    """The hybrid with its best blend, on that engine among the best ones with which it does best."""
    trend = run.chosen_options.get("recent_popularity", {}).get("half_life_days", DEFAULT_TREND_HALF_LIFE_DAYS)
    engines = _promising(run, singles)
    started = time.monotonic()
    best: tuple[Hybrid, Search] | None = None
    run.watcher.stage("Blending", 0, len(engines))
    with run.timed("blending"):
        for number, behaviour in enumerate(engines):
            left = seconds - (time.monotonic() - started)
            if best is not None and left < (seconds - left) / number:
                break  # as long as the ones before would be too long
            options = run.chosen_options.get(behaviour.key) or {
                name: choice.start for name, choice in behaviour.space(run.history).items()
            }
            hybrid = Hybrid(behaviour, options, trend)
            search = tune_hybrid(folds, hybrid, list(run.validated.values()), left / (len(engines) - number))
            run.watcher.note(f"hybrid on {behaviour.key}: {search.value:.4f} after {search.trials} trials")
            run.watcher.stage("Blending", number + 1, len(engines))
            if best is None or search.value > best[1].value:
                best = hybrid, search
                validated = validate_timed(folds, hybrid, search.best)
            forget(folds)
    assert best is not None  # noqa: S101 # there is always an engine # nosec B101
    run.validated["hybrid"], run.costs["hybrid"] = validated
    run.chosen_options["hybrid"], run.engine = best[1].best, best[0].behaviour.key
    run.watcher.stage("Blending", 1, 1)
    return best[0]


def _promising(run: Run, singles: Mapping[str, Strategy]) -> list[Collaborative]:
    """The best engine on validation, then at most two that are not surely worse; any engine where none has learned."""
    values = {
        key: accuracy(run.validated[key]) for key, strategy in singles.items() if isinstance(strategy, Collaborative)
    }
    ranked = sorted(values, key=lambda key: -average(values[key]))
    kept = [key for key in ranked if paired_interval(values[key], values[ranked[0]], seed=run.seed)[1] >= 0]
    found = [singles[key] for key in kept[:MOST_ENGINES]]
    return [engine for engine in found if isinstance(engine, Collaborative)] or [COLLABORATIVE[0]]


def _report(run: Run, problem: Problem) -> dict[str, Any]:
    outcomes = {key: run.outcomes[key] for key in KEYS if key in run.outcomes}
    validation = {key: accuracy(run.validated[key]) for key in outcomes}
    chosen = _chosen(validation, run.seed)
    strategies: dict[str, Any] = {key: reporting.describe(outcome, run.seed) for key, outcome in outcomes.items()}
    for key, outcome in run.newcomers.items():
        if key in strategies:
            strategies[key]["new"] = reporting.describe(outcome, run.seed)["all"]
    for key, outcome in outcomes.items():
        strategies[key]["variety"] = describe_variety(outcome, problem, run.history.products.vectors, run.seed)
    if "hybrid" in strategies:
        strategies["hybrid"]["engine"] = run.engine
    if run.served is not None:
        strategies["hybrid"]["served"] = reporting.describe(run.served, run.seed)["all"]
    return {
        "chosen": chosen,
        "strategies": strategies,
        "ablations": {name: reporting.describe(outcome, run.seed) for name, outcome in run.ablations.items()},
        "paired": reporting.compare(outcomes, chosen, run.seed),
        "exposure": describe_exposure(group_products(run.history, problem), problem, outcomes),
        "validation": {key: round(average(values), 6) for key, values in validation.items()},
        "options": {key: _plain(run.chosen_options[key]) for key in outcomes},
        "products": {"all": problem.n, **_segment_sizes(problem)},
        "users": {"judged": int(problem.users.size), "new": int(problem.newcomers.size)},
        "left_out": {"broken_rows": len(run.history.broken), "unknown_products": run.history.unknown, "late": run.late},
        "seconds": run.seconds,
    }


def _chosen(validation: Mapping[str, Values], seed: int) -> str:
    """The best on validation; but the hybrid where nothing is surely better, as it also serves what is new."""
    best = max(validation, key=lambda key: average(validation[key]))
    if "hybrid" in validation and paired_interval(validation["hybrid"], validation[best], seed=seed)[1] >= 0:
        return "hybrid"
    return best


def _plain(options: Options) -> dict[str, Any]:
    """Options for JSON, which has no infinity: a half-life that never ends is null."""
    return {name: None if value == FOREVER else value for name, value in options.items()}


def _segment_sizes(problem: Problem) -> dict[str, int]:
    return {name: int((problem.segment == number).sum()) for number, name in enumerate(("cold", "scarce", "warm"))}
