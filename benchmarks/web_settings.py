"""The shop's settings for a load from one address, which would run into the limits for one visitor."""

from shopsite.settings import *  # noqa: F403
from shopsite.settings import LIMITS, REST_FRAMEWORK, STORAGES

LIMITS = dict.fromkeys(LIMITS)
REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"] = dict.fromkeys(REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"])
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
