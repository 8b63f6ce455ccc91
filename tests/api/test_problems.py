import pytest
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.signals import got_request_exception
from django.db import DataError, OperationalError
from django.http import Http404
from django.test import Client
from django.urls import path
from rest_framework.exceptions import Throttled

from recommender.api.base import ApiView
from recommender.api.parsers import MAX_BODY_BYTES
from recommender.exceptions import EngineUnavailableError, SnapshotCorruptError, UnknownProductError
from tests.api.conftest import assert_problem

pytestmark = pytest.mark.django_db

FAULTS = {
    "http404": Http404("no such shelf"),
    "forbidden": PermissionDenied(),
    "unknown": UnknownProductError(),
    "toobig": RequestDataTooBig("secret"),
    "suspicious": SuspiciousOperation("secret"),
    "throttled": Throttled(wait=7.2),
    "engine": EngineUnavailableError("secret"),
    "snapshot": SnapshotCorruptError("secret"),
    "data": DataError("secret"),
    "database": OperationalError("secret"),
    "bug": ZeroDivisionError("secret"),
    "value": ValueError("secret"),
}


class Faulty(ApiView):
    def get(self, request, name):
        raise FAULTS[name]


urlpatterns = [path("faults/<str:name>/", Faulty.as_view())]


@pytest.fixture
def faulty(settings):
    settings.ROOT_URLCONF = __name__
    return Client(raise_request_exception=False)


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("http404", 404, "not_found"),
        ("forbidden", 403, "permission_denied"),
        ("unknown", 404, "not_found"),
        ("toobig", 413, "too_large"),
        ("suspicious", 400, "parse_error"),
        ("data", 400, "parse_error"),
        ("throttled", 429, "throttled"),
        ("engine", 503, "unavailable"),
        ("snapshot", 503, "unavailable"),
        ("database", 503, "unavailable"),
        ("bug", 500, "error"),
        ("value", 500, "error"),
    ],
)
def test_every_fault_is_a_problem_that_tells_nothing_internal(faulty, name, status, code):
    answer = faulty.get(f"/faults/{name}/")
    assert_problem(answer, status, code)
    assert b"secret" not in answer.content
    assert answer["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(("name", "seconds"), [("throttled", "8"), ("database", "5")])
def test_what_passes_says_when_to_come_back(faulty, name, seconds):
    assert faulty.get(f"/faults/{name}/")["Retry-After"] == seconds


def test_an_unexpected_fault_is_logged_once_and_signalled(faulty, caplog):
    seen = []
    got_request_exception.connect(receiver := lambda **signal: seen.append(signal["request"].path))
    faulty.get("/faults/bug/")
    got_request_exception.disconnect(receiver)
    assert seen == ["/faults/bug/"]
    (record,) = [record for record in caplog.records if record.levelname == "ERROR"]
    assert record.exc_info[0] is ZeroDivisionError
    assert (record.name, record.status_code) == ("django.request", 500)


def test_while_debugging_an_unexpected_fault_is_djangos(faulty, settings):
    settings.DEBUG = True
    assert "ZeroDivisionError" in faulty.get("/faults/bug/").content.decode()


@pytest.mark.parametrize(
    "address", ["", "nothing/", "products", "products/1/2/3/", "products/1%2F2/", "events/1/", "%00/"]
)
@pytest.mark.parametrize("method", ["get", "post", "put", "delete"])
def test_an_unknown_address_is_a_problem(client, address, method):
    problem = assert_problem(getattr(client, method)(f"/api/v1/{address}"), 404, "not_found")
    assert "slash" in problem["detail"]


@pytest.mark.parametrize(
    ("method", "address"),
    [
        ("post", "products/"),
        ("delete", "products/1/"),
        ("put", "recommendations/"),
        ("get", "events/"),
        ("get", "guests/"),
        ("patch", "me/"),
        ("get", "auth/token/"),
    ],
)
def test_a_wrong_method_is_a_problem_that_names_the_right_ones(client, method, address):
    answer = getattr(client, method)(f"/api/v1/{address}")
    assert_problem(answer, 405, "method_not_allowed")
    assert answer["Allow"]


def test_only_json_is_sent(client):
    assert_problem(client.get("/api/v1/products/", headers={"Accept": "text/html"}), 406, "not_acceptable")
    assert client.get("/api/v1/products/", headers={"Accept": "text/html,*/*;q=0.8"}).status_code == 200


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/xml",
        "json",
        "/",
        "a" * 5000,
        "application/json, text/plain",
        "é",
    ],
)
def test_only_json_is_read(guest, content_type):
    assert_problem(guest.post("/api/v1/events/", b"{}", content_type=content_type), 415, "unsupported_media_type")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"{'events': []}",
        b"\x00",
        b"\xff\xfe{\x00}\x00",
        b"\xef\xbb\xbf{}",
        b'{"events": "\xed\xa0\x80"}',
        b'{"events": NaN}',
        b'{"events": -Infinity}',
        b'{"events": ' + b"9" * 5000 + b"}",
        b"[" * 100_000,
        b'{"a":' * 100_000,
    ],
)
def test_a_body_that_is_no_json_is_a_problem(guest, body):
    answer = guest.post("/api/v1/events/", body, content_type="application/json")
    assert_problem(answer, 400, "parse_error" if body else "invalid")


@pytest.mark.parametrize("charset", ["utf-16", "utf-7", "cp037", "nonsense"])
def test_the_clients_charset_chooses_nothing(guest, charset):
    json_in = f"application/json; charset={charset}"
    assert_problem(guest.generic("POST", "/api/v1/events/?x=1", b'{"events": []}', json_in), 400, "invalid")
    assert guest.generic("GET", "/api/v1/products/?page_size=1", content_type=json_in).status_code == 200


@pytest.mark.parametrize(("surplus", "status", "code"), [(0, 400, "invalid"), (1, 413, "too_large")])
def test_a_body_is_at_most_a_mebibyte(guest, surplus, status, code):
    body = b"{}" + b" " * (MAX_BODY_BYTES - 2 + surplus)
    assert_problem(guest.post("/api/v1/events/", body, content_type="application/json"), status, code)


def test_details_follow_the_language(client):
    english = client.get("/api/v1/products/", {"page_size": 0}).json()
    chinese = client.get("/api/v1/products/", {"page_size": 0}, headers={"Accept-Language": "zh-hans"}).json()
    assert english["errors"][0]["detail"] == "Ensure this value is greater than or equal to 1."
    assert chinese["errors"][0]["detail"] != english["errors"][0]["detail"]
    assert (chinese["code"], chinese["title"]) == (english["code"], english["title"])
