"""Signed tokens: in pairs, each refresh token once, and all of them worth nothing when they should be."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from recommender.api import rotation
from recommender.models import Interaction, Visitor
from tests.api.conftest import assert_problem, event, send, token_of
from tests.shop import make_product

pytestmark = pytest.mark.django_db

GOOD = {"username": "ada", "password": "correct horse"}


def post(client, address, body):
    return client.post(f"/api/v1/auth/jwt/{address}", body, content_type="application/json")


def sign_in(client, **wrong):
    return post(client, "", GOOD | wrong)


def refresh(client, pair):
    return post(client, "refresh/", {"refresh": pair["refresh"]})


def bearer(pair):
    return {"Authorization": f"Bearer {pair['access']}"}


def me(pair):
    return Client().get("/api/v1/me/", headers=bearer(pair))


@pytest.fixture
def pair(client, ada):
    return sign_in(client).json()


@pytest.fixture
def long_ago():
    """Moves all that was revoked into the past, beyond the grace for two requests at once."""

    def move():
        BlacklistedToken.objects.update(blacklisted_at=timezone.now() - rotation.GRACE - timedelta(seconds=1))

    return move


def assert_refused(answer):
    assert_problem(answer, 401, "token_not_valid")
    assert answer["WWW-Authenticate"] == 'Bearer error="invalid_token"'


def test_name_and_password_give_a_pair(client, ada):
    answer = sign_in(client)
    assert (answer.status_code, answer["Cache-Control"]) == (200, "private, no-store")
    pair = answer.json()
    assert pair.keys() == {"access", "refresh", "expires_in"}
    assert pair["expires_in"] == 600
    assert AccessToken(pair["access"])["user_id"] == str(ada.pk)
    assert me(pair).status_code == 200


@pytest.mark.parametrize("wrong", [{"password": "wrong"}, {"username": "bob"}, {"username": "\0"}, {"password": [1]}])
def test_anything_else_gives_none(client, ada, wrong):
    assert_problem(sign_in(client, **wrong), 400, "invalid")
    assert not OutstandingToken.objects.exists()


def test_each_refresh_token_gives_the_next_pair_once(client, pair, long_ago):
    second = refresh(client, pair).json()
    assert second.keys() == pair.keys()
    assert second["refresh"] != pair["refresh"]
    assert me(second).status_code == 200
    assert_refused(refresh(client, pair))
    assert refresh(client, second).status_code == 200


def test_a_used_token_that_comes_back_later_ends_the_login_and_no_other(client, pair, long_ago):
    elsewhere = sign_in(client).json()
    second = refresh(client, pair).json()
    long_ago()
    assert_refused(refresh(client, pair))
    assert_refused(refresh(client, second))
    assert refresh(client, elsewhere).status_code == 200


def test_two_requests_with_one_token_at_once_end_nothing_but_give_one_pair(client, pair):
    answers = [refresh(client, pair) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 401]
    assert refresh(client, answers[0].json()).status_code == 200


def test_signing_out_ends_the_login_on_this_device_alone(client, pair):
    elsewhere = sign_in(client).json()
    second = refresh(client, pair).json()
    for _ in range(2):
        answer = post(client, "revoke/", {"refresh": second["refresh"]})
        assert (answer.status_code, answer.content) == (204, b"")
    assert_refused(refresh(client, second))
    assert refresh(client, elsewhere).status_code == 200


def test_an_older_token_signs_out_the_login_too(client, pair):
    second = refresh(client, pair).json()
    post(client, "revoke/", {"refresh": pair["refresh"]})
    assert_refused(refresh(client, second))


def test_a_new_password_ends_every_login(client, pair, ada):
    ada.set_password("battery staple")
    ada.save()
    assert_problem(me(pair), 401, "password_changed")
    assert_refused(refresh(client, pair))


def test_an_inactive_user_is_out_at_once(client, pair, ada):
    ada.is_active = False
    ada.save()
    assert_problem(me(pair), 401, "user_inactive")
    assert_refused(refresh(client, pair))
    assert_problem(sign_in(client), 400, "invalid")


def test_a_deleted_user_is_out_at_once(client, pair, ada):
    ada.delete()
    assert_problem(me(pair), 401, "user_not_found")
    assert_refused(refresh(client, pair))
    assert post(client, "revoke/", {"refresh": pair["refresh"]}).status_code == 204


def test_an_expired_token_is_refused_and_swept_at_the_next_login(client, ada):
    old = RefreshToken.for_user(ada)
    old[rotation.LOGIN_CLAIM] = "x"
    old.set_exp(lifetime=timedelta(seconds=-1))
    assert_refused(refresh(client, {"refresh": str(old)}))
    access = AccessToken.for_user(ada)
    access.set_exp(lifetime=timedelta(seconds=-1))
    problem = assert_problem(me({"access": str(access)}), 401, "token_not_valid")
    assert "errors" not in problem
    OutstandingToken.objects.update(expires_at=timezone.now())
    sign_in(client)
    assert OutstandingToken.objects.count() == 1


@pytest.mark.parametrize("name", ["access", "tampered", "other login service", "unsigned", "empty login"])
def test_no_other_token_is_taken_for_a_refresh_token(client, pair, ada, name):
    head, claims, signature = pair["refresh"].split(".")
    given = {
        "access": pair["access"],
        "tampered": f"{head}.{claims[:-4]}AAAA.{signature}",
        "other login service": str(RefreshToken.for_user(ada)),
        "unsigned": f"eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{claims}.",
        "empty login": "x",
    }[name]
    assert_refused(refresh(client, {"refresh": given}))
    assert post(client, "revoke/", {"refresh": given}).status_code == 204
    assert refresh(client, pair).status_code == 200


@pytest.mark.parametrize(
    "body", [{}, {"refresh": ""}, {"refresh": None}, {"refresh": ["x"]}, {"refresh": "x" * 5000}, []]
)
@pytest.mark.parametrize("address", ["refresh/", "revoke/"])
def test_a_body_without_a_token_is_a_problem(client, address, body):
    assert_problem(post(client, address, body), 400, "invalid")


@pytest.mark.parametrize("given", ["x", "x y", "é", "eyJhbGciOiJub25lIn0.e30.", "\xff", "a.b.c"])
def test_a_wrong_access_token_is_refused_everywhere(client, db, given):
    for path in ("products/", "recommendations/", "me/"):
        answer = client.get(f"/api/v1/{path}", headers={"Authorization": f"Bearer {given}"})
        assert answer.status_code == 401
        assert answer["WWW-Authenticate"] == 'Bearer realm="api", Token'
        assert_problem(answer, 401, answer.json()["code"])


def test_a_guest_who_signs_in_brings_the_guests_events(ada, guest):
    send(guest, event(make_product("nova", picture=False)))
    assert len(me(sign_in(guest).json()).json()["events"]) == 1
    assert Visitor.objects.get().user == ada


def test_only_staff_report_purchases(client, pair, clerk):
    nova = make_product("nova", picture=False)
    refused = send(client, event(nova, "purchase"), headers=bearer(pair))
    assert refused.json()["errors"][0]["code"] == "not_allowed"
    staff = sign_in(client, username="clerk").json()
    assert send(client, event(nova, "purchase"), headers=bearer(staff)).json()["accepted"] == 1
    assert Interaction.objects.get().visitor.user == clerk


def test_the_tables_hold_no_token_that_works(client, pair):
    refresh(client, pair)
    kept = " ".join(OutstandingToken.objects.values_list("token", flat=True))
    assert "." not in kept
    assert OutstandingToken.objects.count() == 2


def test_the_older_kind_of_token_goes_on_working(client, pair, ada):
    assert client.get("/api/v1/me/", headers=token_of(ada)).status_code == 200


def test_refusals_follow_the_language(client, pair):
    chinese = Client(headers={"Accept-Language": "zh-hans"})
    assert "令牌" in refresh(chinese, {"refresh": "x"}).json()["detail"]
    assert "令牌" in chinese.get("/api/v1/me/", headers={"Authorization": "Bearer x"}).json()["detail"]
