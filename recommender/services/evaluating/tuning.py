"""Chooses every strategy's options on the validation part; promising strategies get more of the time."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from recommender.core.splits import hold_out_latest, hold_out_latest_per_user, hold_out_random_per_user
from recommender.core.types import Bool, Int32
from recommender.exceptions import NotEnoughHistoryError
from recommender.services.evaluating.history import History, part
from recommender.services.evaluating.hybrid import Hybrid
from recommender.services.evaluating.ranking import Outcome, Problem, Values, judge, pose
from recommender.services.evaluating.search import Options, Search, average
from recommender.services.evaluating.strategies import Strategy, Training
from recommender.services.histories import Events

MOST_USERS = 3000
MOST_SCORES = 60_000_000
"""Users x products that options are compared on: enough to tell them apart, few enough to try many."""

LEAST_SHARE = 1 / 3

MOST_BLENDED = 600
"""Users whose signals are kept in memory while blends are compared."""

Metric = tuple[str, str]
METRICS: tuple[Metric, ...] = (("ndcg@20", "all"), ("recall@20", "all"), ("recall@100", "all"))
COLD_METRIC: Metric = ("recall@100", "cold")
ENOUGH = 1.5
SHORTFALL = 2.0

FAR_BEHIND, CERTAINTY = 0.15, 2.0
"""Strategies that are so much worse than the best, by so many standard errors, are improved last."""

FEW_EVENTS = 100_000
FOLDS = 4
_SHARES = (0.05, 0.2)


@dataclass(frozen=True, eq=False)
class Fold:
    """One split of the training part.

    Attributes:
        training: what strategies learn from.
        problem: what they are judged on.
        users: a sample of the problem's users.
        held: the events that were held out.
    """

    training: Training
    problem: Problem
    users: Int32
    held: Events


def make_folds(history: History, test: Events, seed: int) -> list[Fold]:
    """Splits of the training part, made as the test part seems to have been made.

    Dated events: the latest ones overall when the test part is later than the training part and some users were there
    before, else each user's latest.
    Undated events: a random part of each user's, four times over where there are few events to choose by.
    """
    train = history.train
    share = float(np.clip(test.rows.size / max(test.rows.size + train.rows.size, 1), *_SHARES))
    if history.is_dated:
        is_later = float((test.ages_days <= 0).mean()) > 0.9 if test.rows.size else True
        return [hold_out(history, share, seed, is_later=is_later)]
    n_folds = FOLDS if train.rows.size < FEW_EVENTS else 1
    return [hold_out(history, share, seed, number=number) for number in range(n_folds)]


def hold_out(history: History, share: float, seed: int, *, is_later: bool = True, number: int = 0) -> Fold:
    """One split of the training part, of about this share.

    Args:
        history: dated events are split by time, others at random among each user's products.
        share: in (0, 1).
        seed: of the random part, and of everything learned on the fold.
        is_later: whether dated events are split at one moment for all users, if that leaves anybody to be judged; else
            each user's latest are held out.
        number: of the fold, where there are several.
    """
    train = history.train
    if not history.is_dated:
        pairs = _first_of_each_pair(train, history.n)
        return _fold(history, _random_pairs(train, pairs, share, seed + number), seed)
    if is_later:
        fold = _fold(history, hold_out_latest(-train.ages_days, share), seed)
        if fold.users.size:
            return fold
    return _fold(history, hold_out_latest_per_user(train.users, -train.ages_days, share), seed)


def _fold(history: History, held: Bool, seed: int) -> Fold:
    train, validation = part(history.train, ~held), part(history.train, held)
    problem = pose(train, validation, history.n, seed)
    most = max(1, min(MOST_USERS, MOST_SCORES // max(history.n, 1)))
    return Fold(Training(history, train, seed), problem, problem.sample(most, seed), validation)


def _first_of_each_pair(events: Events, n: int) -> Int32:
    """Each event's pair of user and product, as a number from 0."""
    _, pair = np.unique(events.users.astype(np.int64) * max(n, 1) + events.rows, return_inverse=True)
    return np.asarray(pair, np.int32)


def _random_pairs(events: Events, pair: Int32, share: float, seed: int) -> Bool:
    """All events of a random share of each user's pairs."""
    _, first = np.unique(pair, return_index=True)
    held: Bool = hold_out_random_per_user(events.users[first], share, seed)[pair]
    return held


