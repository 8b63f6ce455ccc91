"""Why a picture was refused, in the page's language: the recommender's words."""

from recommender.services.refusals import explain

__all__ = ["explain"]
