import pytest

from catalog.models import Product
from recommender.models import Interaction, Visitor
from tests.api.conftest import event, send, token_of

pytestmark = pytest.mark.django_db


def titles(response):
    return [item["title"] for item in response.json()["results"]]


def test_somebody_unknown_gets_what_the_shop_has(client, phones):
    answer = client.get("/api/v1/recommendations/")
    assert set(titles(answer)) == set(phones)
    assert {item["source"] for item in answer.json()["results"]} == {"newest"}
    assert not Visitor.objects.exists()


def test_a_guest_gets_what_fits_the_guests_views(guest, phones):
    send(guest, event(phones["nova"]))
    answer = guest.get("/api/v1/recommendations/", {"k": 2})
    assert titles(answer)[0] == "ruby"
    assert answer.json()["results"][0]["source"] == "for_you"
    assert answer.json()["results"][0]["reason"]


def test_a_user_gets_what_fits_the_users_views_in_app_and_browser(client, phones, ada):
    send(client, event(phones["nova"]), headers=token_of(ada))
    in_app = client.get("/api/v1/recommendations/", headers=token_of(ada))
    client.force_login(ada)
    assert titles(client.get("/api/v1/recommendations/")) == titles(in_app)
    assert titles(in_app)[0] == "ruby"
    assert "nova" not in titles(in_app)


def test_what_was_bought_and_what_is_sold_out_is_not_recommended(client, phones, clerk):
    send(client, event(phones["nova"], "purchase"), headers=token_of(clerk))
    Product.objects.filter(pk=phones["azur"].pk).update(stock=0)
    assert set(titles(client.get("/api/v1/recommendations/", headers=token_of(clerk)))) == {"ruby", "leaf"}


def test_personal_answers_are_kept_by_nobody(guest, phones):
    send(guest, event(phones["nova"]))
    answer = guest.get("/api/v1/recommendations/")
    assert answer["Cache-Control"] == "private, no-store"
    assert "ETag" not in answer


def test_trending_is_the_same_for_everybody(client, guest, phones):
    send(guest, event(phones["nova"]))
    assert titles(guest.get("/api/v1/recommendations/trending/")) == titles(
        client.get("/api/v1/recommendations/trending/")
    )
    assert Interaction.objects.count() == 1
