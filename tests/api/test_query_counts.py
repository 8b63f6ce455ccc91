"""As many queries for 30 products as for one. POLL_SECONDS is 0 here: each count includes one poll for news."""

import pytest
import yaml
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from recommender.api import rotation
from recommender.models import Placement
from recommender.services import embedding
from tests.api.conftest import event, send, token_of
from tests.api.test_schema import COMMITTED
from tests.shop import make_product, phone_picture

pytestmark = pytest.mark.django_db


@pytest.fixture(params=[2, 31], ids=["1 found", "30 found"])
def shop(request, db):
    made = [make_product(f"phone-{i}", colour=(i * 8, 40, 40)) for i in range(request.param)]
    embedding.embed([product.pk for product in made])
    return made


def counted(client, address, n):
    client.get(f"/api/v1/{address}")  # the first request of a process also reads the changes
    with CaptureQueriesContext(connection) as queries:
        answer = client.get(f"/api/v1/{address}")
    assert len(answer.json()["results"]) == n
    return len(queries)


def test_a_page_of_products_takes_two(client, shop):
    assert counted(client, "products/?page_size=48", len(shop)) == 2


def test_similar_products_take_one_for_product_and_cards_one_for_their_pictures_and_the_poll(client, shop):
    assert counted(client, f"products/{shop[0].pk}/similar/?k={len(shop) - 1}", len(shop) - 1) == 3


def test_recommendations_take_one_for_a_guest_s_events_two_for_the_cards_and_the_poll(guest, shop):
    send(guest, event(shop[0]))
    assert counted(guest, f"recommendations/?k={len(shop) - 1}", len(shop) - 1) == 4  # all but the one seen


def test_a_user_takes_one_more_for_the_token_and_one_for_the_visitor(client, shop, ada):
    send(client, event(shop[0]), headers=token_of(ada))
    client.defaults["HTTP_AUTHORIZATION"] = token_of(ada)["Authorization"]
    assert counted(client, f"recommendations/?k={len(shop) - 1}", len(shop) - 1) == 6


def test_a_placement_takes_as_many_as_the_list_that_it_shows(client, guest, shop):
    n = len(shop) - 1
    assert counted(client, f"placements/product-page/?product={shop[0].pk}&k={n}", n) == 3
    send(guest, event(shop[0]))
    assert counted(guest, f"placements/product-page/?product={shop[0].pk}&k={n}", n) == 4
    assert counted(guest, f"placements/home/?k={n}", n) == 4


def test_one_product_takes_two(client, shop, django_assert_num_queries):
    with django_assert_num_queries(2):
        client.get(f"/api/v1/products/{shop[0].pk}/")


def test_a_placement_takes_as_many_as_what_it_shows(client, shop):
    n = len(shop) - 1
    assert counted(client, f"placements/product-page/?product={shop[0].pk}&k={n}", n) == 3


@pytest.mark.parametrize("n", [1, 30])
def test_the_placements_take_the_poll_alone(client, db, n):
    Placement.objects.all().delete()
    for i in range(n):
        Placement.objects.create(slug=f"spot-{i}", strategies=["trending"])
    assert counted(client, "placements/", n) == 1


def test_what_is_trending_takes_two_for_the_cards_and_the_poll(client, shop):
    assert counted(client, f"recommendations/trending/?k={len(shop) - 1}", len(shop) - 1) == 3


def test_a_photo_seen_before_takes_four(client, shop):
    photo = SimpleUploadedFile("photo.png", phone_picture((8, 40, 40)))
    query = client.post("/api/v1/visual-search/", {"photo": photo}).json()["query"]
    n = len(shop) - 1
    assert counted(client, f"visual-search/?query={query}&k={n}&anyway=true", n) == 4


@pytest.mark.parametrize("n", [1, 30])
def test_what_is_stored_of_a_guest_takes_two(guest, make, n, django_assert_num_queries):
    nova = make("nova")
    send(guest, *(event(nova) for _ in range(n)))
    with django_assert_num_queries(2):
        assert len(guest.get("/api/v1/me/").json()["events"]) == n


@pytest.mark.parametrize("n", [1, 30])
def test_a_batch_takes_as_many_for_thirty_events_as_for_one(guest, make, n, django_assert_num_queries):
    nova = make("nova")
    send(guest, event(nova))
    with django_assert_num_queries(3):
        assert send(guest, *(event(nova) for _ in range(n))).json()["accepted"] == n


def test_a_signed_token_takes_no_more_than_the_other_kind(client, shop, ada):
    send(client, event(shop[0]), headers=token_of(ada))
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {rotation.issue(ada)['access']}"
    assert counted(client, f"recommendations/?k={len(shop) - 1}", len(shop) - 1) == 6


def test_every_list_that_the_api_has_is_counted_here():
    schema = yaml.safe_load(COMMITTED.read_text(encoding="utf-8"))
    shapes = schema["components"]["schemas"]
    lists = set()
    for address, methods in schema["paths"].items():
        answers = methods["get"]["responses"]["200"]["content"].values() if "get" in methods else ()
        for answer in answers:
            if "results" in shapes[answer["schema"]["$ref"].rsplit("/", 1)[1]]["properties"]:
                lists.add(address.removeprefix("/api/v1/"))
    assert lists == {
        "placements/",
        "placements/{slug}/",
        "products/",
        "products/{product_id}/similar/",
        "recommendations/",
        "recommendations/trending/",
        "visual-search/",
    }
