"""The real services' fixtures."""

from tests.realservices.conftest import (  # noqa: F401 - fixtures
    broker,
    by_celery,
    start_worker,
    storm_environment,
    waiting,
    worker_environment,
)
