import json

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from PIL import Image

from catalog.models import Product
from tests.api.conftest import assert_problem
from tests.shop import make_product

pytestmark = pytest.mark.django_db


@pytest.fixture
def plain(db):
    """Products without pictures, oldest first."""
    return [make_product(f"phone-{i}", picture=False) for i in range(7)]


def get(client, path, **params):
    return client.get(f"/api/v1/{path}", params)


def test_a_product_has_the_documented_shape(client, phones):
    nova = phones["nova"]
    answer = get(client, f"products/{nova.pk}/")
    assert answer["Content-Type"] == "application/json"
    assert answer.json() == {
        "id": str(nova.pk),
        "title": "nova",
        "brand": "Orbis",
        "url": f"http://testserver{nova.get_absolute_url()}",
        "image": f"http://testserver{nova.main_image.thumbnail.url}",
        "renditions": [
            {"url": f"http://testserver{size.url}", "width": size.width, "height": size.height}
            for size in nova.main_image.renditions
        ],
        "price": {"amount": "199.00", "currency": "EUR"},
        "available": True,
    }


def test_a_product_without_price_picture_and_brand(client, db):
    product = make_product("bare", picture=False, price=None)
    product.family.brand = None
    product.family.save()
    shown = get(client, f"products/{product.pk}/").json()
    assert (shown["price"], shown["image"], shown["renditions"], shown["brand"]) == (None, "", [], "")


def test_a_picture_has_sizes_of_the_same_proportions_and_none_is_enlarged(client, make):
    product = make("tall", size=700)
    sizes = get(client, f"products/{product.pk}/").json()["renditions"]
    assert [(size["width"], size["height"]) for size in sizes] == [(320, 320), (640, 640), (700, 700)]
    for size in sizes:
        name = size["url"].removeprefix("http://testserver/media/")
        with default_storage.open(name) as file, Image.open(file) as picture:
            assert picture.size == (size["width"], size["height"])


def test_pages_list_each_available_product_once_newest_first(client, plain):
    hidden = make_product("hidden", picture=False)
    Product.objects.filter(pk=hidden.pk).update(is_visible=False)
    make_product("sold out", picture=False, stock=0)
    seen, sizes, answer = [], [], get(client, "products/", page_size=3)
    while True:
        page = answer.json()
        assert page.keys() == {"results", "next", "previous"}
        seen += [item["id"] for item in page["results"]]
        sizes.append(len(page["results"]))
        if page["next"] is None:
            break
        answer = client.get(page["next"])
    assert seen == [str(product.pk) for product in reversed(plain)]
    assert sizes == [3, 3, 1]


def test_pages_lead_back(client, plain):
    first = get(client, "products/", page_size=3).json()
    second = client.get(first["next"]).json()
    assert first["previous"] is None
    assert client.get(second["previous"]).json()["results"] == first["results"]


def test_a_new_product_does_not_move_the_pages_after_it(client, plain):
    first = get(client, "products/", page_size=3).json()
    make_product("late", picture=False)
    second = client.get(first["next"]).json()
    assert [item["id"] for item in second["results"]] == [str(plain[i].pk) for i in (3, 2, 1)]


def test_an_empty_shop_has_an_empty_page(client, db):
    assert get(client, "products/").json() == {"results": [], "next": None, "previous": None}


@pytest.mark.parametrize("size", ["0", "49", "-1", "x", "1e3", "9" * 5000])
def test_a_page_has_1_to_48_products(client, db, size):
    problem = assert_problem(get(client, "products/", page_size=size), 400, "invalid")
    assert [error["field"] for error in problem["errors"]] == ["page_size"]


@pytest.mark.parametrize("cursor", ["x", "é", "cD1hYmM=", "bz0tMQ==", "cj14", "cD0lMDA=", "\0"])
def test_a_cursor_that_is_not_ours_is_refused(client, db, cursor):
    problem = assert_problem(get(client, "products/", cursor=cursor), 400, "invalid")
    assert [error["field"] for error in problem["errors"]] == ["cursor"]


def test_a_cursor_beyond_all_numbers_is_an_end(client, plain):
    # p=9999999999999999999999 and its negative, in base 64
    assert len(get(client, "products/", cursor="cD05OTk5OTk5OTk5OTk5OTk5OTk5OTk5").json()["results"]) == 7
    assert get(client, "products/", cursor="cD0tOTk5OTk5OTk5OTk5OTk5OTk5OTk5").json()["results"] == []


def test_a_sold_out_product_is_shown_as_such_and_a_hidden_one_is_not(client, plain):
    product = plain[0]
    Product.objects.filter(pk=product.pk).update(stock=0)
    assert get(client, f"products/{product.pk}/").json()["available"] is False
    Product.objects.filter(pk=product.pk).update(is_visible=False)
    assert_problem(get(client, f"products/{product.pk}/"), 404, "not_found")
    assert_problem(get(client, f"products/{product.pk}/similar/"), 404, "not_found")


