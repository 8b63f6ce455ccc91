"""What a change does to a shelf: which products come in, go, move up and move down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from recommender.services.listing import Recommended


class Move(StrEnum):
    """What becomes of a product."""

    IN = "in"
    OUT = "out"
    UP = "up"
    DOWN = "down"
    STAYS = "stays"


@dataclass(frozen=True)
class Change:
    """One product on the shelf before or after.

    Attributes:
        item: as it is shown after; as it was before for one that goes.
        before: its place before, from 1; None for one that comes in.
        after: its place after; None for one that goes.
    """

    item: Recommended
    before: int | None
    after: int | None

    @property
    def move(self) -> Move:
        """What becomes of it."""
        if self.before is None:
            return Move.IN
        if self.after is None:
            return Move.OUT
        if self.after == self.before:
            return Move.STAYS
        return Move.UP if self.after < self.before else Move.DOWN

    @property
    def by(self) -> int:
        """By how many places it moves; 0 for one that comes in, goes or stays."""
        return abs(self.before - self.after) if self.before is not None and self.after is not None else 0


def changes(before: Sequence[Recommended], after: Sequence[Recommended]) -> list[Change]:
    """Every product of both shelves: those shown after in their order, then those that go in theirs."""
    was = {item.card.id: item.position for item in before}
    shown = {item.card.id for item in after}
    kept = [Change(item, was.get(item.card.id), item.position) for item in after]
    return kept + [Change(item, item.position, None) for item in before if item.card.id not in shown]
