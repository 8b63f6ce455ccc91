"""Search by photo over REST: the product first, filters by query id, and everything that may be wrong."""

import io
import threading
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from recommender.exceptions import SearchBusyError
from recommender.services import training
from recommender.services.searching import photos
from tests.api.conftest import assert_problem
from tests.imaging.pictures import png_bomb
from tests.shop import phone_picture

pytestmark = pytest.mark.django_db

ADDRESS = "/api/v1/visual-search/"


def upload(data=None, name="photo.png", **fields):
    return {"photo": SimpleUploadedFile(name, data if data is not None else phone_picture("blue")), **fields}


def send(client, *args, **fields):
    return client.post(ADDRESS, upload(*args, **fields))


def titles(answer):
    assert answer.status_code == 200, answer.content
    return [item["title"] for item in answer.json()["results"]]


def test_the_product_in_the_photo_comes_first(client, phones):
    answer = send(client)
    body = answer.json()
    assert titles(answer)[0] == "azur"
    assert body["verdict"] == "exact"
    assert body["recognised"]["id"] == str(phones["azur"].pk)
    first = body["results"][0]
    assert (first["exact"], first["reason"]) == (True, "The one in your photo")
    assert [item["exact"] for item in body["results"][1:]] == [False] * 3
    assert answer["Cache-Control"] == "private, no-store"


def test_the_query_id_spares_the_picture(client, phones):
    query = send(client).json()["query"]
    assert titles(client.get(ADDRESS, {"query": query})) == titles(client.post(ADDRESS, {"query": query}))
    assert titles(client.get(ADDRESS, {"query": query, "color": "green"})) == ["leaf"]
    assert set(titles(client.get(ADDRESS, {"query": query, "color": ["green", "red"]}))) == {"leaf", "nova", "ruby"}


def test_filters_go_along_with_the_picture(client, make):
    cheap, dear = make("cheap", price="99.00"), make("dear", price="499.00")
    assert titles(send(client, price_max="100")) == [cheap.title]
    assert titles(send(client, price_min="100")) == [dear.title]
    assert titles(send(client, brand="Orbis", price_min="100")) == [dear.title]


def test_pages_lead_through_all_products_once(client, make):
    made = [make(f"phone-{i}", colour=(10 * i, 40, 90)) for i in range(7)]
    answer = send(client, k=3)
    seen = titles(answer)
    while (following := answer.json()["next"]) is not None:
        answer = client.get(ADDRESS + "?" + urlsplit(following).query)
        assert parse_qs(urlsplit(following).query)["k"] == ["3"]
        seen += titles(answer)
    assert sorted(seen) == sorted(product.title for product in made)


def test_a_region_is_searched_with_alone(client, phones):
    both = Image.new("RGB", (640, 320), "white")
    for place, colour in enumerate(("blue", "green")):
        both.paste(Image.open(io.BytesIO(phone_picture(colour, size=320))), (320 * place, 0))
    file = io.BytesIO()
    both.save(file, "PNG")
    assert titles(send(client, file.getvalue(), region="0,0,0.5,1"))[0] == "azur"
    assert titles(send(client, file.getvalue(), region="0.5,0,0.5,1"))[0] == "leaf"


def test_what_is_sold_out_is_recognised_but_not_offered(client, phones):
    phones["azur"].stock = 0
    phones["azur"].save()
    body = send(client).json()
    assert body["recognised"]["title"] == "azur"
    assert body["recognised"]["available"] is False
    assert "azur" not in [item["title"] for item in body["results"]]


def test_nothing_like_it_is_said_openly(client, phones):
    snapshot = training.train()
    snapshot.metrics["photos"] = {"similar": 0.9, "exact": 0.99}
    snapshot.save()
    answer = send(client, phone_picture((120, 20, 120)))
    assert (answer.json()["verdict"], titles(answer), answer.json()["recognised"]) == ("nothing", [], None)
    query = answer.json()["query"]
    assert len(titles(client.get(ADDRESS, {"query": query, "anyway": "true"}))) == 4


def test_more_like_this_but_cheaper_or_in_another_colour(client, phones):
    body = send(client).json()
    kinds = {(item["kind"], tuple(item["filters"].items())) for item in body["refinements"]}
    assert ("cheaper", (("price_max", "198.99"),)) in kinds
    assert ("color", (("color", "green"),)) in kinds


@pytest.mark.parametrize(
    ("fields", "status", "code"),
    [
        ({}, 400, "no_picture"),
        ({"query": "forged"}, 400, "invalid_query"),
        ({"query": "gAAAA" + "A" * 200}, 400, "invalid_query"),
        ({"query": "é"}, 400, "invalid_query"),
        ({"query": "A" * 20_000}, 400, "invalid_query"),
    ],
)
def test_without_a_picture_or_a_query_id_of_ours(client, phones, fields, status, code):
    assert_problem(client.post(ADDRESS, fields), status, code)
    if fields:
        assert_problem(client.get(ADDRESS, fields), status, code)