@pytest.mark.parametrize(
    "name",
    ["0", "-1", "999999", "9" * 40, "abc", "1.5", "NaN", "%00", "1%00", "%ED%A0%80", "%FF", "x" * 3000, "' OR 1=1"],
)
@pytest.mark.parametrize("suffix", ["", "similar/"])
def test_an_unknown_or_malformed_id_is_not_found(client, db, name, suffix):
    assert_problem(client.get(f"/api/v1/products/{name}/{suffix}"), 404, "not_found")


def test_similar_products_look_alike_and_say_why(client, phones):
    answer = get(client, f"products/{phones['nova'].pk}/similar/", k=3).json()
    assert answer.keys() == {"results", "next", "previous", "recommendation_id"}
    assert (answer["next"], answer["previous"]) == (None, None)
    first = answer["results"][0]
    assert first.keys() == {
        "id", "title", "brand", "url", "image", "renditions", "price", "available",
        "score", "parts", "reason", "source", "promoted",
    }  # fmt: skip
    assert first["title"] == "ruby"
    assert {item["title"] for item in answer["results"]} == {"ruby", "azur", "leaf"}
    assert first["source"] == "visual"
    assert "colour" in first["reason"]
    for item in answer["results"]:
        assert 0 <= item["score"] <= 1
        assert sum(item["parts"].values()) == pytest.approx(item["score"], abs=1e-5)


def test_similar_products_of_one_without_picture_are_what_the_shop_has(client, phones):
    product = make_product("bare", picture=False)
    answer = get(client, f"products/{product.pk}/similar/", k=2).json()
    assert len(answer["results"]) == 2
    assert {item["source"] for item in answer["results"]} == {"newest"}


def test_k_bounds_the_list(client, phones):
    assert len(get(client, f"products/{phones['nova'].pk}/similar/", k=1).json()["results"]) == 1


@pytest.mark.parametrize(
    ("k", "code"),
    [("0", "min_value"), ("49", "max_value"), ("x", "invalid"), ("1.5", "invalid"), ("\0", "invalid")],
)
@pytest.mark.parametrize("path", ["products/{}/similar/", "recommendations/", "recommendations/trending/"])
def test_k_is_1_to_48(client, phones, path, k, code):
    problem = assert_problem(get(client, path.format(phones["nova"].pk), k=k), 400, "invalid")
    assert [(error["field"], error["code"]) for error in problem["errors"]] == [("k", code)]


@pytest.mark.parametrize("path", ["products/", "products/{}/", "products/{}/similar/", "recommendations/trending/"])
def test_an_answer_that_the_app_holds_is_not_sent_again(client, phones, path):
    path = path.format(phones["nova"].pk)
    first = get(client, path)
    assert first["Cache-Control"] in ("no-cache", "private, no-cache")
    assert "Accept-Language" in first["Vary"]
    for held in (first["ETag"], f"W/{first['ETag']}", f'"other", {first["ETag"]}', "*"):
        again = client.get(f"/api/v1/{path}", headers={"If-None-Match": held})
        assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
        assert again["Cache-Control"] == first["Cache-Control"]
    Product.objects.filter(pk=phones["ruby"].pk).update(price="9.00")
    Product.objects.filter(pk=phones["nova"].pk).update(price="9.00")
    changed = client.get(f"/api/v1/{path}", headers={"If-None-Match": first["ETag"]})
    assert changed.status_code == 200
    assert changed["ETag"] != first["ETag"]


def test_reasons_follow_the_language(phones):
    path = f"/api/v1/products/{phones['nova'].pk}/similar/"
    english, chinese = (Client(headers={"Accept-Language": code}).get(path) for code in ("en", "zh-hans"))
    assert (english["Content-Language"], chinese["Content-Language"]) == ("en", "zh-hans")
    assert english["ETag"] == chinese["ETag"] or english.json()["results"] != chinese.json()["results"]


def test_names_in_any_script_come_back_unharmed(client, db):
    product = make_product("手机 “Ünïcode” 📱 <b>", picture=False)
    answer = get(client, f"products/{product.pk}/")
    assert answer.json()["title"] == "手机 “Ünïcode” 📱 <b>"
    assert json.loads(answer.content)["title"] == product.title


def test_the_id_of_a_list_is_new_each_time(client, phones):
    path = f"products/{phones['nova'].pk}/similar/"
    assert get(client, path).json()["recommendation_id"] != get(client, path).json()["recommendation_id"]


def test_an_empty_parameter_is_as_good_as_none(client, plain):
    assert get(client, "products/", page_size="", cursor="").json() == get(client, "products/").json()
