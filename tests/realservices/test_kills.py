"""Kills while pictures are embedded, in short; `tests/faults/test_workers.py` is the long form."""

from datetime import timedelta

import pytest

from recommender.models import ImageEmbedding
from recommender.services import embedding
from tests.faults import storm

pytestmark = [pytest.mark.realservices, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("by_celery")]


@pytest.fixture
def worker_environment(worker_environment, storm_environment):
    return worker_environment | storm_environment("SlowEncoder", attempts=20)


def test_killed_children_and_workers_lose_and_double_nothing(start_worker, monkeypatch):
    monkeypatch.setattr(embedding, "SWEEP_AFTER", timedelta(seconds=2))
    keys = storm.products_with_pictures(60)
    done = storm.rage(start_worker, keys, children=4, workers=1, seconds=120)
    assert (done.children, done.workers) == (4, 1)
    assert storm.states(keys) == [(key, ImageEmbedding.Status.READY) for key in keys]
