import json
import uuid
from datetime import datetime, timedelta

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.utils import timezone

from recommender.models import Interaction, Visitor
from recommender.services import visitors
from tests.api.conftest import assert_problem, event, send, token_of
from tests.shop import make_product

pytestmark = pytest.mark.django_db


@pytest.fixture
def nova(db):
    return make_product("nova", picture=False)


def rows():
    return list(Interaction.objects.order_by("pk").values_list("kind", "product_id"))


def test_a_guests_events_are_kept(guest, nova):
    answer = send(guest, event(nova), event(nova, "cart"), event(nova, "click"), event(nova, "favourite"))
    assert (answer.status_code, answer.json()) == (200, {"accepted": 4, "duplicates": 0, "errors": []})
    assert rows() == [(kind, nova.pk) for kind in ("view", "cart", "click", "favourite")]
    assert Visitor.objects.get().user is None


def test_a_batch_sent_again_counts_once(guest, nova):
    batch = [event(nova), event(nova)]
    send(guest, *batch)
    assert send(guest, *batch, event(nova)).json() == {"accepted": 1, "duplicates": 2, "errors": []}
    assert len(rows()) == 3


def test_the_same_id_from_two_visitors_is_two_events(guest, client, nova, ada):
    shared = event(nova)
    send(guest, shared)
    assert send(client, shared, headers=token_of(ada)).json()["accepted"] == 1
    assert len(rows()) == 2


def test_events_with_errors_are_named_and_the_others_kept(guest, nova):
    answer = send(
        guest,
        event(nova),
        event(nova, "stare"),
        event(nova, id="x"),
        event("999999"),
        event(nova, occurred_at="yesterday"),
        "view",
        event(nova, "purchase"),
        {"kind": "view", "product": str(nova.pk)},
        {"id": str(uuid.uuid4()), "product": str(nova.pk)},
        {"id": str(uuid.uuid4()), "kind": "view"},
    )
    assert (answer.status_code, answer.json()) == (
        200,
        {
            "accepted": 1,
            "duplicates": 0,
            "errors": [
                {"index": 1, "field": "kind", "code": "invalid_choice"},
                {"index": 2, "field": "id", "code": "invalid"},
                {"index": 3, "field": "product", "code": "unknown_product"},
                {"index": 4, "field": "occurred_at", "code": "invalid"},
                {"index": 5, "field": "event", "code": "invalid"},
                {"index": 6, "field": "kind", "code": "not_allowed"},
                {"index": 7, "field": "id", "code": "required"},
                {"index": 8, "field": "kind", "code": "required"},
                {"index": 9, "field": "product", "code": "required"},
            ],
        },
    )


def test_a_batch_without_a_valid_event_is_refused_with_the_reasons(guest, nova):
    problem = assert_problem(send(guest, event(nova, "stare"), event("x")), 400, "no_valid_event")
    assert problem["errors"] == [
        {"index": 0, "field": "kind", "code": "invalid_choice"},
        {"index": 1, "field": "product", "code": "unknown_product"},
    ]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "required"),
        ([], "required"),
        ("events", "required"),
        (None, "required"),
        (7, "required"),
        ({"events": None}, "required"),
        ({"events": {}}, "not_a_list"),
        ({"events": []}, "empty"),
        ({"events": [1] * 501}, "max_length"),
    ],
)
def test_a_body_without_1_to_500_events_is_refused(guest, body, code):
    answer = guest.post("/api/v1/events/", json.dumps(body), content_type="application/json")
    problem = assert_problem(answer, 400, "invalid")
    assert [(error["field"], error["code"]) for error in problem["errors"]] == [("events", code)]


def test_500_events_are_taken_with_few_queries(guest, nova, django_assert_max_num_queries):
    send(guest, event(nova))
    with django_assert_max_num_queries(13):  # SQLite takes eight statements for 500 rows
        answer = send(guest, *[event(nova) for _ in range(500)])
    assert answer.json() == {"accepted": 500, "duplicates": 0, "errors": []}


def test_a_wrong_clock_and_a_missing_one_mean_now(guest, nova):
    before = timezone.now()
    send(guest, event(nova, occurred_at="2999-01-01T00:00:00Z"), event(nova))
    for moment in Interaction.objects.values_list("occurred_at", flat=True):
        assert before <= moment <= timezone.now()


def test_a_past_time_is_kept_with_its_zone(guest, nova):
    moment = timezone.now().replace(microsecond=0) - timedelta(days=3)
    east = timezone.get_fixed_timezone(480)
    send(guest, event(nova, occurred_at=moment.astimezone(east).isoformat()))
    assert Interaction.objects.get().occurred_at == moment


@pytest.mark.parametrize(
    "moment",
    [
        "0001-01-01T00:00:00+14:00",
        "0001-01-01T00:00:00",
        "9999-12-31T23:59:59-14:00",
        "2024-02-30T00:00:00Z",
        "\uff12024-01-01T00:00:00Z",
        "\ud800",
        "\0",
        "",
        0,
        1e308,
        True,
        [],
        {},
    ],
)
def test_an_odd_time_is_an_error_or_an_event_but_no_fault(guest, nova, moment):
    answer = send(guest, event(nova), event(nova, occurred_at=moment))
    body = answer.json()
    assert answer.status_code == 200
    assert body["accepted"] + len(body["errors"]) == 2
    assert all(isinstance(at, datetime) for at in Interaction.objects.values_list("occurred_at", flat=True))


