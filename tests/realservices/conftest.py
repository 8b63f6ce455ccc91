"""A real worker on the real broker and database. `make test` runs these tests inside `python -m shopsite.stack`."""

import os
import sys
import time

import psycopg
import pytest
import redis
from django.conf import settings as django_settings
from django.core.cache import cache
from django.db import connection

from recommender.services import serving
from shopsite.stack import Child

WORKER_SECONDS = 60.0


@pytest.fixture(autouse=True)
def real_services():
    """PostgreSQL and Valkey from the environment; the broker is empty and the cache too."""
    if not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")):
        pytest.skip("needs PostgreSQL and Valkey: python -m shopsite.stack .venv/bin/pytest -m realservices")
    redis.from_url(os.environ["REDIS_URL"]).flushall()


@pytest.fixture
def broker():
    """A client of the broker."""
    client = redis.from_url(os.environ["REDIS_URL"])
    yield client
    client.close()


@pytest.fixture
def by_celery(settings):
    """Tasks go to the workers, and what is served is read anew."""
    settings.RECOMMENDER = settings.RECOMMENDER | {"TASKS": "celery", "POLL_SECONDS": 0.0}
    cache.clear()
    serving.reset()
    yield
    serving.reset()


@pytest.fixture
def worker_environment(transactional_db):
    """What a process needs to work on the test's database, broker and files."""
    name = connection.settings_dict["NAME"]
    return {
        "DATABASE_URL": os.environ["DATABASE_URL"].replace("/shop?", f"/{name}?"),
        "REDIS_URL": os.environ["REDIS_URL"],
        "DATA_DIR": str(django_settings.DATA_DIR),
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "LOG_LEVEL": "INFO",
    }


@pytest.fixture
def storm_environment(settings, tmp_path):
    """Sets up this process and, returned as variables, its workers for an encoder of `tests.faults.encoders`."""

    def choose(encoder, attempts=3):
        path = f"tests.faults.encoders.{encoder}"
        settings.RECOMMENDER = settings.RECOMMENDER | {
            "ENCODER": {"BACKEND": path, "OPTIONS": {}},
            "EMBED_MAX_ATTEMPTS": attempts,
        }
        return {
            "DJANGO_SETTINGS_MODULE": "tests.faults.settings",
            "ENCODER": path,
            "EMBED_MAX_ATTEMPTS": str(attempts),
            "DIARY": str(tmp_path / "diary"),
        }

    return choose


@pytest.fixture
def start_worker(worker_environment, tmp_path):
    """Starts a worker process for some queues and waits until it listens."""
    workers = []

    def start(queues="vision,training,default", name="worker"):
        command = [sys.executable, "-m", "celery", "-A", "shopsite", "worker", "--loglevel=INFO", "--concurrency=1"]
        command += ["--without-gossip", "--without-mingle"]
        worker = Child(
            name,
            [*command, f"--queues={queues}", f"--hostname={name}@%h"],
            tmp_path,
            environment=worker_environment,
            grace_seconds=10,
        )
        workers.append(worker)
        worker.start()
        wait_for(lambda: "ready." in worker.last_words(50), lambda: worker.last_words(50))
        return worker

    yield start
    for worker in workers:
        worker.stop()


@pytest.fixture
def worker(start_worker):
    """One worker for all queues."""
    return start_worker()


def wait_for(condition, explain=lambda: "", seconds=WORKER_SECONDS):
    """Return as soon as the condition holds; fail with an explanation when it does not in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(0.1)
    pytest.fail(f"Nothing happened for {seconds:.0f} s. {explain()}")


@pytest.fixture
def waiting():
    """`wait_for`, for tests."""
    return wait_for


@pytest.fixture
def another_session(transactional_db):
    """A second connection to the test database, outside Django."""
    url = os.environ["DATABASE_URL"].replace("/shop?", f"/{connection.settings_dict['NAME']}?")
    with psycopg.connect(url, autocommit=True) as session:
        yield session
