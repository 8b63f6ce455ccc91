"""The page of search by photo: what it shows, what it refuses and how, in both languages."""

import os
import re
import time
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from recommender.models import Snapshot
from recommender.services import embedding, serving, training
from recommender.services.searching import photos
from tests.imaging.pictures import png_bomb
from tests.shop import LIGHT, make_product, phone_picture

pytestmark = pytest.mark.django_db

ADDRESS = "/search-by-photo/"


@pytest.fixture(autouse=True)
def shop(db, settings, tmp_path):
    settings.RECOMMENDER = settings.RECOMMENDER | {"ENCODER": LIGHT, "CACHE_DIR": tmp_path / "cache", "POLL_SECONDS": 0}
    settings.MEDIA_ROOT = tmp_path / "media"
    serving.reset()
    made = {colour: make_product(f"Nova {colour}", colour=colour, family=colour) for colour in ("red", "blue", "green")}
    embedding.embed([product.pk for product in made.values()])
    training.train()
    yield made
    serving.reset()


def send(client, data=None, name="photo.png", **fields):
    photo = SimpleUploadedFile(name, phone_picture("blue") if data is None else data)
    return client.post(ADDRESS, {"photo": photo, **fields})


def shown(answer):
    """The products on the page, in order."""
    return re.findall(r'class="tile__link" href="/products/(\d+)/', answer.content.decode())


def query_of(answer):
    return re.search(r'name="query" value="([^"]+)"', answer.content.decode())[1]


def test_the_form_says_that_the_photo_is_not_kept(client):
    page = client.get(ADDRESS).content.decode()
    assert "Your photo is not kept" in page
    assert "at most 10 MB" in page
    assert page.count('type="file"') == 2


def test_every_page_leads_there(client):
    assert f'href="{ADDRESS}"' in client.get("/").content.decode()


def test_the_phone_in_the_photo_comes_first(client, shop):
    answer = send(client)
    assert shown(answer)[0] == str(shop["blue"].pk)
    assert "This is the Nova blue" in answer.content.decode()
    assert "no-store" in answer["Cache-Control"]


def test_filters_need_no_picture(client, shop):
    query = query_of(send(client))
    assert shown(client.post(ADDRESS, {"query": query, "color": "red"})) == [str(shop["red"].pk)]
    none = client.post(ADDRESS, {"query": query, "price_max": "1"})
    assert shown(none) == []
    assert "Take some back." in none.content.decode()


def test_what_is_sold_out_is_named_and_not_offered(client, shop):
    shop["blue"].stock = 0
    shop["blue"].save()
    page = send(client)
    assert str(shop["blue"].pk) not in shown(page)
    assert "sold out right now. These come closest." in page.content.decode()


def test_nothing_like_it_offers_the_nearest(client):
    Snapshot.objects.update(metrics={"photos": {"similar": 0.99, "exact": 0.999}})
    serving.reset()
    answer = send(client, phone_picture((150, 40, 200)))
    assert "Nothing like this here." in answer.content.decode()
    assert shown(answer) == []
    assert len(shown(client.post(ADDRESS, {"query": query_of(answer), "anyway": "1"}))) == 3


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({}, "Choose a picture first, or take one."),
        ({"query": "forged"}, "This search is not one of ours."),
    ],
)
def test_without_a_picture_the_page_says_what_to_do(client, fields, words):
    answer = client.post(ADDRESS, fields)
    assert answer.status_code == 400
    assert f'role="alert">{words}' in answer.content.decode()


@pytest.mark.parametrize(
    ("data", "name", "words"),
    [
        (b"", "photo.png", "The file is empty."),
        (b"GIF89a" + b"\0" * 40, "photo.gif", "The file is no JPEG, PNG or WebP."),
        (phone_picture()[:200], "photo.png", "The picture is damaged."),
        (png_bomb(60_000, 60_000), "photo.png", "more than 40 million pixels"),
    ],
)
def test_a_refused_picture_says_why(client, data, name, words):
    answer = send(client, data, name)
    assert answer.status_code == 400
    assert words in answer.content.decode()


