"""The numbers for Prometheus: who may read them, and that they count what happened."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from recommender.models import ImageEmbedding, Job
from recommender.services import recommending, training
from tests.services.conftest import light  # noqa: F401 - the light encoder for these tests too
from tests.shop import make_product

pytestmark = pytest.mark.django_db(transaction=True)
TOKEN = {"Authorization": "Bearer open sesame"}


@pytest.fixture(autouse=True)
def token(settings, light):  # noqa: F811
    settings.RECOMMENDER = settings.RECOMMENDER | {"METRICS_TOKEN": "open sesame"}


def read(client):
    """Sample name and labels -> value."""
    answer = client.get("/metrics", headers=TOKEN)
    assert answer.status_code == 200, answer.content
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


def test_without_the_token_there_is_no_such_page(client, settings):
    for headers in ({}, {"Authorization": "Bearer no"}, {"Authorization": "Bearer öpen"}, {"Authorization": "Token x"}):
        assert client.get("/metrics", headers=headers).status_code == 404
    settings.RECOMMENDER = settings.RECOMMENDER | {"METRICS_TOKEN": ""}
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404
    assert client.get("/metrics").status_code == 404


def test_backlog_queue_age_snapshot_age_and_failed_work(client):
    make_product("nova")
    make_product("azur", colour="blue")
    training.train()
    ImageEmbedding.objects.filter(product__sku="nova").update(status="pending", updated_at="2026-01-01T00:00:00Z")
    Job.objects.create(kind="train", state="failed")
    found = read(client)
    assert found["recommender_pictures", ("status", "pending")] == 1
    assert found["recommender_pictures", ("status", "ready")] == 1
    assert found["recommender_queue_age_seconds",] > 3600
    assert 0 <= found["recommender_snapshot_age_seconds",] < 600
    assert found["recommender_snapshot_products",] == 2
    assert found["recommender_job_failed", ("kind", "train")] == 1
    assert found["recommender_ok", ("check", "database")] == 1


def test_a_shop_without_anything_has_no_snapshot_age(client):
    found = read(client)
    assert ("recommender_snapshot_age_seconds",) not in found
    assert found["recommender_queue_age_seconds",] == 0


def test_shelves_and_requests_are_timed_and_fallbacks_counted(client):
    nova = make_product("nova")
    make_product("ruby")
    before = read(client)
    fallback = ("recommender_shelf_places_total", ("shelf", "trending"), ("source", "newest"))
    shelf = ("recommender_shelf_duration_seconds_count", ("shelf", "similar"))
    route = (
        "recommender_request_duration_seconds_count",
        ("method", "GET"),
        ("route", "recommender:similar"),
        ("status", "200"),
    )
    recommending.trending(k=2)
    assert client.get(f"/api/v1/products/{nova.pk}/similar/").status_code == 200
    after = read(client)
    assert [after[name] - before.get(name, 0) for name in (fallback, shelf, route)] == [2, 1, 1]


def test_strange_methods_and_addresses_make_no_new_series(client):
    for number in range(3):
        client.generic(f"ODD{number}", f"/no/such/page/{number}")
    routes = {dict(key[1:])["route"] for key in read(client) if key[0].startswith("recommender_request_")}
    methods = {dict(key[1:])["method"] for key in read(client) if key[0].startswith("recommender_request_")}
    assert not any("/no/such" in route for route in routes)
    assert not any(method.startswith("ODD") for method in methods)


PROCESS = """
import sys
from recommender.services import measuring
measuring.request_served("home", "GET", 200, float(sys.argv[1]))
"""
SUM = """
import os
from prometheus_client import CollectorRegistry, generate_latest, multiprocess
registry = CollectorRegistry()
multiprocess.MultiProcessCollector(registry, os.environ["PROMETHEUS_MULTIPROC_DIR"])
print(generate_latest(registry).decode())
"""


def test_several_processes_add_up(tmp_path):
    environment = os.environ | {
        "PROMETHEUS_MULTIPROC_DIR": str(tmp_path / "metrics"),
        "DJANGO_SETTINGS_MODULE": "tests.settings",
    }
    root = Path(__file__).resolve().parents[2]
    for code, *arguments in ((PROCESS, "0.5"), (PROCESS, "0.25"), (SUM,)):
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments], cwd=root, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
    total = 'recommender_request_duration_seconds_sum{method="GET",route="home",status="200"} 0.75'
    assert total in done.stdout
