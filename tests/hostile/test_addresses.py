"""Strings that break text handling, in the path, the query, the headers and the body of every address."""

import json
from itertools import cycle, islice

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.test import Client

from recommender.services import training
from tests.hostile.addresses import walk
from tests.hostile.raw import ask, faults
from tests.hostile.strings import BYTES, CONTENT_TYPES, TEXTS, utf8
from tests.services.conftest import light  # noqa: F401 - the light encoder for these tests too
from tests.shop import make_product

pytestmark = pytest.mark.django_db

LOGS_OUT = ("logout", "admin:logout")
ADDRESSES = [address for address in sorted(walk(), key=lambda one: one.name) if address.name not in LOGS_OUT]
NAMES = list(TEXTS)
PARAMETERS = ("q", "page", "next", "sort", "category", "price_min", "storage", "k", "cursor", "o", "p", "e", "_popup")
HEADERS = (
    "ACCEPT",
    "ACCEPT_LANGUAGE",
    "AUTHORIZATION",
    "COOKIE",
    "IF_NONE_MATCH",
    "IF_MODIFIED_SINCE",
    "ORIGIN",
    "REFERER",
    "USER_AGENT",
    "X_CSRFTOKEN",
    "X_FORWARDED_FOR",
    "X_REQUEST_ID",
    "X_VISITOR_TOKEN",
)
SHARE = 2
"""In the short form each address gets this many of the strings, others than its neighbours."""

PARTS = 8
"""The long forms share the strings out over this many tests, each with one shop for all of its strings."""

BODIES = (b"a=%ff&b=\xff&c=1", b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n\xff\r\n--b--\r\n')
METHODS = ("HEAD", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE", "X7F3Q", "GET\xff")
HOSTS = ("x7f3q.example", "testserver:port", "<b>x7f3q", "a" * 300, "[::1", "\xff", "", "testserver@x7f3q")


def session_of(user):
    client = Client()
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


@pytest.fixture
def manager(light):  # noqa: F811
    for name in ("nova", "azur"):
        make_product(name)
    return session_of(get_user_model().objects.create_superuser("manager"))


def encoded(text):
    """Percent-encoded, but for what a careless client leaves."""
    return b"".join(b"%%%02X" % byte for byte in utf8(text))


def visible(text):
    """What a web server lets through in a header: no NUL and no line break."""
    return utf8(text.translate(dict.fromkeys(map(ord, "\0\r\n"))))[:4000]


def tell(address, name, session):
    """What goes wrong with one string as path, as each query parameter and a strange one, and in every header."""
    text, found = TEXTS[name], []
    path, plain = address.filled(text), address.filled("1")
    if path != plain:
        found += faults(ask("GET", path, session=session), path, name)
    value = encoded(text[:2000])
    query = b"&".join(key.encode() + b"=" + value for key in PARAMETERS) + b"&" + value[:600] + b"=" + value
    found += faults(ask("GET", plain.encode() + b"?" + query, session=session), plain, name, "query")
    headers = {header: visible(text) for header in HEADERS if not (session and header == "COOKIE")}
    return found + faults(ask("GET", plain, headers=headers, session=session), plain, name, "headers")


@pytest.mark.parametrize("who", ["stranger", "manager"])
def test_every_address_with_some_of_the_strings(manager, who):
    training.train()
    names = cycle(NAMES)
    session = manager if who == "manager" else ""
    found = [fault for address in ADDRESSES for _ in range(SHARE) for fault in tell(address, next(names), session)]
    assert found == []


@pytest.mark.faults
@pytest.mark.parametrize("part", range(PARTS))
def test_every_address_with_every_string(manager, part):
    # A stranger is sent away from the admin before it reads anything; elsewhere the two take turns.
    found = []
    for turn, name in enumerate(NAMES[part::PARTS]):
        for number, address in enumerate(ADDRESSES, turn):
            who = manager if number % 2 or address.route.startswith("admin/") else ""
            found += tell(address, name, who)
    assert found == []


def test_every_address_with_bytes_that_are_no_text(manager):
    found = []
    for address in ADDRESSES:
        path, data = address.filled("1").encode(), BYTES[len(address.route) % len(BYTES)]
        found += faults(ask("GET", path + data, session=manager), path, data)
        query = b"?q=" + data + b"&" + data
        found += faults(ask("GET", path + query, headers={"REFERER": data}, session=manager), path, data, "query")
    assert found == []


def odd_content_type(address, content_type, session):
    """What goes wrong with bodies that do not fit the odd content type that announces them."""
    path = address.filled("1")
    answers = [ask("POST", path, body=body, content_type=content_type, session=session) for body in BODIES]
    return [fault for answer in answers for fault in faults(answer, path, content_type[:80])]


@pytest.mark.parametrize("route", ["", "accounts/login/", "api/v1/events/", "admin/catalog/product/add/"])
def test_forms_and_events_with_every_odd_content_type(manager, route):
    address = next(address for address in ADDRESSES if address.route == route)
    found = [odd_content_type(address, content_type, manager) for content_type in CONTENT_TYPES]
    assert [fault for faults_of_one in found for fault in faults_of_one] == []


@pytest.mark.faults
@pytest.mark.parametrize("content_type", CONTENT_TYPES, ids=range(len(CONTENT_TYPES)))
def test_every_address_with_every_odd_content_type(manager, content_type):
    found = [odd_content_type(address, content_type, manager) for address in ADDRESSES]
    assert [fault for faults_of_one in found for fault in faults_of_one] == []


def test_strange_methods_and_hosts():
    methods, hosts = cycle(METHODS), cycle(HOSTS)
    found = []
    for address in ADDRESSES:
        path = address.filled("1")
        for method, host in zip(islice(methods, 4), islice(hosts, 4), strict=True):
            found += faults(ask(method, path), path, method)
            found += faults(ask("GET", path, headers={"HOST": host}), path, host)
    assert found == []


def test_json_with_halves_of_emoji_nul_and_depth(manager):
    paths = [address.filled("1") for address in ADDRESSES if address.route.startswith("api/")]
    found = []
    for text, path in zip(cycle(TEXTS.values()), paths * (2 + len(TEXTS) // len(paths)), strict=False):
        event = dict.fromkeys(("id", "kind", "product", "occurred_at"), text)
        body = json.dumps({"events": [event], "username": text, "password": text}).encode()
        answer = ask("POST", path, body=body, content_type="application/json", session=manager)
        found += faults(answer, path, text[:40])
    assert found == []
