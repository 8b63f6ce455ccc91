"""What a load balancer is told, with real faults behind it."""

import socket

import pytest
from django.core.files.storage import storages
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from recommender.models import Snapshot
from recommender.services import probing, serving, training
from tests.services.conftest import light  # noqa: F401 - the light encoder for these tests too
from tests.shop import make_product

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def published(light):  # noqa: F811
    for name, colour in (("nova", "red"), ("azur", "blue")):
        make_product(name, colour=colour)
    return training.train()


def ready(client):
    answer = client.get("/readyz")
    assert answer["Cache-Control"].startswith("max-age=0")
    return answer.status_code, answer.json()


def test_a_living_process_says_so_whatever_else_is_broken(client, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setitem(connections["default"].settings_dict, "NAME", "/nowhere/at/all.sqlite3")
        connections["default"].close()
        answer = client.get("/healthz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


def test_all_parts_there(client, published):
    parts = dict.fromkeys(("database", "migrations", "cache", "snapshot"), "ok")
    assert ready(client) == (200, {"status": "ok", "checks": parts})


def test_a_shop_that_was_never_trained_is_served(client):
    status, found = ready(client)
    assert (status, found["status"], found["checks"]["snapshot"]) == (200, "degraded", "degraded")


def test_a_snapshot_whose_files_are_gone_is_degraded_and_no_reason_to_stop(client, published):
    storage = storages["recommender"]
    for checksum in published.files.values():
        storage.delete(f"objects/{checksum}.npy")
    serving.reset()
    for path in serving.publishing.object_store().cache.glob("*.npy"):
        path.unlink()
    assert ready(client)[0] == 200
    assert ready(client)[1]["checks"]["snapshot"] == "degraded"
    assert "nowhere" not in str(ready(client)[1])


def test_a_snapshot_of_an_unknown_format_is_degraded(client, published):
    Snapshot.objects.update(format_version=99)
    assert ready(client)[1]["checks"] == dict.fromkeys(("database", "migrations", "cache"), "ok") | {
        "snapshot": "degraded"
    }


def test_a_cache_that_nobody_reaches_is_degraded_even_when_it_hides_its_failure(client, published, settings):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        for backend in ("shopsite.cache.ForgivingRedisCache", "django.core.cache.backends.redis.RedisCache"):
            settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": f"redis://127.0.0.1:{port}/0"}}
            status, found = ready(client)
            assert (status, found["status"], found["checks"]["cache"]) == (200, "degraded", "degraded")


def test_tables_of_an_older_version_fail(client, monkeypatch):
    monkeypatch.setattr(probing, "_migrated", False)
    recorder = MigrationRecorder(connections["default"])
    newest = max(name for app, name in recorder.applied_migrations() if app == "recommender")
    recorder.record_unapplied("recommender", newest)
    try:
        status, found = ready(client)
    finally:
        recorder.record_applied("recommender", newest)
    assert (status, found["checks"]["migrations"]) == (503, "failing")
    assert ready(client)[1]["checks"]["migrations"] == "ok"


def test_only_reading_is_allowed(client):
    assert {client.post(path).status_code for path in ("/healthz", "/readyz", "/metrics")} == {405}


def test_the_probes_need_no_https(settings):
    settings.SECURE_SSL_REDIRECT = True
    client = Client()
    assert client.get("/healthz").status_code == 200
    assert client.get("/").status_code == 301
