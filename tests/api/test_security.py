"""What an attacker tries first: other people's things, fields that are not offered, bodies read in two ways."""

import json

import pytest
from django.test import Client

from recommender.models import Interaction, Visitor
from tests.api.conftest import assert_problem, event, send, token_of
from tests.shop import make_product

pytestmark = pytest.mark.django_db


@pytest.fixture
def nova(db):
    return make_product("nova", picture=False)


def post(client, body, address="events/"):
    return client.post(f"/api/v1/{address}", body, content_type="application/json")


# Other people's things -----------------------------------------------------------------------------------------------


def test_nothing_in_a_body_makes_an_event_somebody_elses(client, guest, nova, ada):
    send(client, event(nova), headers=token_of(ada))
    theirs = Visitor.objects.get()
    forged = {"visitor": str(theirs.pk), "visitor_id": str(theirs.pk), "user": ada.pk, "user_id": ada.pk}
    body = {"events": [event(nova, **forged)], **forged}
    assert guest.post("/api/v1/events/", body, content_type="application/json").json()["accepted"] == 1
    assert Interaction.objects.filter(visitor=theirs).count() == 1
    assert Interaction.objects.exclude(visitor=theirs).get().visitor.user is None


def test_nothing_in_a_body_sets_what_the_shop_decides(guest, nova):
    decided = {
        "pk": 7, "created_at": "2020-01-01T00:00:00Z", "placement": "home", "strategy": "similar", "snapshot": 1,
        "touched_at": "2020-01-01T00:00:00Z", "position": 1,
    }  # fmt: skip
    send(guest, event(nova, **decided))
    kept = Interaction.objects.get()
    assert (kept.placement, kept.strategy, kept.snapshot, kept.touched_at, kept.position) == ("", "", None, None, None)
    assert kept.created_at.year > 2020


@pytest.mark.parametrize("way", ["X-Visitor-Token", "Authorization", "query", "cookie"])
def test_a_visitors_id_is_no_key_to_the_visitor(guest, nova, way):
    send(guest, event(nova))
    name = str(Visitor.objects.get().pk)
    stranger, headers = Client(), {}
    if way == "cookie":
        stranger.cookies["recommender_visitor"] = name
    elif way != "query":
        headers = {way: name if way == "X-Visitor-Token" else f"Token {name}"}
    answer = stranger.get(f"/api/v1/me/?visitor={name}", headers=headers)
    assert answer.status_code == 401
    assert stranger.delete(f"/api/v1/me/?visitor={name}", headers=headers).status_code == 401
    assert Visitor.objects.count() == 1


def test_a_guests_token_opens_nothing_of_a_user_even_after_signing_in(guest, nova, ada):
    send(guest, event(nova))
    post(guest, {"username": "ada", "password": "correct horse"}, "auth/jwt/")
    assert Visitor.objects.get().user == ada
    assert guest.get("/api/v1/me/").json()["events"] == []
    guest.delete("/api/v1/me/")
    assert Visitor.objects.get().user == ada


def test_a_tampered_guest_token_is_refused(client):
    name, *signed = client.post("/api/v1/guests/").json()["token"].split(":")
    forged = ":".join([("B" if name[0] != "B" else "C") + name[1:], *signed])
    assert_problem(client.get("/api/v1/me/", headers={"X-Visitor-Token": forged}), 401, "invalid_guest_token")


# Bodies --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        '{"events": [], "events": []}',
        '{"events": [{"id": "x", "id": "y"}]}',
        '{"username": "eve", "password": "x", "username": "ada"}',
        '{"events": [{"quantity": 1e400}]}',
        '{"events": -1e999}',
        '{"events": [{"quantity": Infinity}]}',
        '{"events": NaN}',
    ],
)
@pytest.mark.parametrize("address", ["events/", "auth/jwt/"])
def test_a_body_that_two_readers_read_apart_is_none(guest, address, text):
    assert_problem(post(guest, text, address), 400, "parse_error")


def test_a_number_at_the_edge_is_a_number(guest, nova):
    body = json.dumps({"events": [event(nova)]})[:-3] + ', "x": 1.7976931348623157e308, "y": 5e-324}]}'
    assert post(guest, body).json()["accepted"] == 1


# Guessing ------------------------------------------------------------------------------------------------------------


def test_no_spelling_of_a_name_is_another_account_to_guess_at(ada, django_user_model, settings):
    django_user_model.objects.create_user("7", password="correct horse")
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {
        "DEFAULT_THROTTLE_RATES": {"anon": None, "user": None, "token": None, "account": "2/min"}
    }
    for spellings in (["ada", " ada", "ada\n"], ["7", 7, " 7"]):
        answers = [post(Client(), {"username": name, "password": "x"}, "auth/token/") for name in spellings]
        assert [answer.status_code for answer in answers] == [400, 400, 429]


# Addresses and methods -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", ["products/", "recommendations/trending/", "placements/"])
def test_head_is_get_without_the_body(client, nova, path):
    got, asked = client.get(f"/api/v1/{path}"), client.head(f"/api/v1/{path}")
    assert (asked.status_code, asked.content) == (200, b"")
    assert asked["ETag"] == got["ETag"]
    assert client.head(f"/api/v1/{path}", headers={"If-None-Match": got["ETag"]}).status_code == 304


@pytest.mark.parametrize("path", ["products/", "events/", "me/", "auth/jwt/"])
def test_other_origins_may_read_nothing(client, path):
    headers = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    for answer in (client.options(f"/api/v1/{path}", headers=headers), client.get(f"/api/v1/{path}", headers=headers)):
        assert [name for name in answer.headers if name.lower().startswith("access-control")] == []


@pytest.mark.parametrize("path", ["products/", "recommendations/", "placements/"])
def test_too_many_parameters_are_a_problem_and_a_long_one_that_is_not_ours_is_left_alone(client, nova, path):
    many = client.get(f"/api/v1/{path}?" + "&".join(f"a{i}=1" for i in range(5000)))
    assert_problem(many, 400, "parse_error")
    assert client.get(f"/api/v1/{path}?x=" + "a" * 100_000).status_code == 200
