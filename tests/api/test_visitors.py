import uuid

import pytest
from django.conf import settings as django_settings
from django.test import Client

from recommender.models import Interaction, Visitor
from recommender.services import tracking
from tests.api.conftest import assert_problem, event, send, token_of
from tests.shop import make_product

pytestmark = pytest.mark.django_db


@pytest.fixture
def nova(db):
    return make_product("nova", picture=False)


def test_each_guest_has_a_token_of_its_own_and_no_row(client):
    first, second = (client.post("/api/v1/guests/") for _ in range(2))
    assert (first.status_code, first.json().keys()) == (201, {"token"})
    assert first.json()["token"] != second.json()["token"]
    assert first["Cache-Control"] == "private, no-store"
    assert not Visitor.objects.exists()


def test_me_is_everything_stored(guest, nova):
    sent = event(nova, occurred_at="2026-01-02T03:04:05Z")
    send(guest, sent)
    answer = guest.get("/api/v1/me/")
    assert answer["Cache-Control"] == "private, no-store"
    stored = answer.json()
    assert stored.keys() == {"visitor", "created_at", "events"}
    assert stored["visitor"] == str(Visitor.objects.get().pk)
    (kept,) = stored["events"]
    assert (kept["client_id"], kept["product_id"], kept["kind"]) == (sent["id"], str(nova.pk), "view")
    assert uuid.UUID(stored["visitor"])


def test_me_shows_the_own_events_only(client, guest, nova, ada):
    send(guest, event(nova))
    send(client, event(nova, "cart"), headers=token_of(ada))
    assert [kept["kind"] for kept in client.get("/api/v1/me/", headers=token_of(ada)).json()["events"]] == ["cart"]


def test_me_of_a_guest_who_did_nothing_is_empty(guest):
    assert guest.get("/api/v1/me/").json() == {"visitor": None, "created_at": None, "events": []}


def test_delete_forgets_and_may_be_repeated(guest, nova):
    send(guest, event(nova))
    for _ in range(2):
        answer = guest.delete("/api/v1/me/")
        assert (answer.status_code, answer.content) == (204, b"")
    assert not Visitor.objects.exists()
    assert not Interaction.objects.exists()
    assert guest.get("/api/v1/me/").json()["events"] == []


def test_delete_spares_others(client, guest, nova, ada):
    send(guest, event(nova))
    send(client, event(nova), headers=token_of(ada))
    guest.delete("/api/v1/me/")
    assert Visitor.objects.get().user == ada


@pytest.mark.parametrize("method", ["get", "delete"])
def test_me_needs_to_know_who_asks(client, db, method):
    assert_problem(getattr(client, method)("/api/v1/me/"), 401, "visitor_required")


def test_a_browser_sees_and_erases_its_session_guest(rf, nova):
    browser = Client(enforce_csrf_checks=True)
    browser.cookies[django_settings.CSRF_COOKIE_NAME] = secret = "b" * 32
    send(browser, event(nova), headers={"X-CSRFToken": secret})
    assert len(browser.get("/api/v1/me/").json()["events"]) == 1
    assert_problem(browser.delete("/api/v1/me/"), 403, "permission_denied")
    assert browser.delete("/api/v1/me/", headers={"X-CSRFToken": secret}).status_code == 204
    assert not Visitor.objects.exists()


def test_the_shops_own_events_are_shown_too(client, nova, ada, rf):
    request = rf.get("/")
    request.user, request.session = ada, {}
    tracking.track(request, "purchase", nova, order_id="A-1", price="199.00")
    (kept,) = client.get("/api/v1/me/", headers=token_of(ada)).json()["events"]
    assert (kept["kind"], kept["order_id"], kept["quantity"]) == ("purchase", "A-1", "1")


def test_a_dismissal_leaves_every_list_and_can_be_taken_back(guest, phones):
    nova, ruby = phones["nova"], phones["ruby"]
    listed = f"/api/v1/products/{nova.pk}/similar/"

    def shown():
        return {item["id"] for item in guest.get(listed).json()["results"]}

    assert str(ruby.pk) in shown()
    send(guest, event(ruby, "dismiss"))
    assert str(ruby.pk) not in shown()
    assert str(ruby.pk) not in {item["id"] for item in guest.get("/api/v1/recommendations/trending/").json()["results"]}
    assert guest.delete(f"/api/v1/me/dismissals/{ruby.pk}/").status_code == 204
    assert str(ruby.pk) in shown()


def test_taking_back_asks_who_it_is_and_what(client, guest, phones):
    assert_problem(client.delete("/api/v1/me/dismissals/1/"), 401, "visitor_required")
    assert_problem(guest.delete("/api/v1/me/dismissals/x/"), 404, "not_found")
    assert guest.delete("/api/v1/me/dismissals/999999/").status_code == 204
