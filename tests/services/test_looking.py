"""Pictures looked at in groups: what is stored when, and who is blamed when a process dies."""

import threading

import numpy as np
import pytest
from django.db import connection

from recommender.core.types import Block
from recommender.engines.base import Encoder
from recommender.exceptions import EngineUnavailableError
from recommender.models import ImageEmbedding
from recommender.services import embedding
from tests.shop import COLOURS, add_picture, make_product, phone_picture

pytestmark = pytest.mark.django_db(transaction=True)

Status = ImageEmbedding.Status


class Died(BaseException):
    """Stands for the end of the process: nothing that catches errors sees it."""


class FragileEncoder(Encoder):
    """The middle pixel's colour as a vector. `accident` is called with each batch of such colours."""

    accident = None
    batches: list[list[tuple[int, ...]]] = []

    version = "fragile"
    blocks = (Block("colour", 0, 3, 1.0),)

    def encode(self, pictures):
        colours = [tuple(int(v) for v in p.pixels[p.pixels.shape[0] // 2, p.pixels.shape[1] // 2]) for p in pictures]
        self.batches.append(colours)
        if type(self).accident is not None:
            type(self).accident(colours)
        vectors = np.asarray(colours, np.float32) + 1
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture
def shop(settings):
    """Four products that wait for the fragile encoder."""
    products = [make_product(name, colour=name) for name in ("red", "blue", "green", "gold")]
    ImageEmbedding.objects.all().delete()
    path = f"{__name__}.FragileEncoder"
    settings.RECOMMENDER = settings.RECOMMENDER | {"ENCODER": {"BACKEND": path, "OPTIONS": {}}}
    FragileEncoder.accident, FragileEncoder.batches = None, []
    keys = [product.pk for product in products]
    embedding.request(keys)
    yield keys
    FragileEncoder.accident = None


def states():
    rows = ImageEmbedding.objects.order_by("product_id").values_list("product__sku", "status", "attempts")
    return {sku: (status, attempts) for sku, status, attempts in rows}


def die_at(colour):
    def accident(colours):
        if COLOURS[colour] in colours:
            raise Died

    return accident


def embed_until_it_lives(keys):
    """As a worker's redelivered task: again and again until the process comes through. Returns the number of deaths."""
    for deaths in range(20):
        try:
            embedding.embed(keys)
        except Died:
            continue
        return deaths
    pytest.fail("It dies for ever.")


def test_a_batch_is_one_call_of_the_encoder(shop):
    report = embedding.embed(shop)
    assert report.embedded == 4
    assert [len(batch) for batch in FragileEncoder.batches] == [4]


def test_pictures_are_decoded_while_the_group_before_them_is_encoded(shop, settings):
    settings.RECOMMENDER = settings.RECOMMENDER | {"EMBED_BATCH": 1}
    attempted = []
    FragileEncoder.accident = lambda _: attempted.append(ImageEmbedding.objects.filter(attempts=1).count())
    embedding.embed(shop)
    assert attempted == [2, 3, 4, 4], "the next picture has begun, and never more than that"
    assert set(states().values()) == {(Status.READY, 1)}


def test_a_picture_that_kills_runs_three_times_and_takes_nobody_with_it(shop):
    FragileEncoder.accident = die_at("green")
    assert embed_until_it_lives(shop) == 3
    assert {sku: status for sku, (status, _) in states().items()} == {
        "red": Status.READY,
        "blue": Status.READY,
        "green": Status.FAILED,
        "gold": Status.READY,
    }
    assert "died" in ImageEmbedding.objects.get(product__sku="green").error
    assert sum(COLOURS["green"] in batch for batch in FragileEncoder.batches) == 3


def test_two_that_kill_are_both_found(shop):
    def accident(colours):
        die_at("red")(colours)
        die_at("gold")(colours)

    FragileEncoder.accident = accident
    assert embed_until_it_lives(shop) <= 5
    assert [status for status, _ in states().values()] == [Status.FAILED, Status.READY, Status.READY, Status.FAILED]


def test_an_encoder_that_fails_at_one_picture_is_asked_for_the_others_alone(shop):
    def accident(colours):
        if COLOURS["blue"] in colours:
            raise ValueError("too blue")

    FragileEncoder.accident = accident
    report = embedding.embed(shop)
    assert (report.embedded, report.failed) == (3, 1)
    assert ImageEmbedding.objects.get(product__sku="blue").error == "The encoder failed: ValueError: too blue"


def test_an_encoder_that_is_not_there_costs_no_attempt(shop, settings):
    settings.RECOMMENDER = settings.RECOMMENDER | {"EMBED_BATCH": 2}

    def accident(colours):
        raise EngineUnavailableError

    FragileEncoder.accident = accident
    for _ in range(5):
        with pytest.raises(EngineUnavailableError):
            embedding.embed(shop)
    assert set(states().values()) == {(Status.PENDING, 0)}
    FragileEncoder.accident = None
    assert embedding.embed(shop).embedded == 4


def test_a_request_that_comes_while_a_picture_is_encoded_is_not_forgotten(shop):
    FragileEncoder.accident = lambda _: embedding.request(shop[:1])
    assert embedding.embed(shop).embedded == 4
    assert states()["red"] == (Status.PENDING, 0)
    FragileEncoder.accident = None
    embedding.embed(shop)
    assert states()["red"] == (Status.READY, 1)


def test_a_picture_added_while_the_others_are_encoded_waits(shop, settings):
    settings.RECOMMENDER = settings.RECOMMENDER | {"TASKS": "celery"}
    product = ImageEmbedding.objects.order_by("pk").first().product
    accidents = iter([lambda: add_picture(product, phone_picture("black"), position=1)])
    FragileEncoder.accident = lambda _: next(accidents, lambda: None)()
    embedding.embed(shop)
    assert ImageEmbedding.objects.filter(product=product, status=Status.PENDING).exists()


def test_two_workers_at_the_same_products_leave_each_vector_once(shop):
    barrier = threading.Barrier(2, timeout=10)
    met = []

    def accident(_):
        if len(met) < 2:
            met.append(1)
            barrier.wait()

    FragileEncoder.accident = accident

    def work():
        embedding.embed(shop)
        connection.close()

    other = threading.Thread(target=work)
    other.start()
    embedding.embed(shop)
    other.join()
    embedding.embed(shop)
    rows = ImageEmbedding.objects.filter(encoder_version="fragile")
    assert rows.count() == rows.filter(status=Status.READY).count() == 4
