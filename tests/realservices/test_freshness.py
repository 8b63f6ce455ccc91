"""A product that a manager saves stands in shelves and is found by its photo soon after, without a training."""

import sys
import time

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile

from catalog.models import Family, Product
from recommender.models import ImageEmbedding
from recommender.services import recommending, searching, training
from tests.shop import make_product, phone_picture

pytestmark = [pytest.mark.realservices, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("by_celery")]


def admin_form(family, picture):
    return {
        "title": "Late arrival",
        "sku": "late",
        "family": family.pk,
        "is_visible": "on",
        "price": "199.00",
        "stock": "3",
        "color": "red",
        "attributes": "{}",
        "images-TOTAL_FORMS": "1",
        "images-INITIAL_FORMS": "0",
        "images-MIN_NUM_FORMS": "0",
        "images-MAX_NUM_FORMS": "1000",
        "images-0-file": SimpleUploadedFile("late.png", picture, "image/png"),
        "images-0-position": "0",
    }


def test_a_product_saved_in_the_admin_stands_in_shelves_without_training(client, worker, waiting, capsys):
    seed = make_product("nova", colour="red")
    for name in ("azur", "ciel", "mare"):
        make_product(name, colour="blue")
    waiting(lambda: ImageEmbedding.objects.filter(status="ready").count() == 4, worker.last_words)
    training.train()
    family = Family.objects.create(key="late", name="Late", category="phone")
    client.force_login(get_user_model().objects.create_superuser("manager"))
    started = time.monotonic()
    answer = client.post("/admin/catalog/product/add/", admin_form(family, phone_picture("red", lens=2)))
    assert answer.status_code == 302, answer.content.decode()[:3000]
    late = Product.objects.get(sku="late")
    waiting(lambda: recommending.similar(seed, k=1).items[0].product == late, worker.last_words)
    with capsys.disabled():
        sys.stdout.write(f"\n  saved in the admin, in another shelf after {time.monotonic() - started:.2f} s\n")
    found = searching.search(searching.look(phone_picture("red", lens=2)))
    assert found.items[0].product == late  # and is what a photo of it finds
    assert late.title in client.get(seed.get_absolute_url()).content.decode()
