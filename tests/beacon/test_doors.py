"""What pages report about themselves: the form of the script, and the button "not for me"."""

import json
import uuid
from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from recommender.models import Impression, Interaction, Visitor
from recommender.services import recommendation_ids
from recommender.services.recommendation_ids import Run, Served
from tests.shop import make_product

pytestmark = pytest.mark.django_db
EVENTS, DISMISS = "/recommender/events/", "/recommender/dismiss/"
BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"


@pytest.fixture
def phones(db):
    return [make_product(f"phone-{number}", picture=False) for number in range(3)]


def served():
    return recommendation_ids.write(Served("product-page", (Run("similar", 12),), 7, datetime(2026, 3, 1, tzinfo=UTC)))


def impression(*products):
    keys = [str(product.pk) for product in products]
    return {"id": str(uuid.uuid4()), "kind": "impression", "recommendation_id": served(), "products": keys}


def click(product, **values):
    given = {"id": str(uuid.uuid4()), "kind": "click", "product": str(product.pk), "recommendation_id": served()}
    return given | values


def send(client, *events, **headers):
    return client.post(EVENTS, {"events": json.dumps(events)}, headers=headers)


def test_a_batch_is_taken_and_a_retried_one_counts_once(client, phones):
    batch = [impression(*phones), click(phones[1], position=2)]
    assert send(client, *batch).json() == {"accepted": 2, "duplicates": 0, "refused": 0}
    assert send(client, *batch, {"kind": "view"}).json() == {"accepted": 0, "duplicates": 2, "refused": 1}
    row = Interaction.objects.get()
    assert (row.kind, row.placement, row.strategy, row.position) == ("click", "product-page", "similar", 2)
    assert Impression.objects.get().places == 3


def test_seeing_a_list_makes_nobody_a_visitor(client, phones):
    assert send(client, impression(*phones)).json()["accepted"] == 1
    assert not Visitor.objects.exists()
    assert not client.cookies


@pytest.mark.parametrize(
    "headers", [{"Sec-GPC": "1"}, {"DNT": "1"}, {"User-Agent": "Examplebot/1.0 (+https://a.example)"}]
)
def test_without_consent_and_from_bots_nothing_is_kept(client, phones, headers):
    assert send(client, impression(*phones), click(phones[0]), **headers).status_code == 204
    client.post(DISMISS, {"dismiss": str(phones[0].pk)}, headers=headers)
    assert not (Impression.objects.exists())
    assert not (Interaction.objects.exists())
    assert not (Visitor.objects.exists())


def test_the_shops_own_switch_is_asked(client, phones):
    client.cookies["remember"] = "no"
    assert send(client, impression(*phones), click(phones[0])).status_code == 204
    assert not (Impression.objects.exists())
    assert not (Interaction.objects.exists())


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "[", "null", "[" * 50_000, json.dumps([1] * 101), '["' + "x" * 100_000 + '"]']
)
def test_what_is_no_batch_is_refused(client, text):
    assert client.post(EVENTS, {"events": text}).status_code == 400


def test_sales_cannot_be_told_by_a_page(client, phones):
    assert send(client, click(phones[0], kind="purchase")).json()["refused"] == 1


@pytest.mark.parametrize("address", [EVENTS, DISMISS])
def test_other_sites_cannot_speak_for_a_visitor(address, phones):
    strict = Client(enforce_csrf_checks=True)
    body = {"events": json.dumps([click(phones[0])]), "dismiss": str(phones[0].pk)}
    assert strict.post(address, body).status_code == 403
    assert not Interaction.objects.exists()


def test_without_scripts_a_product_leaves_the_shelf_and_comes_back(client, phones):
    page, other = phones[0].get_absolute_url(), phones[1]
    assert f'data-product="{other.pk}"' in client.get(page).content.decode()
    body = {"dismiss": f"2 {other.pk}", "recommendation": served()}
    answer = client.post(DISMISS, body, headers={"Referer": f"http://testserver{page}"}, follow=True)
    assert answer.redirect_chain == [(f"http://testserver{page}", 302)]
    text = answer.content.decode()
    assert "You will not be shown phone-1 again." in text
    assert f'data-product="{other.pk}"' not in text
    row = Interaction.objects.get(kind="dismiss")
    assert (row.product_id, row.strategy, row.position) == (other.pk, "similar", 2)
    about = reverse("catalog:about_you")
    assert "phone-1" in client.get(about).content.decode()
    back = client.post(DISMISS, {"undo": str(other.pk), "next": about}, follow=True)
    assert "You may be shown phone-1 again." in back.content.decode()
    assert f'data-product="{other.pk}"' in client.get(page).content.decode()


@pytest.mark.parametrize("next_page", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_nobody_is_sent_to_another_site(client, phones, next_page):
    answer = client.post(DISMISS, {"dismiss": str(phones[0].pk), "next": next_page})
    assert answer["Location"] == "/"


@pytest.mark.parametrize("key", ["", "x", "999999", "1 ", "\0", "9" * 40])
def test_what_is_no_product_is_not_dismissed(client, phones, key):
    answer = client.post(DISMISS, {"dismiss": key}, headers={"Accept": "application/json"})
    assert answer.status_code == 404
    assert not Visitor.objects.exists()


def test_scripts_and_buttons_are_there_only_where_something_may_be_kept(client, phones):
    page = phones[0].get_absolute_url()
    for headers, there in (
        ({"User-Agent": BROWSER}, True),
        ({"Sec-GPC": "1"}, False),
        ({"User-Agent": "Googlebot"}, False),
    ):
        text = client.get(page, headers=headers).content.decode()
        assert ("recommender/beacon.js" in text) is there
        assert ("Not for me" in text) is there
        assert "rec-card__title" in text  # the shelf itself stays


def test_a_search_is_counted_without_its_words(client, phones):
    client.get(reverse("catalog:products"), {"q": "phone-1"})
    client.get(reverse("catalog:products"), {"q": "nobody has this"})
    client.get(reverse("catalog:products"))
    from recommender.models import Search

    assert sorted(Search.objects.values_list("results", flat=True)) == [0, 1]
    assert {field.name for field in Search._meta.get_fields()} == {"id", "occurred_at", "results"}
