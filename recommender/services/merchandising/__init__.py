"""Merchandising rules: made, switched on and off, checked against each other, and tried before they are saved."""

from recommender.services.merchandising.conflicts import Conflict, conflicts
from recommender.services.merchandising.effects import Effect, ShelfChange, effect
from recommender.services.merchandising.ruling import boost, bury, changed, exclude, pin, switch

__all__ = [
    "Conflict",
    "Effect",
    "ShelfChange",
    "boost",
    "bury",
    "changed",
    "conflicts",
    "effect",
    "exclude",
    "pin",
    "switch",
]
