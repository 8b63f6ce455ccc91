"""What embedding workers leave behind when they are killed: everything, once."""

import sys
from datetime import timedelta

import pytest

from recommender import tasks
from recommender.models import ImageEmbedding
from recommender.services import embedding
from tests.faults import storm
from tests.shop import make_product

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("by_celery")]

Status = ImageEmbedding.Status


@pytest.fixture(autouse=True)
def empty_broker(broker):
    broker.flushall()


class TestStorm:
    @pytest.fixture
    def worker_environment(self, worker_environment, storm_environment):
        # Thirty kills within two minutes may hit an innocent picture three times.
        return worker_environment | storm_environment("SlowEncoder", attempts=20)

    def test_500_tasks_and_30_kills_leave_every_vector_there_once(self, start_worker, monkeypatch, capsys):
        monkeypatch.setattr(embedding, "SWEEP_AFTER", timedelta(seconds=4))
        keys = storm.products_with_pictures(500)
        done = storm.rage(start_worker, keys, children=20, workers=10, seconds=400)
        with capsys.disabled():
            sys.stdout.write(
                f"\n  500 tasks, {done.children} children and {done.workers} workers killed: {done.seconds:.0f} s\n"
            )
        assert (done.children, done.workers) == (20, 10)
        assert storm.states(keys) == [(key, Status.READY) for key in keys]


class TestPoison:
    @pytest.fixture
    def worker_environment(self, worker_environment, storm_environment):
        return worker_environment | storm_environment("PoisonedEncoder")

    def test_a_picture_that_kills_its_process_runs_three_times_and_stops_nobody(
        self, start_worker, worker_environment, waiting, tmp_path
    ):
        sound = [make_product(f"sound-{i}", colour=("red", "blue")[i % 2], family="sound") for i in range(20)]
        poison = make_product("poison", colour="green")
        more = [make_product(f"more-{i}", colour="gold", family="more") for i in range(20)]
        worker = start_worker("vision")
        tasks.dispatch_embedding([product.pk for product in (*sound, poison, *more)])
        waiting(
            lambda: not ImageEmbedding.objects.filter(status=Status.PENDING).exists(), lambda: worker.last_words(40)
        )
        row = ImageEmbedding.objects.get(product=poison)
        assert (row.status, row.attempts, row.vector) == (Status.FAILED, 3, None)
        assert row.error == "The worker died each time it read this picture."
        assert len((tmp_path / "diary").read_text().splitlines()) == 3
        assert ImageEmbedding.objects.filter(status=Status.READY).count() == 40
