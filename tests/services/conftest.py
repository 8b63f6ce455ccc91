import pytest

from recommender.services import serving
from tests.shop import LIGHT


@pytest.fixture(autouse=True)
def light(settings, tmp_path):
    """The light encoder, a fresh snapshot storage and no memory of earlier tests."""
    settings.RECOMMENDER = settings.RECOMMENDER | {"ENCODER": LIGHT, "CACHE_DIR": tmp_path / "cache", "POLL_SECONDS": 0}
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.STORAGES = settings.STORAGES | {
        "recommender": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "objects"},
        }
    }
    serving.reset()
    yield
    serving.reset()
