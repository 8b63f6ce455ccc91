"""A training whose files do not fit: the kernel refuses to let them grow, in a process of its own."""

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from recommender.models import Job, Snapshot
from recommender.services import embedding, serving, training
from tests.outliving.test_models import overview, visit
from tests.shop import make_product

pytestmark = [pytest.mark.realservices, pytest.mark.django_db(transaction=True)]

ROOT = Path(__file__).resolve().parents[2]
LIMIT_BYTES = 4096


def grow_no_file():
    resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT_BYTES, LIMIT_BYTES))


def test_the_last_snapshot_stays_and_serves_and_the_next_training_cleans_up(worker_environment):
    shop = [make_product(f"nova{n}", colour=(40 * (n % 6), 8 * n, 200 - 5 * n)) for n in range(24)]
    embedding.embed([product.pk for product in shop])
    before = training.train()
    late = make_product("late", colour="green")
    embedding.embed([late.pk])
    command = [sys.executable, "-B", "manage.py", "recommender_train"]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env=os.environ | worker_environment,
        preexec_fn=grow_no_file,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode != 0
    assert "File too large" in done.stderr
    assert Snapshot.objects.get() == before
    assert Job.objects.first().state == Job.State.FAILED
    assert "File too large" in overview()
    serving.reset()
    visit(shop[0])
    assert serving.current().snapshot == before
    after = training.train()
    serving.reset()
    assert serving.current().snapshot == after
    assert "cannot be served" not in overview()
    visit(late)
