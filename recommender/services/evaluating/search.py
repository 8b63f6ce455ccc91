"""Looks for good options by trying neighbours of the best so far, one option at a time, and stops when asked to."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Options = Mapping[str, Any]
Values = NDArray[np.float64]

CAUTION = 0.5

DEAR_SECONDS, GROWTH = 5.0, 4.0
"""A trial that took longer than this, and than the one before, may be followed by one that is dearer by as much again,
up to four times: ranks and iterations are tried in doubling steps."""


def average(values: Values) -> float:
    """The mean, 0 of nothing."""
    return float(values.mean()) if values.size else 0.0


@dataclass(frozen=True)
class Choice:
    """The values an option may take, in order, and where to start."""

    values: Sequence[Any]
    start: Any


Space = Mapping[str, Choice]
"""Options by name, those that matter most or cost least first."""


@dataclass(frozen=True)
class Trial:
    """One evaluation of some options: how good they were on average, and how long it took."""

    options: Options
    value: float
    seconds: float


@dataclass
class Search:
    """A coordinate search over a space; resumable, and deterministic except for when it is stopped.

    Attributes:
        space: what to search.
        evaluate: how good options are for each of some cases, always the same ones, float64, shape (u,).
        starts: where to begin, the best of which is improved; the start of each option when empty.
        best: the best options so far; the start before the first trial.
        value: how good they are on average; minus infinity before the first trial.
        trials: how many options were evaluated.
        log: each of them, in order.
        finished: whether no single step improves the best.
    """

    space: Space
    evaluate: Callable[[Options], Values]
    starts: Sequence[Options] = ()
    best: Options = field(init=False)
    value: float = float("-inf")
    trials: int = 0
    log: list[Trial] = field(default_factory=list)
    finished: bool = False

    def __post_init__(self) -> None:
        self.best = {name: choice.start for name, choice in self.space.items()}
        self._known: dict[tuple[Any, ...], Values] = {}
        self._best: Values | None = None
        self._steps = self._walk()
        self._latest = self._next_seconds = 0.0

    @property
    def best_values(self) -> Values:
        """What `evaluate` said of the best options; empty before the first trial."""
        return np.zeros(0) if self._best is None else self._best

    def begin(self) -> None:
        """Try every start, however long it takes."""
        for _ in self.starts or [self.best]:
            next(self._steps)

    def run(self, seconds: float) -> None:
        """Go on until nothing improves or the next trial would not fit; the first trial always runs."""
        deadline = time.monotonic() + seconds
        while not self.finished and (not self.trials or time.monotonic() + self._next_seconds <= deadline):
            started = time.monotonic()
            if next(self._steps, None) is None:
                self.finished = True
            taken = time.monotonic() - started if self.trials > 1 else 0.0  # the first one also prepares
            grows = taken > DEAR_SECONDS and 0 < self._latest < taken
            self._next_seconds = taken * min(taken / self._latest, GROWTH) if grows else taken
            self._latest = taken

    def _walk(self) -> Iterator[bool]:
        """One trial a step."""
        for start in self.starts or [self.best]:
            self._try(start)
            yield True
        moved = True
        while moved:
            moved = False
            for name in self.space:
                for direction in (1, -1):
                    while (candidate := self._neighbour(name, direction)) is not None:
                        is_new = tuple(candidate.values()) not in self._known
                        better = self._try(candidate)
                        moved |= better
                        if is_new:
                            yield True
                        if not better:
                            break

    def _neighbour(self, name: str, direction: int) -> Options | None:
        values = self.space[name].values
        place = values.index(self.best[name]) + direction
        return {**self.best, name: values[place]} if 0 <= place < len(values) else None

    def _try(self, options: Options) -> bool:
        key = tuple(options.values())
        if key not in self._known:
            started = time.monotonic()
            self._known[key] = self.evaluate(options)
            self.trials += 1
            self.log.append(Trial(options, average(self._known[key]), time.monotonic() - started))
        values = self._known[key]
        if not self._is_better(values):
            return False
        self.best, self.value, self._best = options, average(values), values
        return True

    def _is_better(self, values: Values) -> bool:
        """Whether the gain over the best is more than half its standard error: else the search would follow noise."""
        if self._best is None:
            return True
        if not values.size:
            return False
        gains = values - self._best
        return bool(gains.mean() > CAUTION * gains.std() / np.sqrt(gains.size))
