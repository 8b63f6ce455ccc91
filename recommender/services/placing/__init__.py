"""Placements: what each named spot of the shop shows, for what its page has at hand. `place` is the verb."""

from recommender.services.placing.places import announce, find, is_idle, place, shown, switch
from recommender.services.placing.showing import show
from recommender.services.placing.situation import Context, product_keys
from recommender.services.placing.wording import usual_heading

__all__ = [
    "Context",
    "announce",
    "find",
    "is_idle",
    "place",
    "product_keys",
    "show",
    "shown",
    "switch",
    "usual_heading",
]
