import pytest
from django.test import Client

from tests.api.conftest import assert_problem, event, send, token_of
from tests.shop import make_product

pytestmark = pytest.mark.django_db


@pytest.fixture
def rates(settings):
    def set_rates(**rates):
        settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"DEFAULT_THROTTLE_RATES": rates}

    return set_rates


def sign_in(client):
    return client.post("/api/v1/auth/token/", {"username": "ada", "password": "x"}, content_type="application/json")


def test_guessing_passwords_is_slow_unless_the_host_says_otherwise(client, ada, rates):
    rates()
    for _ in range(10):
        assert sign_in(client).status_code == 400
    answer = sign_in(client)
    assert_problem(answer, 429, "throttled")
    assert 1 <= int(answer["Retry-After"]) <= 60


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
