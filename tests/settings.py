"""The shop's own settings, on SQLite and a temporary folder, with nothing that waits or that leaves traces.

With DATABASE_URL or REDIS_URL in the environment, the tests use those instead: `make test` runs them on both.
"""

import atexit
import os
import shutil
import tempfile

if "DATA_DIR" not in os.environ:
    os.environ["DATA_DIR"] = tempfile.mkdtemp(prefix="recommender-tests-")

    def _clean_up(owner: int = os.getpid()) -> None:
        if os.getpid() == owner:  # and no process forked from it
            shutil.rmtree(os.environ["DATA_DIR"], ignore_errors=True)

    atexit.register(_clean_up)
os.environ.setdefault("SECRET_KEY", "tests of the shop, and as long as keys are")
os.environ.setdefault("LOG_LEVEL", "WARNING")

from shopsite.settings import *  # noqa: F403
from shopsite.settings import DATA_DIR, DATABASES, LIMITS, RECOMMENDER, REST_FRAMEWORK, STORAGES

if "DATABASE_URL" not in os.environ:
    # A file, as in production: an in-memory database has other locks.
    DATABASES["default"]["TEST"] = {"NAME": str(DATA_DIR / "test.sqlite3")}
    DATABASES["default"]["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"

ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
WHITENOISE_AUTOREFRESH = True
RECOMMENDER["TASKS"] = "inline"
RECOMMENDER["PHOTO_SAMPLE"] = 0  # photographing the range badly takes seconds at each training
RECOMMENDER["ENCODER"] = {"BACKEND": "recommender.engines.colour_encoder.ColourEncoder", "OPTIONS": {}}  # NumPy alone
LIMITS = dict.fromkeys(LIMITS)
REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"] = dict.fromkeys(REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"])
