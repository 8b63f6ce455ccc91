"""The health of the catalogue's pictures: what wants a look, and what a person found fine."""

from recommender.services.inspecting.inspection import Inspection, inspect

__all__ = ["Inspection", "inspect"]