def test_what_is_too_large_is_refused_unread(client):
    answer = send(client, b"\x89PNG\r\n\x1a\n" + b"\0" * (11 * 1024 * 1024))
    assert answer.status_code == 413
    assert "more than 10 MB" in answer.content.decode()


def test_two_pictures_a_wrong_region_and_a_wrong_price(client):
    both = [SimpleUploadedFile("a.png", phone_picture()), SimpleUploadedFile("b.png", phone_picture())]
    assert "Send one picture" in client.post(ADDRESS, {"photo": both}).content.decode()
    assert "outside the picture" in send(client, region="2,2,1,1").content.decode()
    answer = send(client, price_max="cheap")
    assert (answer.status_code, "A price is a number" in answer.content.decode()) == (400, True)
    assert send(client, page="last").status_code == 200


@pytest.mark.parametrize("fields", [{"storage": "many"}, {"brand": "a\0b"}, {"color": "x" * 101}, {"price_max": "NaN"}])
def test_a_filter_that_cannot_be_is_refused(client, fields):
    answer = send(client, **fields)
    assert answer.status_code == 400
    assert 'role="alert"' in answer.content.decode()


def test_an_old_search_asks_for_the_picture_again(client, monkeypatch):
    query = query_of(send(client))
    later = time.time() + 11 * 60
    monkeypatch.setattr(time, "time", lambda: later)
    answer = client.post(ADDRESS, {"query": query})
    assert answer.status_code == 400
    assert 'role="alert"' in answer.content.decode()
    assert "again" in answer.content.decode()


def test_past_its_places_the_page_says_when_to_come_back(client, settings):
    settings.RECOMMENDER = settings.RECOMMENDER | {"PHOTO_CONCURRENCY": 1, "PHOTO_WAIT_SECONDS": 0.0}
    with photos._slot():
        answer = send(client)
    assert (answer.status_code, answer["Retry-After"]) == (503, "2")
    assert "Many photos are being looked at" in answer.content.decode()


def test_a_search_that_is_not_ready_is_no_fault_of_the_visitors(client, shop):
    Snapshot.objects.update(encoder_version="another")
    serving.reset()
    answer = send(client)
    assert (answer.status_code, answer["Retry-After"]) == (503, "2")
    assert "not ready yet" in answer.content.decode()


def test_the_form_needs_its_token(shop):
    strict = Client(enforce_csrf_checks=True)
    assert send(strict).status_code == 403
    token = strict.get(ADDRESS).cookies["csrftoken"].value
    assert shown(send(strict, csrfmiddlewaretoken=token))[0] == str(shop["blue"].pk)


def test_results_are_complete_in_chinese(client):
    page = send(client).content.decode()
    chinese = client.post(
        ADDRESS,
        {"photo": SimpleUploadedFile("photo.png", phone_picture("blue"))},
        headers={"Accept-Language": "zh-hans"},
    ).content.decode()
    for words in ("Search by photo", "Your photo is not kept", "This is the", "Brand", "Apply", "In your photo"):
        assert words in page
        assert words not in chinese


@pytest.mark.data
def test_no_hostile_file_gets_through_or_costs_much(client):
    if "RECOMMENDER_DATA_DIR" not in os.environ:
        pytest.skip("RECOMMENDER_DATA_DIR is not set")
    folder = Path(os.environ["RECOMMENDER_DATA_DIR"]) / "hostile-images"
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    assert len(files) > 80
    for path in files:
        for address in (ADDRESS, "/api/v1/visual-search/"):
            started = time.thread_time()  # others use the machine too
            answer = client.post(address, {"photo": SimpleUploadedFile(path.name, path.read_bytes())})
            assert answer.status_code in {200, 400, 413, 415}, path.name
            assert time.thread_time() - started < 2, path.name
            if answer.status_code != 200 and address != ADDRESS:
                assert answer.json()["code"], path.name
