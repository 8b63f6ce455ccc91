"""Nothing before the commit: no task of an upload that was taken back, and none that looks before its row is there."""

import time
from io import BytesIO

import pytest
from django.contrib.auth import get_user_model
from django.db import transaction

from catalog import pictures
from catalog.models import Family, Product
from recommender.models import CatalogueChange, ImageEmbedding
from tests.realservices.test_freshness import admin_form
from tests.shop import phone_picture

pytestmark = [pytest.mark.realservices, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("by_celery")]

QUEUES = ("vision", "training", "default", "celery")


class TakenBackError(Exception):
    """What undoes a transaction."""


def upload(family, number, picture):
    product = Product.objects.create(sku=f"p{number}", title=f"Phone {number}", family=family, stock=1, price="9.00")
    pictures.attach(product, picture)
    return product


@pytest.mark.parametrize("n", [100, pytest.param(1000, marks=pytest.mark.faults)])
def test_uploads_that_are_taken_back_send_nothing(broker, n):
    family = Family.objects.create(key="f", name="F")
    picture = pictures.prepare(BytesIO(phone_picture()))
    for number in range(n):
        with pytest.raises(TakenBackError), transaction.atomic():
            upload(family, number, picture)
            raise TakenBackError
    assert {queue: broker.llen(queue) for queue in QUEUES} == dict.fromkeys(QUEUES, 0)
    assert not ImageEmbedding.objects.exists()
    assert not CatalogueChange.objects.exists()
    upload(family, n, picture)
    assert broker.llen("vision") >= 1, "and one that stays sends its task"


def test_a_form_that_is_refused_at_the_end_sends_nothing(broker, client):
    family = Family.objects.create(key="late", name="Late", category="phone")
    client.force_login(get_user_model().objects.create_superuser("manager"))
    form = admin_form(family, phone_picture()) | {"price": "no number"}
    assert client.post("/admin/catalog/product/add/", form).status_code == 200
    assert not Product.objects.exists()
    assert broker.llen("vision") == 0


def test_no_task_looks_for_a_row_before_its_commit(worker, waiting):
    family = Family.objects.create(key="f", name="F")
    picture = pictures.prepare(BytesIO(phone_picture()))
    for number in range(40):
        with transaction.atomic():
            upload(family, number, picture)
            time.sleep(0.02)  # a task sent too early would be there long before the row
    ready = ImageEmbedding.objects.filter(status=ImageEmbedding.Status.READY)
    waiting(lambda: ready.count() == 40, worker.last_words)
    assert not CatalogueChange.objects.filter(deleted=True).exists(), (
        "a task that finds no product takes it for deleted"
    )
    assert not ImageEmbedding.objects.exclude(attempts__lte=1).exists()
