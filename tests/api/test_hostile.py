"""Strings that break text handling, in every place where a stranger's text comes in: a 5xx is a failure."""

import json
import os
from pathlib import Path
from urllib.parse import quote

import pytest
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from tests.api.conftest import event
from tests.shop import make_product

pytestmark = pytest.mark.django_db

OWN = [
    "",
    "\0",
    "\ud800",
    "\udfff\ud800",
    "\ufeff",
    "\u202e",
    "1\0",
    "-0",
    "0x10",
    "1_0",
    "\u0661\u0662",
    "1e400",
    "NaN",
    "9" * 5000,
    "../../etc/passwd",
    "%s%n",
    "{{7*7}}",
    "' OR '1'='1",
    "\r\nSet-Cookie: a=b",
    "<script>",
    "😀" * 2000,
    "null",
    "[]",
]


NOT_IN_HEADERS = dict.fromkeys(map(ord, "\0\r\n"))
"""What no server lets through in a header."""


def assert_no_fault(response):
    assert response.status_code < 500
    if response.status_code >= 400:
        assert response["Content-Type"] == "application/problem+json"
        assert response.json()["status"] == response.status_code


def tell_everywhere(client, guest, product, text):
    """Send the text as path, parameter, header, event, name and password."""
    path = quote(text, errors="surrogatepass") or "%20"
    for address in (f"products/{path}/", f"products/{path}/similar/", f"products/?cursor={path}", f"{path}/"):
        assert_no_fault(client.get(f"/api/v1/{address}"))
    assert_no_fault(client.get(f"/api/v1/recommendations/?k={path}&format={path}&page_size={path}&{path}={path}"))
    header = text.encode("utf-8", "surrogatepass").decode("latin-1").translate(NOT_IN_HEADERS)
    for names in (
        ("X-Visitor-Token",),
        ("Authorization",),
        ("If-None-Match", "Accept-Language", "Content-Type", "Cookie"),
    ):
        assert_no_fault(client.get("/api/v1/recommendations/", headers=dict.fromkeys(names, header)))
    assert_no_fault(client.get(f"/api/v1/products/{product.pk}/", headers={"Authorization": f"Token {header}"}))
    odd = [{**event(product), name: text} for name in ("id", "kind", "product", "occurred_at")]
    for body in ({"events": [event(product), *odd, text]}, {text: text}):
        assert_no_fault(guest.post("/api/v1/events/", json.dumps(body), content_type="application/json"))
    body = json.dumps({"username": text, "password": text})
    assert_no_fault(client.post("/api/v1/auth/token/", body, content_type="application/json"))


@pytest.fixture
def nova(db):
    return make_product("nova", picture=False)


@pytest.mark.parametrize("text", OWN, ids=range(len(OWN)))
def test_our_own_odd_strings_cause_no_fault(client, guest, nova, text):
    tell_everywhere(client, guest, nova, text)


@pytest.mark.data
def test_the_big_list_of_naughty_strings_causes_no_fault(client, guest, nova):
    names = Path(os.environ["RECOMMENDER_DATA_DIR"], "naughty-strings", "blns.json")
    for text in json.loads(names.read_text(encoding="utf-8")):
        tell_everywhere(client, guest, nova, text)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)


@hypothesis_settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    fields=st.dictionaries(
        st.sampled_from(["id", "kind", "product", "occurred_at", "quantity", "visitor"]), json_values, max_size=5
    ),
    other=json_values,
)
def test_any_json_as_an_event_causes_no_fault(guest, nova, fields, other):
    events = [event(nova), {**event(nova), **fields}, other]
    body = json.dumps({"events": events}, default=str)
    answer = guest.post("/api/v1/events/", body, content_type="application/json")
    assert_no_fault(answer)
    if answer.status_code == 200:
        told = answer.json()
        assert told["accepted"] + told["duplicates"] + len(told["errors"]) == 3


@hypothesis_settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=200), content_type=st.sampled_from(["application/json", "text/plain", ""]))
def test_any_bytes_as_a_body_cause_no_fault(guest, body, content_type):
    answer = guest.post("/api/v1/events/", body, content_type=content_type)
    assert_no_fault(answer)
    assert answer.status_code in (400, 415)


def test_a_cookie_of_garbage_causes_no_fault(nova):
    browser = Client()
    browser.cookies["sessionid"] = "\x7f"
    browser.cookies["csrftoken"] = "x"
    for address in ("recommendations/", "me/"):
        assert_no_fault(browser.get(f"/api/v1/{address}"))