class Cost(NamedTuple):
    """What a strategy costs: seconds to fit it once, and to rank all products for one user."""

    fit_seconds: float
    rank_seconds: float


def validate(folds: Sequence[Fold], strategy: Strategy, options: Options) -> list[Outcome]:
    """How a strategy's draft does on the validation part of each fold."""
    return [judge(fold.problem, strategy.draft(fold.training, options), fold.users) for fold in folds]


def validate_timed(folds: Sequence[Fold], strategy: Strategy, options: Options) -> tuple[list[Outcome], Cost]:
    """`validate`, and what it cost."""
    outcomes, fit_seconds, rank_seconds = [], 0.0, 0.0
    for fold in folds:
        started = time.monotonic()
        scorer = strategy.draft(fold.training, options)
        fitted = time.monotonic()
        outcomes.append(judge(fold.problem, scorer, fold.users))
        fit_seconds += fitted - started
        rank_seconds += time.monotonic() - fitted
    n_users = sum(fold.users.size for fold in folds)
    return outcomes, Cost(fit_seconds / max(len(folds), 1), rank_seconds / max(n_users, 1))


class Validation:
    """A strategy's drafts on the folds, each tried once.

    Attributes:
        cost: the most that one of them cost, as later ones may find dear parts remembered.
    """

    def __init__(self, folds: Sequence[Fold], strategy: Strategy) -> None:
        self._folds, self._strategy = folds, strategy
        self._outcomes: dict[tuple[Any, ...], list[Outcome]] = {}
        self.cost = Cost(0.0, 0.0)

    def values(self, options: Options) -> Values:
        """The `accuracy` of the draft with these options."""
        outcomes, cost = validate_timed(self._folds, self._strategy, options)
        self._outcomes[tuple(options.values())] = outcomes
        self.cost = Cost(*np.maximum(self.cost, cost).tolist())
        return accuracy(outcomes)

    def outcomes(self, options: Options) -> list[Outcome]:
        """How the draft did with options that were tried."""
        return self._outcomes[tuple(options.values())]


def accuracy(outcomes: Sequence[Outcome]) -> Values:
    """What single strategies are chosen by: Recall@20 + NDCG@20 of each user of each fold."""
    return np.concatenate(
        [outcome.values["all"]["recall@20"] + outcome.values["all"]["ndcg@20"] for outcome in outcomes]
    )


def tune(
    folds: Sequence[Fold],
    strategies: Sequence[Strategy],
    seconds: float,
    say: Callable[[str, int, float], None] = lambda key, trials, value: None,
    *,
    all_start: bool = True,
    validations: dict[str, Validation] | None = None,
) -> dict[str, Search]:
    """The best options of each strategy by `accuracy`; strategies that cannot learn here are left out.

    Successive halving (Jamieson & Talwalkar 2016) over strategies: each has its start tried; then half of the time left
    goes to those that could still improve, then half of what is left to the better half of them, and so on. Those that
    are surely far behind the best wait until the others are done.

    Args:
        folds: the validation.
        strategies: the most promising first.
        seconds: for all of them.
        say: called after each turn with the strategy, its number of trials and its value.
        all_start: whether each strategy has its start tried even when the time is over; else those that were not
            reached are left out, all but the first.
        validations: filled with what the searches saw.
    """
    deadline = time.monotonic() + seconds
    searches: dict[str, Search] = {}
    for strategy in strategies:
        if not all_start and searches and time.monotonic() >= deadline:
            break
        validation = Validation(folds, strategy)
        search = Search(strategy.space(folds[0].training.history), validation.values)
        try:
            search.run(0)
        except NotEnoughHistoryError:
            continue
        searches[strategy.key] = search
        if validations is not None:
            validations[strategy.key] = validation
        say(strategy.key, search.trials, search.value)
    share, too_slow = 1.0, set[str]()
    while (left := deadline - time.monotonic()) > 0:
        open_keys = [key for key in searches if not searches[key].finished and key not in too_slow]
        open_keys = [key for key in open_keys if _is_promising(searches[key], searches)] or open_keys
        open_keys.sort(key=lambda key: -searches[key].value)
        turns = open_keys[: max(1, int(len(open_keys) * share))]
        if not turns:
            break
        for key in turns:
            before = searches[key].trials
            searches[key].run(left / 2 / len(turns) if len(open_keys) > 1 else left)
            if searches[key].trials == before:  # its next trial did not fit, and turns get no longer
                too_slow.add(key)
            forget(folds)
            say(key, searches[key].trials, searches[key].value)
        share /= 2
    return searches


