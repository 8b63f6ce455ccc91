import pytest
from django.test import Client

from recommender.models import Visitor
from tests.api.conftest import assert_problem, event, send, token_of
from tests.shop import make_product

pytestmark = pytest.mark.django_db

GOOD = {"username": "ada", "password": "correct horse"}


def sign_in(client, **credentials):
    return client.post("/api/v1/auth/token/", credentials, content_type="application/json")


def test_name_and_password_give_the_users_token(client, ada):
    answer = sign_in(client, **GOOD)
    assert (answer.status_code, answer.json().keys()) == (200, {"token"})
    assert answer["Cache-Control"] == "private, no-store"
    assert token_of(ada) == {"Authorization": f"Token {answer.json()['token']}"}
    assert sign_in(client, **GOOD).json() == answer.json()


@pytest.mark.parametrize(
    "credentials",
    [
        GOOD | {"password": "wrong"},
        GOOD | {"username": "bob"},
        GOOD | {"username": "ada\0"},
        GOOD | {"password": "\0"},
        GOOD | {"password": "\ud800"},
        GOOD | {"password": ["correct horse"]},
        {"username": "ada"},
        {},
    ],
)
def test_anything_else_is_refused(client, ada, credentials):
    problem = assert_problem(sign_in(client, **credentials), 400, "invalid")
    assert problem["errors"]


def test_wrong_credentials_say_so_without_naming_the_field(client, ada):
    (error,) = sign_in(client, **GOOD | {"password": "wrong"}).json()["errors"]
    assert (error["field"], error["code"]) == ("", "authorization")


def test_an_inactive_user_gets_no_token(client, ada):
    ada.is_active = False
    ada.save()
    assert_problem(sign_in(client, **GOOD), 400, "invalid")


def test_a_wrong_token_is_refused_everywhere(client, db):
    for path in ("products/", "recommendations/", "me/"):
        answer = client.get(f"/api/v1/{path}", headers={"Authorization": "Token wrong"})
        assert_problem(answer, 401, "authentication_failed")
        assert answer["WWW-Authenticate"] == 'Bearer realm="api", Token'


def test_a_guest_who_signs_in_brings_the_guests_events(ada, guest):
    nova = make_product("nova", picture=False)
    send(guest, event(nova))
    headers = {"Authorization": f"Token {sign_in(guest, **GOOD).json()['token']}"}
    assert Visitor.objects.get().user == ada
    assert len(Client().get("/api/v1/me/", headers=headers).json()["events"]) == 1


def test_a_stale_guest_token_does_not_hinder_a_user(client, ada):
    headers = token_of(ada) | {"X-Visitor-Token": "stale"}
    assert client.get("/api/v1/me/", headers=headers).json()["events"] == []