@pytest.mark.parametrize(
    "product", [10**30, -1, 0, 1.5, True, None, [], {}, "9" * 30, "\0", "\ud800", "a\0b", "", "x" * 9999]
)
def test_an_odd_product_is_an_error(guest, nova, product):
    answer = send(guest, event(nova), {**event(nova), "product": product})
    assert answer.json()["accepted"] == 1
    assert [error["field"] for error in answer.json()["errors"]] == ["product"]


@pytest.mark.parametrize("name", [10**30, None, True, [], {}, "", "\0", "\ud800", "x" * 9999])
def test_an_odd_id_or_kind_is_an_error(guest, nova, name):
    answer = send(guest, event(nova), {**event(nova), "id": name}, {**event(nova), "kind": name})
    assert [(error["index"], error["field"]) for error in answer.json()["errors"]] == [(1, "id"), (2, "kind")]


@pytest.mark.parametrize("header", ["Sec-GPC", "DNT"])
def test_without_consent_nothing_is_kept_and_the_answer_says_so(client, guest, nova, ada, header):
    refused = {"accepted": 0, "duplicates": 0, "errors": [], "consent": False}
    for sender in (guest, client):
        assert send(sender, event(nova), headers={header: "1"}).json() == refused
    assert send(client, event(nova), headers=token_of(ada) | {header: "1"}).json() == refused
    assert not Interaction.objects.exists()
    assert not Visitor.objects.exists()


def nobody_agrees(request):
    return False


def test_the_shops_own_consent_is_asked(guest, nova, settings):
    settings.RECOMMENDER = settings.RECOMMENDER | {"CONSENT": f"{__name__}.nobody_agrees"}
    assert send(guest, event(nova)).json()["consent"] is False
    assert not Visitor.objects.exists()


def test_a_request_that_says_not_who_it_is_names_the_cure(client, nova):
    answer = send(client, event(nova))
    problem = assert_problem(answer, 401, "visitor_required")
    assert "POST guests/" in problem["detail"]
    assert "X-Visitor-Token" in problem["detail"]
    assert answer["WWW-Authenticate"] == 'Bearer realm="api", Token'
    assert not Visitor.objects.exists()


@pytest.mark.parametrize("token", ["x", "a:b:c", "\xff", "IjEi:1vZk3x:q0n8Wg2mZb"])
def test_a_forged_guest_token_is_refused(client, nova, token):
    problem = assert_problem(send(client, event(nova), headers={"X-Visitor-Token": token}), 401, "invalid_guest_token")
    assert "POST guests/" in problem["detail"]


def test_an_expired_guest_token_is_refused(nova, monkeypatch):
    with monkeypatch.context() as past:
        past.setattr("time.time", lambda: 1_577_836_800)  # the first day of 2020
        token = visitors.issue_token()
    client = Client(headers={"X-Visitor-Token": token})
    assert_problem(send(client, event(nova)), 401, "invalid_guest_token")
    assert_problem(client.get("/api/v1/recommendations/"), 401, "invalid_guest_token")


def test_a_browsers_guest_is_known_by_the_session(nova):
    browser = Client(enforce_csrf_checks=True)
    browser.cookies[django_settings.CSRF_COOKIE_NAME] = secret = "a" * 32
    assert send(browser, event(nova), headers={"X-CSRFToken": secret}).json()["accepted"] == 1
    assert send(browser, event(nova), headers={"X-CSRFToken": secret}).json()["accepted"] == 1
    assert Visitor.objects.count() == 1
    assert_problem(send(browser, event(nova)), 403, "permission_denied")
    assert len(rows()) == 2


def test_a_users_session_needs_the_csrf_token(nova, ada):
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(ada)
    assert_problem(send(browser, event(nova)), 403, "permission_denied")
    browser.cookies[django_settings.CSRF_COOKIE_NAME] = secret = "a" * 32
    assert send(browser, event(nova), headers={"X-CSRFToken": secret}).json()["accepted"] == 1
    assert Visitor.objects.get().user == ada


def test_tokens_need_no_csrf_token(nova, ada):
    app = Client(enforce_csrf_checks=True)
    assert send(app, event(nova), headers=token_of(ada)).json()["accepted"] == 1


def test_purchases_come_from_staff_tokens_only(client, guest, nova, ada, clerk):
    bought = event(nova, "purchase")
    client.force_login(clerk)
    for sender, headers in ((guest, {}), (Client(), token_of(ada)), (client, {})):
        problem = assert_problem(send(sender, bought, headers=headers), 400, "no_valid_event")
        assert problem["errors"] == [{"index": 0, "field": "kind", "code": "not_allowed"}]
    answer = send(Client(), bought, event(nova, "refund"), headers=token_of(clerk))
    assert answer.json() == {"accepted": 2, "duplicates": 0, "errors": []}
    assert {kind for kind, _ in rows()} == {"purchase", "refund"}


def test_a_staff_system_reports_for_the_guest_it_names(client, nova, clerk):
    token = Client().post("/api/v1/guests/").json()["token"]
    send(client, event(nova, "purchase"), headers=token_of(clerk) | {"X-Visitor-Token": token})
    assert Visitor.objects.get().user is None
    assert Client(headers={"X-Visitor-Token": token}).get("/api/v1/me/").json()["events"][0]["kind"] == "purchase"
    wrong = send(client, event(nova), headers=token_of(clerk) | {"X-Visitor-Token": "x"})
    assert_problem(wrong, 401, "invalid_guest_token")