def tune_hybrid(folds: Sequence[Fold], hybrid: Hybrid, singles: Sequence[Sequence[Outcome]], seconds: float) -> Search:
    """The best blend of the signals by `balance`, starting from the default and from each signal alone.

    Args:
        folds: the validation.
        hybrid: the strategy.
        singles: how each other strategy did on the folds: what a hybrid is for is measured against them.
        seconds: for learning the catalogue and for all trials; each start is always tried, and a third of this time is
            left for others.
    """
    small = [replace(fold, users=fold.problem.sample(MOST_BLENDED, fold.training.seed)) for fold in folds]
    reference = reference_values(singles)
    history = folds[0].training.history
    has_newcomers = reference[COLD_METRIC] > 0
    search = Search(
        hybrid.space(history, has_newcomers),
        lambda options: balance(validate(small, hybrid, options), reference),
        hybrid.starts(history, has_newcomers),
    )
    started = time.monotonic()
    search.begin()
    search.run(max(seconds - (time.monotonic() - started), LEAST_SHARE * seconds))
    for fold in small:
        fold.training.memory.pop("observed", None)  # the catalogue stays, for judging the result
    return search


def reference_values(strategies: Sequence[Sequence[Outcome]]) -> dict[Metric, float]:
    """The best that any strategy reaches, over all folds, in each of the metrics that a hybrid is judged by."""
    return {
        metric: max((mean_of(outcomes, metric) for outcomes in strategies), default=0.0)
        for metric in (*METRICS, COLD_METRIC)
    }


def balance(outcomes: Sequence[Outcome], reference: Mapping[Metric, float]) -> Values:
    """How a hybrid compares with the best single strategy in each respect, for each user of each fold.

    The mean over metrics of value / best single value, where finding new products counts up to half more than what
    the best single strategy finds of them: enough is enough, as each place given to them is taken from another.
    What is missing to the best single strategy counts twice, as a hybrid has to be at least as good in every respect.
    A user without new products to be found counts 0 for these, and the others the more.
    """
    known = [metric for metric in reference if reference[metric] > 0]
    total = np.zeros(sum(outcome.users["all"].size for outcome in outcomes))
    for metric in known:
        values = np.concatenate([_spread(outcome, metric) for outcome in outcomes]) / reference[metric]
        mean = average(values)
        if metric == COLD_METRIC and mean > ENOUGH:
            values *= ENOUGH / mean
        elif 0 < mean < 1:
            values *= max(0.0, 1 - SHORTFALL * (1 - mean)) / mean
        total += values / len(known)
    return total


def mean_of(outcomes: Sequence[Outcome], metric: Metric) -> float:
    """A metric's mean over all folds' users."""
    return average(np.concatenate([_spread(outcome, metric) for outcome in outcomes]))


def _spread(outcome: Outcome, metric: Metric) -> Values:
    """A segment's metric over all users, scaled so that its mean is the segment's."""
    name, segment = metric
    users, inside = outcome.users["all"], outcome.users[segment]
    values = np.zeros(users.size)
    if inside.size:
        values[np.searchsorted(users, inside)] = outcome.values[segment][name] * (users.size / inside.size)
    return values


def forget(folds: Sequence[Fold]) -> None:
    """Drop what strategies remembered between their drafts."""
    for fold in folds:
        fold.training.memory.clear()


def best_of(searches: Mapping[str, Search], keys: Sequence[str]) -> str | None:
    """The strategy with the highest value among these, None without any."""
    known = [key for key in keys if key in searches]
    return max(known, key=lambda key: searches[key].value) if known else None


def _is_promising(search: Search, searches: Mapping[str, Search]) -> bool:
    """Whether a strategy is not surely far worse than the best one so far."""
    leader = max(searches.values(), key=lambda other: other.value)
    behind = leader.best_values - search.best_values
    least = max(FAR_BEHIND * leader.value, CERTAINTY * float(behind.std()) / np.sqrt(behind.size)) if behind.size else 0
    return average(behind) <= least
