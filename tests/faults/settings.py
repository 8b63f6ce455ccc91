"""The tests' settings for a worker whose encoder the environment names."""

import os

from tests.settings import *  # noqa: F403
from tests.settings import RECOMMENDER

RECOMMENDER["ENCODER"] = {"BACKEND": os.environ["ENCODER"], "OPTIONS": {}}
RECOMMENDER["EMBED_MAX_ATTEMPTS"] = int(os.environ["EMBED_MAX_ATTEMPTS"])
