import pytest

from recommender.models import Placement
from tests.api.conftest import event, send

pytestmark = pytest.mark.django_db


def titles(answer):
    return [one["title"] for one in answer.json()["results"]]


def test_the_list_names_what_is_switched_on_and_what_to_send_along(client, phones):
    home = Placement.objects.get(slug="home")
    home.is_active = False
    home.save()
    results = client.get("/api/v1/placements/").json()["results"]
    assert [one["slug"] for one in results] == [
        "account",
        "app-home",
        "basket",
        "empty-listing",
        "order-confirmation",
        "product-page",
        "recently-viewed",
        "sold-out",
    ]
    assert results[5] == {"slug": "product-page", "context": "product", "title": "Similar products", "length": 12}


def test_a_placement_is_what_the_shop_s_pages_show(client, phones):
    answer = client.get(f"/api/v1/placements/product-page/?product={phones['nova'].pk}&k=2")
    body = answer.json()
    assert (body["placement"], body["title"]) == ("product-page", "Similar products")
    assert titles(answer) == titles(client.get(f"/api/v1/products/{phones['nova'].pk}/similar/?k=2"))
    assert {(one["strategy"], one["is_fallback"]) for one in body["results"]} == {("similar", False)}
    assert body["recommendation_id"].startswith("product-page~similar.2~")


def test_a_basket_is_a_list_of_keys(client, phones):
    keys = f"{phones['nova'].pk},{phones['azur'].pk},nonsense,0"
    answer = client.get(f"/api/v1/placements/basket/?basket={keys}")
    assert set(titles(answer)) == {"ruby", "leaf"}


def test_only_an_answer_that_follows_nobody_may_be_kept(client, guest, phones):
    address = f"/api/v1/placements/product-page/?product={phones['nova'].pk}"
    open_answer = client.get(address)
    assert open_answer["Cache-Control"] == "private, no-cache"
    assert client.get(address, headers={"If-None-Match": open_answer["ETag"]}).status_code == 304
    send(guest, event(phones["ruby"]))
    own = guest.get(address)
    assert own["Cache-Control"] == "private, no-store"
    assert "ETag" not in own
    assert "ruby" in titles(own)
    send(guest, event(phones["ruby"], kind="dismiss"))
    assert "ruby" not in titles(guest.get(address))


def test_headings_and_reasons_speak_the_reader_s_language(client, phones):
    address = f"/api/v1/placements/product-page/?product={phones['nova'].pk}&k=1"
    body = client.get(address, headers={"Accept-Language": "zh-hans"}).json()
    assert body["title"] == "相似商品"
    assert body["results"][0]["reason"].startswith("颜色相同")


def test_one_that_is_switched_off_has_no_results(client, phones):
    home = Placement.objects.get(slug="home")
    home.is_active = False
    home.save()
    body = client.get("/api/v1/placements/home/").json()
    assert (body["placement"], body["title"], body["results"]) == ("home", "", [])


@pytest.mark.parametrize(
    ("address", "detail"),
    [
        ("nowhere/", "There is no such placement. GET placements/ lists those there are."),
        ("product-page/?product=0", "There is no such product."),
        ("product-page/?product=x", "There is no product 'x'."),
    ],
)
def test_what_there_is_not(client, phones, address, detail):
    answer = client.get(f"/api/v1/placements/{address}")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    assert answer.json()["detail"] == detail


def test_a_length_out_of_bounds_is_refused_by_name(client, phones):
    answer = client.get("/api/v1/placements/home/?k=49")
    assert answer.status_code == 400
    assert [error["field"] for error in answer.json()["errors"]] == ["k"]
