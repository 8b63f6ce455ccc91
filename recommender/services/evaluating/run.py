"""What an evaluation has found out so far, how long each part took, and how much time is left."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from recommender.services.evaluating.history import History
from recommender.services.evaluating.ranking import Outcome
from recommender.services.evaluating.search import Options
from recommender.services.evaluating.tuning import Cost
from recommender.services.watching import Watcher


@dataclass
class Run:
    """One evaluation on its way.

    Attributes:
        history: what it looks at.
        seed: of everything random.
        budget_seconds: for everything, counted from the creation of this object.
        watcher: is told how it goes on.
        chosen_options: the best options of each strategy.
        engine: the key of the strategy behind the hybrid.
        validated: how each strategy did on the folds.
        costs: what each strategy costs, measured on the folds.
        outcomes: how each strategy did on the test part.
        newcomers: the same for users without history.
        served: the hybrid on the candidates that serving looks at.
        ablations: the hybrid without one of its signals each.
        late: what was left out because the time did not allow it.
        seconds: how long each part took.
    """

    history: History
    seed: int
    budget_seconds: float
    watcher: Watcher
    chosen_options: dict[str, Options] = field(default_factory=dict)
    engine: str = ""
    validated: dict[str, list[Outcome]] = field(default_factory=dict)
    costs: dict[str, Cost] = field(default_factory=dict)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    newcomers: dict[str, Outcome] = field(default_factory=dict)
    served: Outcome | None = None
    ablations: dict[str, Outcome] = field(default_factory=dict)
    late: list[str] = field(default_factory=list)
    seconds: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._deadline = time.monotonic() + self.budget_seconds

    @property
    def left_seconds(self) -> float:
        """What is left of the budget, >= 0."""
        return max(0.0, self._deadline - time.monotonic())

    def part_seconds(self, share: float) -> float:
        """A share of the whole budget, and at most half of what is left of it."""
        return min(share * self.budget_seconds, self.left_seconds / 2)

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Adds the time of a block to a part's."""
        started = time.monotonic()
        try:
            yield
        finally:
            self.seconds[name] = round(self.seconds.get(name, 0.0) + time.monotonic() - started, 3)
