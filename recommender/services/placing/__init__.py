"""Placements: what each named spot of the shop shows, for what its page has at hand. `place` is the verb."""

from recommender.services.placing.places import announce, find, place, shown
from recommender.services.placing.showing import show
from recommender.services.placing.situation import Context, product_keys

__all__ = ["Context", "announce", "find", "place", "product_keys", "show", "shown"]
