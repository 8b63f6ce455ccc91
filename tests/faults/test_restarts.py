"""New code under load: web processes and workers are replaced one after the other, and nobody notices."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from benchmarks.crowd import Crowd
from recommender.models import ImageEmbedding
from tests.faults import live
from tests.faults.sizes import sizes
from tests.faults.test_broker import HANG_SECONDS, MIX, assert_kept, caught_up
from tests.realservices.conftest import wait_for

pytestmark = pytest.mark.django_db(transaction=True)

SECONDS = 120.0


def processes(master):
    return {child.pid for child in psutil.Process(master).children()}


def replace_web(shop):
    """What `kill -HUP` does: the same master, new processes."""
    before = processes(shop.web.pid)
    os.kill(shop.web.pid, signal.SIGHUP)
    wait_for(lambda: not before & processes(shop.web.pid), shop.last_words, seconds=SECONDS)
    assert len(processes(shop.web.pid)) == 2


def replace_master(shop):
    """What `kill -USR2` does: a second master beside the first, which then ends."""
    before = psutil.Process(shop.web.pid)
    old = processes(before.pid)
    before.send_signal(signal.SIGUSR2)

    def successor():
        return [pid for pid in processes(before.pid) - old if psutil.pid_exists(pid) and len(processes(pid)) == 2]

    wait_for(successor, shop.last_words, seconds=SECONDS)
    (after,) = successor()
    wait_for(lambda: shop.web.log.read_text().count("Booting worker") >= 4, shop.last_words, seconds=SECONDS)
    before.send_signal(signal.SIGTERM)
    wait_for(lambda: not shop.web.is_running(), shop.last_words, seconds=SECONDS)
    assert len(processes(after)) == 2


def replace_worker(shop):
    """A new worker beside the old one, which finishes what it holds."""
    old = shop.workers[0]
    new = shop.worker(f"worker{len(shop.workers) + 1}")
    shop.workers.insert(0, new)
    new.start()
    shop.await_worker(new)
    old.ask_to_stop()
    wait_for(lambda: not old.is_running(), old.last_words, seconds=SECONDS)


@pytest.mark.parametrize("times", sizes(1, 3))
def test_web_and_worker_are_replaced_and_nobody_notices(shop, keys, times, tell):
    crowd = Crowd(live.places(shop.port, keys), MIX | {"look": 6}, patience_seconds=0.0)
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(crowd.run, visitors=6, seconds=900)
        try:
            for _ in range(times):
                replace_web(shop)
                replace_worker(shop)
            if times > 1:
                replace_master(shop)
            begun = crowd.done
            wait_for(lambda: crowd.done > begun + 20, shop.last_words, seconds=SECONDS)
        finally:
            crowd.stopped.set()
        kept = running.result()
    assert kept.faults() == [], shop.last_words()
    assert 503 not in kept.statuses()
    assert kept.refused == []
    assert kept.slowest() < HANG_SECONDS
    assert_kept(kept)
    wait_for(lambda: caught_up(kept), shop.last_words, seconds=SECONDS)
    assert not ImageEmbedding.objects.filter(status=ImageEmbedding.Status.FAILED).exists()
    tell(f"{times} rolling restarts of web and worker: statuses {kept.statuses()}, slowest {kept.slowest():.1f} s")
