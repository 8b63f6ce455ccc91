"""Teaching a network the shop's own labels, judging what it learned, and writing it down as a new encoder."""

from recommender.services.teaching.run import Course, teach

__all__ = ["Course", "teach"]