def test_two_pictures_are_one_too_many(client, phones):
    twice = [SimpleUploadedFile("a.png", phone_picture()), SimpleUploadedFile("b.png", phone_picture())]
    assert_problem(client.post(ADDRESS, {"photo": twice}), 400, "two_pictures")
    assert_problem(client.post(ADDRESS, {"photo": upload()["photo"], "other": twice[0]}), 400, "two_pictures")


@pytest.mark.parametrize("region", ["0,0,2,1", "-0.5,0,1,1", "0,0,0,0", "a,b,c,d", "0,0,1", "nan,0,1,1", "0,0,0.01,1"])
def test_a_region_outside_the_picture(client, phones, region):
    assert_problem(send(client, region=region), 400, "invalid_region")


def test_a_region_needs_its_picture(client, phones):
    query = send(client).json()["query"]
    assert_problem(client.post(ADDRESS, {"query": query, "region": "0,0,0.5,1"}), 400, "invalid_region")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"nonsense": "1"}, "nonsense"),
        ({"price_max": "cheap"}, "price_max"),
        ({"price_max": "NaN"}, "price_max"),
        ({"price_max": "1e30"}, "price_max"),
        ({"storage": "many"}, "storage"),
        ({"brand": "x" * 101}, "brand"),
        ({"brand": "a\0b"}, "brand"),
    ],
)
def test_an_unknown_filter_is_named(client, phones, fields, field):
    answer = send(client, **fields)
    assert_problem(answer, 400, "invalid")
    assert [(error["field"], error["code"]) for error in answer.json()["errors"]] == [(field, "unknown_filter")]


def test_an_old_query_id_says_that_it_is_old(client, phones, monkeypatch):
    query = send(client).json()["query"]
    import time

    later = time.time() + timedelta(minutes=11).total_seconds()
    monkeypatch.setattr(time, "time", lambda: later)
    assert_problem(client.get(ADDRESS, {"query": query}), 400, "query_expired")


def test_a_query_id_says_nothing_to_its_bearer_and_cannot_be_changed(client, phones):
    query = send(client).json()["query"]
    changed = query[:-10] + ("A" if query[-10] != "A" else "B") + query[-9:]
    assert_problem(client.get(ADDRESS, {"query": changed}), 400, "invalid_query")
    assert len(query) < 4000  # fits an address


@pytest.mark.parametrize(
    ("data", "name", "status", "code"),
    [
        (b"", "photo.png", 400, "empty"),
        (b"hello", "photo.png", 415, "unsupported_format"),
        (b"GIF89a" + b"\0" * 40, "photo.gif", 415, "unsupported_format"),
        (phone_picture(), "photo.jpg", 400, "extension_mismatch"),
        (phone_picture()[:200], "photo.png", 400, "unreadable"),
        (png_bomb(60_000, 60_000), "photo.png", 413, "too_many_pixels"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * (10 * 1024 * 1024), "photo.png", 413, "too_large"),
    ],
)
def test_what_is_no_picture_is_refused_with_a_code(client, phones, data, name, status, code):
    assert_problem(client.post(ADDRESS, upload(data, name)), status, code)


def test_a_refusal_speaks_the_visitors_language(client, phones):
    answer = client.post(ADDRESS, headers={"Accept-Language": "zh-hans"})
    assert answer.json()["detail"] == "请先选择或拍摄一张图片。"


def test_what_is_too_large_is_not_read(client, phones):
    answer = client.post(ADDRESS, upload(b"\x89PNG\r\n\x1a\n" + b"\0" * (11 * 1024 * 1024)))
    assert_problem(answer, 413, "too_large")


def test_the_picture_never_touches_the_disk(client, phones, settings, monkeypatch):
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 10
    monkeypatch.setattr(
        "django.core.files.uploadhandler.TemporaryUploadedFile", lambda *a, **k: pytest.fail("a temporary file")
    )
    monkeypatch.setattr("tempfile.NamedTemporaryFile", lambda *a, **k: pytest.fail("a temporary file"))
    assert titles(send(client))[0] == "azur"


def test_past_its_places_the_search_says_when_to_come_back(client, phones, settings):
    settings.RECOMMENDER = settings.RECOMMENDER | {"PHOTO_CONCURRENCY": 1, "PHOTO_WAIT_SECONDS": 0.0}
    inside, leave = threading.Event(), threading.Event()

    def occupy():
        with photos._slot():
            inside.set()
            leave.wait(10)

    other = threading.Thread(target=occupy)
    other.start()
    assert inside.wait(10)
    try:
        answer = send(client)
        assert_problem(answer, 503, "busy")
        assert answer["Retry-After"] == str(SearchBusyError.wait_seconds)
    finally:
        leave.set()
        other.join()
    assert titles(send(client))[0] == "azur"


def test_it_works_before_the_first_training_and_after(client, phones):
    before = titles(send(client))
    training.train()
    assert titles(send(client)) == before


def test_a_fresh_product_is_found_at_once(client, phones, make):
    training.train()
    make("violet", colour=(120, 20, 160))
    assert titles(send(client, phone_picture((120, 20, 160))))[0] == "violet"


def test_json_is_answered_415(client, phones):
    assert_problem(client.post(ADDRESS, {"query": "x"}, content_type="application/json"), 415, "unsupported_media_type")
