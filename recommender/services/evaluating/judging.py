"""Judges every strategy on the test part: first those that the report stands on, then the rest while time allows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from recommender.core.types import Int32
from recommender.services.evaluating.hybrid import ForYou, Hybrid
from recommender.services.evaluating.ranking import Outcome, Problem, Scorer, judge
from recommender.services.evaluating.run import Run
from recommender.services.evaluating.search import average
from recommender.services.evaluating.strategies import Strategy, Training
from recommender.services.evaluating.tuning import accuracy

QUICK_SECONDS = 10.0
"""What is estimated to take less than this is judged in any case."""

ABLATION_USERS = 2000
FOR_ALL = ("random", "popularity", "recent_popularity")
"""Strategies that can serve a user without history."""


def judge_all(
    run: Run, problem: Problem, singles: Mapping[str, Strategy], hybrid: Hybrid | None, training: Training
) -> None:
    """Put down how each strategy does on the test part, the hybrid's candidates and ablations included.

    The hybrid, the strategy behind it and the best single one on validation are judged whatever it takes. Of the rest,
    the quickest come first, and those that would not fit into the time left are put down as left out.

    Args:
        run: with the options and costs of all strategies.
        problem: the test part.
        singles: the strategies to judge by key.
        hybrid: the hybrid, None when it is not asked for.
        training: the whole training part.
    """
    needed = {max(singles, key=lambda key: average(accuracy(run.validated[key])))} if singles else set()
    if hybrid is not None:
        _judge_hybrid(run, problem, hybrid, training)
        needed.add(hybrid.behaviour.key)
    costs = {key: _estimate(run, problem, strategy) for key, strategy in singles.items()}
    # What the hybrid has just fitted comes first, as long as it is remembered.
    behind = None if hybrid is None else hybrid.behaviour.key
    for key in sorted(singles, key=lambda key: (key != behind, key not in needed, costs[key])):
        if key in needed or _fits(run, key, costs[key]):
            _judge_single(run, problem, singles[key], training)
    if hybrid is not None:
        _judge_variants(run, problem, hybrid, training)


def _judge_single(run: Run, problem: Problem, strategy: Strategy, training: Training) -> None:
    with run.timed(strategy.key):
        scorer = strategy.scorer(training, run.chosen_options[strategy.key])
        run.outcomes[strategy.key] = _judged(run, problem, scorer, strategy.key, problem.users)
        if strategy.key in FOR_ALL and problem.newcomers.size:
            run.newcomers[strategy.key] = judge(problem, scorer, problem.newcomers)


def _judge_hybrid(run: Run, problem: Problem, hybrid: Hybrid, training: Training) -> None:
    run.watcher.stage("Learning for the hybrid", 0, 1)
    with run.timed("hybrid"):
        scorer = hybrid.scorer(training, run.chosen_options["hybrid"])
        run.outcomes["hybrid"] = _judged(run, problem, scorer, "hybrid", problem.users)
    if problem.newcomers.size:
        run.newcomers["hybrid"] = judge(problem, scorer, problem.newcomers)


def _judge_variants(run: Run, problem: Problem, hybrid: Hybrid, training: Training) -> None:
    options = run.chosen_options["hybrid"]
    scorer = hybrid.scorer(training, options)
    per_user = run.costs["hybrid"].rank_seconds
    if _fits(run, "served", per_user * problem.users.size):
        with run.timed("served"):
            served = replace(scorer, candidates_only=True) if isinstance(scorer, ForYou) else scorer
            run.served = _judged(run, problem, served, "served", problem.users)
    some = problem.sample(ABLATION_USERS, run.seed)
    for name, fewer in hybrid.without_each(options).items():
        if _fits(run, name, per_user * some.size):
            with run.timed("ablations"):
                run.ablations[name] = _judged(run, problem, hybrid.scorer(training, fewer), name, some)


def _estimate(run: Run, problem: Problem, strategy: Strategy) -> float:
    """The seconds that fitting on the whole training part and ranking for all users will take."""
    cost = run.costs[strategy.key]
    ranked = problem.users.size + (problem.n if strategy.fits_by_ranking else 0)
    return cost.fit_seconds + cost.rank_seconds * ranked


def _fits(run: Run, name: str, seconds: float) -> bool:
    if seconds <= max(run.left_seconds, QUICK_SECONDS):
        return True
    run.late.append(name)
    run.watcher.note(f"{name}: left out, it would take about {seconds:.0f} s and {run.left_seconds:.0f} s are left")
    return False


def _judged(run: Run, problem: Problem, scorer: Scorer, key: str, users: Int32) -> Outcome:
    return judge(problem, scorer, users, lambda done, total: run.watcher.stage(f"Ranking: {key}", done, total))
