import re

import pytest
from django.test import Client

from tests.api.conftest import assert_problem, event, send, token_of
from tests.shop import make_product

pytestmark = pytest.mark.django_db


@pytest.fixture
def rates(settings):
    def set_rates(**rates):
        general = {"anon": None, "user": None, "account": None}
        settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"DEFAULT_THROTTLE_RATES": general | rates}

    return set_rates


def sign_in(client, username="ada", door="token"):
    body = {"username": username, "password": "x"}
    return client.post(f"/api/v1/auth/{door}/", body, content_type="application/json")


def test_guessing_passwords_is_slow_unless_the_host_says_otherwise(client, ada, rates):
    rates()
    for _ in range(10):
        assert sign_in(client).status_code == 400
    answer = sign_in(client)
    assert_problem(answer, 429, "throttled")
    assert 1 <= int(answer["Retry-After"]) <= 60


def test_many_addresses_do_not_guess_one_password_together(ada, rates):
    rates(token=None, account="4/min")
    tries = [
        sign_in(Client(REMOTE_ADDR=f"10.0.0.{n}"), ("ada", "ADA")[n % 2], ("token", "jwt")[n % 2]) for n in range(5)
    ]
    assert [answer.status_code for answer in tries] == [400, 400, 400, 400, 429]
    assert sign_in(Client(), "bob").status_code == 400


def test_the_host_sets_the_rate(client, rates):
    rates(guests="2/hour")
    assert [client.post("/api/v1/guests/").status_code for _ in range(3)] == [201, 201, 429]


def test_the_host_lifts_the_limit(client, rates):
    rates(guests=None)
    assert {client.post("/api/v1/guests/").status_code for _ in range(40)} == {201}


def test_each_user_and_each_address_has_limits_of_its_own(client, ada, clerk, rates):
    rates(events="1/min")
    nova = make_product("nova", picture=False)
    for user in (ada, clerk):
        assert send(client, event(nova), headers=token_of(user)).status_code == 200
        assert_problem(send(client, event(nova), headers=token_of(user)), 429, "throttled")
    assert send(client, event(nova)).status_code == 401
    assert_problem(send(client, event(nova)), 429, "throttled")
    assert send(Client(REMOTE_ADDR="10.0.0.2"), event(nova)).status_code == 401


def test_reading_products_uses_up_no_limit_of_events(client, ada, rates):
    rates(events="1/min")
    for _ in range(3):
        assert client.get("/api/v1/products/").status_code == 200


LIMIT = r'"guests";r=(\d+);t=(\d+)'


def test_every_answer_tells_how_many_requests_are_left(client, rates):
    rates(guests="2/hour", anon="9/min")
    answers = [client.post("/api/v1/guests/") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert {answer["RateLimit-Policy"] for answer in answers} == {'"anon";q=9;w=60, "guests";q=2;w=3600'}
    told = [re.search(LIMIT, answer["RateLimit"]).groups() for answer in answers]
    assert [int(left) for left, _ in told] == [1, 0, 0]
    assert all(3590 <= int(until) <= 3600 for _, until in told)
    assert int(answers[2]["Retry-After"]) == int(told[2][1])


def test_an_answer_under_no_limit_tells_none(client, rates):
    rates(guests=None)
    answer = client.post("/api/v1/guests/")
    assert not answer.has_header("RateLimit")
    assert not answer.has_header("RateLimit-Policy")


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        ("products/", {}, 200),
        ("products/", {"If-None-Match": "*"}, 304),
        ("products/x/", {}, 404),
        ("nowhere/", {}, 404),
        ("me/", {}, 401),
    ],
)
def test_refusals_and_304_tell_it_too(client, rates, path, headers, status):
    rates(anon="9/min")
    answer = client.get(f"/api/v1/{path}", headers=headers)
    assert (answer.status_code, answer["RateLimit"]) == (status, '"anon";r=8;t=60')


def test_a_user_has_the_users_limit_and_no_other(client, ada, rates):
    rates(anon="9/min", user="5/min")
    assert client.get("/api/v1/products/", headers=token_of(ada))["RateLimit"] == '"user";r=4;t=60'


def test_a_host_that_names_no_rates_has_ours(client, rates, settings):
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"DEFAULT_THROTTLE_RATES": {}}
    policy = client.post("/api/v1/guests/")["RateLimit-Policy"]
    assert policy == '"anon";q=600;w=60, "user";q=1200;w=60, "guests";q=30;w=60'
