"""What happens between the shop and its workers, with nothing in between replaced."""

import os
import signal
import time

import pytest
from django.db import transaction

from catalog.models import Product
from recommender import tasks
from recommender.models import ImageEmbedding, Job, Snapshot
from recommender.services import recommending, training, versioning
from tests.eyes import COARSE
from tests.shop import add_picture, make_product, phone_picture

pytestmark = [pytest.mark.realservices, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("by_celery")]


def _ready():
    return ImageEmbedding.objects.filter(status=ImageEmbedding.Status.READY)


def test_a_saved_picture_is_embedded_by_a_worker(worker, waiting):
    product = make_product("nova")
    waiting(lambda: _ready().filter(product=product).exists(), worker.last_words)
    assert len(_ready().get().vector) % 4 == 0


def test_nothing_is_sent_before_the_commit_and_nothing_after_a_rollback(broker):
    with pytest.raises(RuntimeError), transaction.atomic():
        make_product("nova")
        assert broker.llen("vision") == 0
        raise RuntimeError
    assert broker.llen("vision") == 0
    make_product("ruby")
    assert broker.llen("vision") >= 1


def test_pictures_saved_while_no_worker_runs_are_embedded_when_one_comes(start_worker, waiting):
    for name in ("nova", "ruby", "azur"):
        make_product(name)
    assert _ready().count() == 0
    worker = start_worker("vision")
    waiting(lambda: _ready().count() == 3, worker.last_words)


def test_a_training_publishes_what_this_process_serves_next(worker, waiting):
    for name, colour in {"nova": "red", "ruby": "red", "azur": "blue"}.items():
        make_product(name, colour=colour)
    waiting(lambda: _ready().count() == 3, worker.last_words)
    tasks.train.delay()
    waiting(lambda: Snapshot.objects.filter(is_active=True).exists(), worker.last_words)
    waiting(lambda: Job.objects.get(kind=Job.Kind.TRAIN).state == Job.State.DONE, worker.last_words)
    shelf = recommending.similar(Product.objects.get(sku="nova"), k=1)
    assert [item.card.title for item in shelf.items] == ["ruby"]


def test_the_sweep_delivers_what_a_dead_broker_lost(broker, start_worker, waiting):
    make_product("nova")
    broker.flushall()  # the message is gone, the request in the database is not
    ImageEmbedding.objects.update(updated_at="2020-01-01T00:00:00Z", created_at="2020-01-01T00:00:00Z")
    worker = start_worker("vision,default")
    tasks.sweep.delay()
    waiting(lambda: _ready().count() == 1, lambda: worker.last_words(40))


def test_a_frozen_broker_costs_a_save_a_second_and_loses_nothing(broker):
    pid = broker.info("server")["process_id"]
    os.kill(pid, signal.SIGSTOP)
    try:
        make_product("ruby")  # the open connection times out; from here on each save has to reconnect
        start = time.monotonic()
        product = make_product("nova")
        took = time.monotonic() - start
    finally:
        os.kill(pid, signal.SIGCONT)
    assert took < 3
    assert ImageEmbedding.objects.filter(product=product, status=ImageEmbedding.Status.PENDING).exists()


def test_a_replaced_picture_is_embedded_again(worker, waiting):
    product = make_product("nova")
    waiting(lambda: _ready().count() == 1, worker.last_words)
    add_picture(product, phone_picture("blue"), position=1)
    waiting(lambda: _ready().filter(product=product).count() == 2, worker.last_words)


def test_the_sweep_does_not_pile_up_work_that_is_queued_already(broker):
    products = [make_product(name, picture=False) for name in ("nova", "ruby")]
    assert broker.llen("vision") == 2
    ImageEmbedding.objects.update(updated_at="2020-01-01T00:00:00Z")
    assert tasks.sweep() == 2
    assert broker.llen("vision") == 3
    for _ in range(70):
        tasks.embed_products.delay([products[0].pk])
    assert tasks.sweep() == 0
    assert broker.llen("vision") == 73
    broker.flushall()
    assert tasks.sweep() == 2


def test_workers_embed_for_a_candidate_after_all_that_is_for_the_live_encoder(broker, start_worker, waiting):
    for name in ("nova", "ruby"):
        make_product(name)
    version = versioning.prepare(COARSE).version
    tasks.sweep()
    before = broker.llen("vision")
    make_product("azur")
    assert broker.llen("vision") > before  # goes first, though it came last
    assert broker.llen("vision\x06\x169") > 1
    worker = start_worker("vision")
    waiting(lambda: not versioning.lacking(version), worker.last_words)
    assert _ready().filter(encoder_version=version).count() == 3
    assert _ready().exclude(encoder_version=version).count() == 3


def test_workers_prepare_a_candidate_to_its_snapshot_and_switch_nothing(worker, waiting):
    for name, colour in {"nova": "red", "ruby": "red", "azur": "blue"}.items():
        make_product(name, colour=colour)
    waiting(lambda: _ready().count() == 3, worker.last_words)
    live = training.train()
    version = versioning.prepare(COARSE).version
    assert tasks.dispatch_preparation(version)
    waiting(lambda: Snapshot.objects.filter(encoder_version=version).exists(), worker.last_words)
    assert versioning.lacking(version) == 0
    assert Snapshot.objects.get(is_active=True) == live
