"""Shelves on their own, for pages that load them later: `path("shelves/", include("recommender.fragments.urls"))`."""
