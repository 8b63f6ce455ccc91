"""The reference shop's Django project: wiring only. The shop is in `catalog`, the plugin in `recommender`."""

from shopsite.celery import app as celery_app

__all__ = ["celery_app"]
