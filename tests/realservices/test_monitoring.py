"""What operators see of a real worker and a real cache."""

import os
import signal

import pytest

from catalog.models import Family
from shopsite import cache as shop_cache
from tests.realservices.test_freshness import admin_form
from tests.shop import phone_picture

pytestmark = [pytest.mark.realservices, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("by_celery")]


def test_a_workers_lines_bear_the_id_of_the_request_that_sent_the_task(admin_client, worker, waiting):
    family = Family.objects.create(key="late", name="Late", category="phone")
    form = admin_form(family, phone_picture())
    answer = admin_client.post("/admin/catalog/product/add/", form, headers={"X-Request-ID": "edge-0001-late"})
    assert answer.status_code == 302
    assert answer["X-Request-ID"] == "edge-0001-late"
    waiting(lambda: "[edge-0001-late]" in worker.last_words(50), lambda: worker.last_words(50))


def test_a_frozen_cache_is_told_and_answered_within_seconds(client, broker, waiting):
    pid = broker.info("server")["process_id"]
    os.kill(pid, signal.SIGSTOP)
    try:
        answer = client.get("/readyz")
        assert (answer.status_code, answer.json()["checks"]["cache"]) == (200, "degraded")
    finally:
        os.kill(pid, signal.SIGCONT)
    waiting(lambda: client.get("/readyz").json()["checks"]["cache"] == "ok", seconds=shop_cache.REST_SECONDS + 5)
