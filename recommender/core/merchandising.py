"""What the shop's staff wants shown or not, applied to an order of merit.

The steps of a shelf, in this order, so that each one leaves alone what the ones before it settled:

1. exclude: what must not be shown is no candidate at all;
2. merit: one product a family, the wanted category first, varied (`core.shelf`), as if there were no rules;
3. bury: a product goes down to the place that its lowered score earns;
4. boost: a product goes up to the place that its lifted score earns, while the share of promoted places lasts;
5. pin: a product takes its place, and those after it move on by one.

A product is *promoted* when it is pinned, or when a boost put it before one that merit had put before it, or into an
order that it was not in. At most `allowance` of the places are. Products that no rule touches keep their order among
each other.
"""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import NamedTuple, TypeVar

import numpy as np

from recommender.core.shelf import UNKNOWN, Places
from recommender.core.types import Bool, Float32, Int64

T = TypeVar("T")


class Rules(NamedTuple):
    """r rules that move products up (boost) or down (bury), those that go first at the front.

    Attributes:
        boosts: which of them boost; the others bury. Bool, shape (r,).
        strengths: how far, float32, shape (r,), in [0, 1].
        most: how many places the products of each may be promoted to, shape (r,), >= 0.
    """

    boosts: Bool
    strengths: Float32
    most: Sequence[int]


class Steered(NamedTuple):
    """An order of places under rules.

    Attributes:
        places: as the rules have it.
        rules: position -> the rule that moved the candidate.
        promoted: the positions that were boosted beyond their merit.
    """

    places: Places
    rules: Mapping[int, int]
    promoted: frozenset[int]


def allowance(share: float, k: int) -> int:
    """How many of k places may be promoted: floor(share * k), at least one unless the share or the shelf is nothing."""
    if share <= 0 or k <= 0:
        return 0
    return min(k, max(1, int(share * k + 1e-6)))


def lifted(scores: Float32, strength: Float32) -> Float32:
    """What a boost makes of scores: s + b (1 - s), in [0, 1]; at full strength 1, whatever the score."""
    return np.asarray(scores + strength * (1.0 - scores), np.float32)


def lowered(scores: Float32, strength: Float32) -> Float32:
    """What burying makes of scores: s (1 - b), in [0, 1]; at full strength 0."""
    return np.asarray(scores * (1.0 - strength), np.float32)


def steer(
    merit: Places,
    scores: Float32,
    families: Int64,
    wanted: Bool,
    rules: Rules,
    hits: Bool,
    *,
    k: int,
    budget: int,
    free: Bool | None = None,
) -> Steered:
    """The order of merit with what rules bury and boost.

    A place is worth the best score of those from it on, so that an order that is not that of the scores (it was
    varied) can be compared with a score. A product stays among those of its category: the wanted ones come first.

    Args:
        merit: the order without rules.
        scores: float32, shape (m,), in [0, 1], finite.
        families: codes, int64, shape (m,), negative where unknown. A lifted product takes the place of its family.
        wanted: which candidates are of the wanted category, bool, shape (m,).
        rules: r rules.
        hits: which rule means which candidate, bool, shape (r, m). Of several that do, burying goes before boosting,
            then the strongest that has places left, then the first.
        k: how many places will be shown.
        budget: how many of them may be promoted.
        free: which candidates may be lifted into the order, bool, shape (m,); all when None. Those in `merit` may.

    Returns:
        The new order: the candidates of `merit`, and those that were lifted into it, one a family.
    """
    if not hits.any():
        return Steered(merit, {}, frozenset())
    order, moved = _bury(merit, scores, rules, hits)
    keys = [(section, -value, True) for section, value in zip(order.sections, order.values, strict=True)]
    lifting = _Lifting(order.positions, keys, families, k, budget, list(rules.most))
    boosting = rules.boosts[:, None] & hits
    boosting[:, list(moved)] = False
    if free is not None:
        boosting[:, ~free] = False
    boosted_by, boosted = np.nonzero(boosting)
    values = lifted(scores[boosted], rules.strengths[boosted_by])
    for pair in np.lexsort((-scores[boosted], -values)).tolist():
        if lifting.budget <= 0:
            break
        position = int(boosted[pair])
        lifting.lift(position, (int(not wanted[position]), -float(values[pair]), False), int(boosted_by[pair]))
    places = Places(np.array(lifting.order, np.int64), sum(not section for section, *_ in lifting.keys))
    return Steered(places, moved | lifting.rules, frozenset(lifting.rules))


