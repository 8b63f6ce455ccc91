"""A broker that is closed, frozen or flushed while people buy, report and upload: nobody notices, nothing is lost."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import redis
from django.utils import timezone

from benchmarks.crowd import EVENTS_A_BATCH, Crowd
from catalog.models import Order, Product
from recommender import tasks
from recommender.models import ImageEmbedding, Interaction
from tests.faults import live, storm
from tests.faults.sizes import sizes
from tests.realservices.conftest import wait_for

pytestmark = pytest.mark.django_db(transaction=True)

MIX = {"report": 4, "buy": 3, "upload": 3}
EACH = {"report": 1, "buy": EVENTS_A_BATCH, "upload": EVENTS_A_BATCH}
"""About as many purchases and uploads as events."""

ACTIONS_FOR_EACH = 2.5
"""More than the 2.2 that it takes when chance is even."""

HANG_SECONDS = 30.0
CATCH_UP_SECONDS = 600.0
Status = ImageEmbedding.Status


def close(shop):
    """No broker at all, then one that comes back."""
    shop.broker.stop()
    yield
    shop.broker.start()


def freeze(shop):
    """One that takes connections and says nothing."""
    os.kill(shop.broker.child.pid, signal.SIGSTOP)
    yield
    os.kill(shop.broker.child.pid, signal.SIGCONT)


def flush(shop):
    """One that forgets everything, again and again."""
    with redis.from_url(shop.broker.url) as client:
        client.flushall()
    yield


def harass(shop, fault, crowd, actions):
    """The fault during the second and the fourth fifth of what the crowd does, a flush more often."""
    beginnings = [actions // 5, 3 * actions // 5] if fault is not flush else [n * actions // 12 for n in range(1, 12)]
    for begins in beginnings:
        wait_for(lambda begins=begins: crowd.done >= begins, shop.last_words, seconds=600)
        trouble = fault(shop)
        next(trouble)
        wait_for(lambda begins=begins: crowd.done >= begins + actions // 12, shop.last_words, seconds=600)
        for _ in trouble:
            pass


def assert_kept(kept):
    """Everything that the shop said yes to is in the database, once."""
    found = Interaction.objects.filter(kind="view", client_id__in=kept.events)
    assert found.count() == len(set(kept.events)) == len(kept.events)
    assert set(Order.objects.values_list("reference", flat=True)) == set(kept.orders)
    bought = Interaction.objects.filter(kind="purchase").values_list("order_id", flat=True)
    assert sorted(bought) == sorted(kept.orders)
    assert set(Product.objects.filter(sku__startswith="upload-").values_list("sku", flat=True)) == set(kept.uploads)


def caught_up(kept):
    """Whether every uploaded picture has its vector; what was lost on the way is old enough for the sweep."""
    rows = ImageEmbedding.objects.filter(product__sku__startswith="upload-")
    rows.filter(status=Status.PENDING).update(updated_at=timezone.now() - timedelta(minutes=2))
    return rows.filter(status=Status.READY).count() == len(kept.uploads)


@pytest.mark.parametrize("each", sizes(20, 1000))
@pytest.mark.parametrize("fault", [close, freeze, flush])
def test_nobody_notices_and_the_sweep_catches_up(shop, keys, fault, each, tell):
    actions = int(each * ACTIONS_FOR_EACH)
    crowd = Crowd(live.places(shop.port, keys), EACH)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(crowd.run, visitors=6, actions=actions)
        harass(shop, fault, crowd, actions)
        kept = running.result()
    assert kept.faults() == [], shop.last_words()
    assert 503 not in kept.statuses()
    assert kept.refused == []
    assert kept.slowest() < HANG_SECONDS
    assert len(kept.events) // EVENTS_A_BATCH + len(kept.orders) + len(kept.uploads) == actions
    assert min(len(kept.events), len(kept.orders), len(kept.uploads)) >= each
    assert_kept(kept)
    wait_for(lambda: caught_up(kept), shop.last_words, seconds=CATCH_UP_SECONDS)
    tell(
        f"broker {fault.__name__}: {len(kept.orders)} orders, {len(kept.events)} events, {len(kept.uploads)} uploads; "
        f"statuses {kept.statuses()}, slowest {kept.slowest():.1f} s"
    )


class TestFrozenWhenATaskIsDone:
    """The worker cannot tell the broker: that must not cost it its place for the next task."""

    @pytest.fixture
    def pid(self, broker):
        pid = broker.info("server")["process_id"]
        yield pid
        os.kill(pid, signal.SIGCONT)

    @pytest.fixture
    def worker_environment(self, worker_environment, storm_environment, pid):
        return worker_environment | storm_environment("FreezingEncoder") | {"BROKER_PID": str(pid)}

    @pytest.mark.faults_short
    @pytest.mark.usefixtures("by_celery")
    def test_the_worker_takes_the_next_one(self, start_worker, pid):
        keys = storm.products_with_pictures(3)
        worker = start_worker("vision")
        for seconds, key in enumerate(keys, start=1):
            tasks.embed_products.delay([key])
            embedded = ImageEmbedding.objects.filter(product=key, status=Status.READY)
            wait_for(embedded.exists, lambda: worker.last_words(40))
            time.sleep(seconds)  # of which half a one is more than the worker waits for the broker
            os.kill(pid, signal.SIGCONT)
        assert "Couldn't ack" in worker.log.read_text()
