"""The gate: nothing goes live that is surely worse than what is live, the defaults, or a signal alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from recommender.core.metrics import paired_interval
from recommender.services.configuring import Configuration
from recommender.services.evaluating.search import Values, average

DIGITS = 6


@dataclass(frozen=True, eq=False)
class Candidate:
    """A configuration and how good its lists are for those who judge.

    Attributes:
        name: "learned", "live", "defaults" or a signal.
        configuration: what it is.
        values: kind of list ("for_you", "similar") -> a value for each case, the same ones for all candidates.
    """

    name: str
    configuration: Configuration
    values: Mapping[str, Values]

    def mean(self, kind: str) -> float:
        """The mean over the cases."""
        return average(self.values[kind])


@dataclass(frozen=True)
class Comparison:
    """A candidate's lists of one kind against a rival's: the mean difference and its 95 % interval over the cases."""

    rival: str
    kind: str
    difference: float
    low: float
    high: float

    @property
    def is_worse(self) -> bool:
        """Whether the candidate is surely worse; a tie is not."""
        return self.high < 0


@dataclass(frozen=True)
class Decision:
    """What the gate decided.

    Attributes:
        winner: the name of the candidate that goes, or stays, live.
        comparisons: candidate -> all its comparisons; only those that came up.
    """

    winner: str
    comparisons: Mapping[str, Sequence[Comparison]] = field(default_factory=dict)


def decide(candidates: Sequence[Candidate], rivals: Sequence[str], seed: int) -> Decision:
    """The first candidate that is not surely worse than any rival, in any kind of list.

    Ties pass, so candidates come in the order of preference. Intervals are of the paired differences over the same
    cases (bootstrap, 95 %). When every candidate fails, the one with the best lists for visitors wins.

    Args:
        candidates: at least one.
        rivals: names of those among them that nobody may be surely worse than.
        seed: of the intervals.
    """
    by_name = {candidate.name: candidate for candidate in candidates}
    comparisons: dict[str, list[Comparison]] = {}
    for candidate in candidates:
        others = [by_name[name] for name in rivals if name != candidate.name]
        comparisons[candidate.name] = [row for rival in others for row in _compare(candidate, rival, seed)]
        if not any(row.is_worse for row in comparisons[candidate.name]):
            return Decision(candidate.name, comparisons)
    return Decision(max(candidates, key=lambda one: one.mean("for_you")).name, comparisons)


def _compare(candidate: Candidate, rival: Candidate, seed: int) -> list[Comparison]:
    rows = []
    for kind, ours in candidate.values.items():
        theirs = rival.values[kind]
        if ours.size:
            low, high = paired_interval(ours, theirs, seed=seed)
            gain = average(ours - theirs)
            rows.append(Comparison(rival.name, kind, round(gain, DIGITS), round(low, DIGITS), round(high, DIGITS)))
    return rows
