"""Connections cut while people buy, report and upload, and while a training reads, learns and publishes."""

import random
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from benchmarks.crowd import EVENTS_A_BATCH, Crowd
from recommender.models import Job, Snapshot
from recommender.services import publishing
from tests.faults import live
from tests.faults.sizes import sizes
from tests.faults.test_broker import HANG_SECONDS, MIX, assert_kept
from tests.realservices.conftest import wait_for

pytestmark = pytest.mark.django_db(transaction=True)

CUT = """
    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
"""
TRAIN_SECONDS = 120.0


def cut_all():
    """End everybody's connection but our own; how many there were."""
    with connection.cursor() as cursor:
        cursor.execute(CUT)
        return cursor.fetchone()[0]


def jobs(**which):
    """The trainings, all or of some state."""
    return Job.objects.filter(kind=Job.Kind.TRAIN, **which)


def assert_whole():
    """One snapshot is served, and all of it can be read."""
    assert publishing.load(Snapshot.objects.get(is_active=True)).ids.size >= 8


@pytest.mark.parametrize("cuts", sizes(4, 20))
def test_a_database_that_blinks_loses_doubles_and_halves_nothing(shop, keys, cuts, tell):
    rng = random.Random(cuts)
    crowd = Crowd(live.places(shop.port, keys), MIX | {"look": 4})
    cut = 0
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(crowd.run, visitors=4, seconds=900)
        try:
            for _ in range(cuts):
                begun = jobs().count()
                shop.call("recommender.tasks.train")
                wait_for(lambda begun=begun: jobs().count() > begun, shop.last_words, seconds=TRAIN_SECONDS)
                time.sleep(rng.uniform(0, 0.4))
                cut += cut_all()
                assert_whole()
            wait_for(lambda: not jobs(state=Job.State.RUNNING).exists(), shop.last_words, seconds=TRAIN_SECONDS)
        finally:
            crowd.stopped.set()
        kept = running.result()
    assert kept.faults() == [], shop.last_words()
    assert not [one for one in kept.answers if one.status == 503 and one.what == "look"], "who only looks sees nothing"
    assert kept.refused == []
    assert kept.slowest() < HANG_SECONDS
    assert_kept(kept)
    done = jobs(state=Job.State.DONE).count()
    shop.call("recommender.tasks.train")
    wait_for(lambda: jobs(state=Job.State.DONE).count() > done, shop.last_words, seconds=TRAIN_SECONDS)
    assert_whole()
    failed = jobs(state=Job.State.FAILED).count()
    tell(
        f"database: {cuts} blinks cut {cut} connections and {failed} trainings; {len(kept.orders)} orders, "
        f"{len(kept.events) // EVENTS_A_BATCH} batches, {len(kept.uploads)} uploads; statuses {kept.statuses()}"
    )
