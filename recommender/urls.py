"""The REST API, for the host to mount: `path("api/v1/", include("recommender.urls"))`. Needs the extra `api`."""

from importlib.util import find_spec

from django.core.exceptions import ImproperlyConfigured
from django.urls import include, path

if find_spec("rest_framework") is None or find_spec("drf_spectacular") is None:
    raise ImproperlyConfigured(
        "recommender.urls is the REST API, which needs Django REST framework and drf-spectacular: "
        'pip install "django-visual-recommender[api]", or take recommender.urls out of your URLs.'
    )

app_name = "recommender"
urlpatterns = [path("", include("recommender.api.urls"))]
