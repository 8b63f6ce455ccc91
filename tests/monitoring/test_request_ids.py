"""An id follows a request into its log lines, its answer and the tasks that it sends."""

import re

import pytest
from celery import current_app
from celery.signals import before_task_publish, task_postrun, task_prerun
from django.http import HttpResponse

from recommender.monitoring import request_ids
from recommender.monitoring.request_ids import RequestIdMiddleware
from recommender.tasks import embed_products


def answer(rf, **headers):
    seen = []

    def view(request):
        seen.append(request_ids.current())
        return HttpResponse()

    response = RequestIdMiddleware(view)(rf.get("/", headers=headers))
    assert [response["X-Request-ID"]] == seen
    return seen[0]


def test_each_request_has_an_id_of_its_own(rf):
    first, second = answer(rf), answer(rf)
    assert first != second
    assert re.fullmatch("[0-9a-f]{32}", first)
    assert request_ids.current() == ""


def test_the_id_of_a_proxy_is_kept(rf):
    assert answer(rf, **{"X-Request-ID": "edge-7f3a.91_b"}) == "edge-7f3a.91_b"


@pytest.mark.parametrize("odd", ["short", "x" * 65, "a b c d e f g", "line\nbreak!", "naïve-naïve", '"quoted-id"'])
def test_anything_else_in_its_place_is_not(rf, odd):
    assert answer(rf, **{"X-Request-ID": odd}) != odd


def test_the_id_is_forgotten_when_the_view_fails(rf):
    def view(request):
        raise LookupError

    with pytest.raises(LookupError):
        RequestIdMiddleware(view)(rf.get("/"))
    assert request_ids.current() == ""


def test_a_task_takes_over_the_id_of_the_request_that_sent_it(rf):
    request_ids.follow_into_tasks()
    headers = {}
    RequestIdMiddleware(lambda request: HttpResponse(before_task_publish.send(sender="x", headers=headers)))(
        rf.get("/", headers={"X-Request-ID": "edge-12345678"})
    )
    assert headers == {"request_id": "edge-12345678"}
    task = current_app.tasks[embed_products.name]
    for given, expected in ((headers["request_id"], "edge-12345678"), ("\r\nforged", "")):
        task.push_request(request_id=given)
        try:
            task_prerun.send(sender=task, task=task, task_id="1", args=(), kwargs={})
            assert request_ids.current() == expected
            task_postrun.send(sender=task, task=task, task_id="1", args=(), kwargs={}, retval=None, state="SUCCESS")
        finally:
            task.pop_request()
        assert request_ids.current() == ""
