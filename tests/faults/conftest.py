"""The real services' fixtures, and a whole shop on them."""

import sys

import pytest

from tests.faults import live
from tests.realservices.conftest import (  # noqa: F401 - fixtures
    broker,
    by_celery,
    start_worker,
    storm_environment,
    waiting,
    worker_environment,
)


@pytest.fixture
def keys(transactional_db):
    """The keys of a few phones in a snapshot, before any process starts."""
    return live.fill()


@pytest.fixture
def shop(keys, worker_environment, tmp_path):  # noqa: F811 - a fixture, as above
    """A running shop with these phones."""
    site = live.Shop(tmp_path, worker_environment)
    try:
        site.start()
        yield site
    finally:
        site.stop()


@pytest.fixture
def tell(capsys):
    """Prints a figure for people to read, past pytest's capture."""

    def say(text):
        with capsys.disabled():
            sys.stdout.write(f"\n  {text}\n")

    return say
