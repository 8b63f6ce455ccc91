"""The tests' settings for a whole shop: tasks go to workers, and the clock runs quickly."""

from tests.settings import *  # noqa: F403
from tests.settings import CELERY_BEAT_SCHEDULE, RECOMMENDER

RECOMMENDER["TASKS"] = "celery"
CELERY_BEAT_SCHEDULE["embed what was missed"]["schedule"] = 2.0
del CELERY_BEAT_SCHEDULE["train when there is news"]