def slots(wanted: Sequence[int], k: int) -> list[int]:
    """The place of each pin, 0-based: the one that it wants, else the next that is free, -1 beyond the shelf.

    Args:
        wanted: places, 0-based, those that go first at the front.
        k: the places of the shelf.
    """
    taken: set[int] = set()
    found = []
    for place in wanted:
        while place in taken:
            place += 1
        found.append(place if place < k else -1)
        if place < k:
            taken.add(place)
    return found


def pinned(others: Sequence[T], pins: Mapping[int, T], k: int) -> list[T]:
    """At most k things: the pins at their places, the others between them in their order.

    A pin for a place that is not reached comes right after the last one.
    """
    shelf: list[T] = []
    rest, waiting = iter(others), dict(sorted(pins.items()))
    while len(shelf) < k:
        place = len(shelf)
        thing = waiting.pop(place) if place in waiting else next(rest, None)
        if thing is None:
            break
        shelf.append(thing)
    return [*shelf, *waiting.values()][:k]


class _Order(NamedTuple):
    positions: list[int]
    sections: list[int]
    values: list[float]


def _bury(merit: Places, scores: Float32, rules: Rules, hits: Bool) -> tuple[_Order, dict[int, int]]:
    """The order with buried products further down, the value of each place in it, and what was buried by which rule."""
    positions = merit.order
    section = (np.arange(positions.size) >= merit.n_wanted).astype(np.int64)
    burying = np.where(~rules.boosts[:, None] & hits, rules.strengths[:, None], 0.0)[:, positions]
    strongest = burying.max(axis=0, initial=0.0).astype(np.float32)
    buried = strongest > 0
    values = np.where(buried, 0.0, scores[positions]).astype(np.float32)
    for part in (slice(0, merit.n_wanted), slice(merit.n_wanted, None)):
        values[part] = np.maximum.accumulate(values[part][::-1])[::-1]
    low = lowered(scores[positions], strongest)
    values = np.where(buried, np.minimum(low, values), values)
    order = np.lexsort((buried, -values, section))
    first = burying.argmax(axis=0)
    moved = {int(positions[at]): int(first[at]) for at in np.flatnonzero(buried)}
    return _Order(positions[order].tolist(), section[order].tolist(), values[order].tolist()), moved


_Key = tuple[int, float, bool]


class _Lifting:
    """An order while products are lifted in it, one after the other, the highest first.

    Attributes:
        order: positions.
        keys: of each place, ascending: its section, minus its value, whether it is there on its merit.
        budget: how many more may be promoted.
        rules: position -> the rule that lifted it.
    """

    def __init__(
        self,
        order: list[int],
        keys: list[_Key],
        families: Int64,
        k: int,
        budget: int,
        left: list[int],
    ) -> None:
        self.order, self.keys, self.k, self.budget = order, keys, k, budget
        self.rules: dict[int, int] = {}
        self._families, self._left = families, left

    def lift(self, position: int, key: _Key, rule: int) -> None:
        """Put a candidate to the place of its key, at the cost of a rule, where it has places left and it helps."""
        place = bisect_right(self.keys, key)
        if position in self.rules or self._left[rule] <= 0 or place >= self.k:
            return
        own = self._place_of_family(position)
        if own is not None:
            if own <= place:
                return
            del self.order[own], self.keys[own]
        self.order.insert(place, position)
        self.keys.insert(place, key)
        self._left[rule] -= 1
        self.budget -= 1
        self.rules[position] = rule

    def _place_of_family(self, position: int) -> int | None:
        """Where the candidate, or one of its family, stands."""
        family = int(self._families[position])
        for place, other in enumerate(self.order):
            if other == position or (family != UNKNOWN and int(self._families[other]) == family):
                return place
        return None
