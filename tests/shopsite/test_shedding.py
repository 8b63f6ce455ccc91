"""Too many at once: so many work, so many wait, the others are told when to come back."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.contrib.staticfiles import finders
from django.http import HttpResponse
from django.test import RequestFactory

from shopsite.shedding import Gate, SheddingMiddleware
from shopsite.unavailable import unavailable

PATHS = ("/", "/products/", "/api/v1/recommendations/", "/admin/")


class Shop:
    """Answers once it is told to, and knows how many it works on."""

    def __init__(self):
        self.go_on, self.begun = threading.Event(), threading.Semaphore(0)

    def __call__(self, request):
        self.begun.release()
        assert self.go_on.wait(30)
        return HttpResponse("served")


@pytest.fixture
def shop(settings):
    settings.MAX_REQUESTS, settings.MAX_WAITING = 2, 1
    return Shop()


def test_so_many_work_so_many_wait_and_the_others_are_sent_away(shop):
    guarded, ask = SheddingMiddleware(shop), RequestFactory()
    with ThreadPoolExecutor(3) as pool:
        served = [pool.submit(guarded, ask.get("/")) for _ in range(2)]
        for _ in served:
            assert shop.begun.acquire(timeout=30)
        served.append(pool.submit(guarded, ask.get("/")))
        while guarded._gate._places.acquire(blocking=False):  # until the third waits
            guarded._gate._places.release()
        for path in PATHS:
            away = guarded(ask.get(path))
            assert (away.status_code, away["Retry-After"]) == (503, "2"), path
            assert "no-store" in away["Cache-Control"]
            assert ("problem+json" in away["Content-Type"]) == path.startswith("/api/")
        assert not shop.begun.acquire(blocking=False), "nobody was worked on meanwhile"
        shop.go_on.set()
        assert [one.result().content for one in served] == [b"served"] * 3
    assert guarded(ask.get("/")).content == b"served", "and it recovers"


def test_who_waits_too_long_is_sent_away():
    gate = Gate(1, 1, seconds=0.01)
    with gate.passing() as first, gate.passing() as second:
        assert (first, second) == (True, False)
    with gate.passing() as later:
        assert later


def test_operators_are_never_sent_away(shop):
    guarded, ask = SheddingMiddleware(shop), RequestFactory()
    shop.go_on.set()
    for path in ("/healthz", "/readyz", "/metrics"):
        with guarded._gate.passing(), guarded._gate.passing():
            assert guarded(ask.get(path)).content == b"served"


def test_nought_lets_everybody_in(settings, shop):
    settings.MAX_REQUESTS = 0
    shop.go_on.set()
    assert SheddingMiddleware(shop)(RequestFactory().get("/")).content == b"served"


@pytest.mark.django_db
def test_the_page_stands_on_its_own(django_assert_num_queries):
    with django_assert_num_queries(0):
        page = unavailable(RequestFactory().get("/"), 2).content.decode()
    assert "nothing is ordered twice" in page
    assert "不会重复下单" in page
    for sheet in re.findall(r'href="/static/([^"]+)"', page):
        assert finders.find(sheet), sheet
