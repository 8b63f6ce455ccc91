"""An import that is killed in the middle, with workers embedding beside it, and run again."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from catalog.models import OrderLine, Product, ProductImage
from recommender.models import ImageEmbedding, ImportedProduct, Interaction, Job
from tests.folders import phone, write_interactions, write_products

pytestmark = [pytest.mark.realservices, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("by_celery")]

ROOT = Path(__file__).resolve().parents[2]
N = 400


@pytest.fixture
def folder(tmp_path):
    path = tmp_path / "set"
    colours = ("red", "blue", "green", "gold")
    write_products(
        path,
        [
            phone(
                f"p{i}", color=colours[i % 4], images=f"images/{colours[i % 4]}-{i % 12}.png", model=f"family-{i // 4}"
            )
            for i in range(N)
        ],
    )
    write_interactions(
        path,
        [
            (
                f"u{i % 30}",
                f"p{i % N}",
                ("view", "purchase")[i % 2],
                f"2026-05-01T12:{i % 60:02}:00Z",
                1,
                "9.99",
                f"o{i}",
            )
            for i in range(200)
        ],
    )
    return path


@pytest.fixture
def run_import(worker_environment, folder):
    """Starts the command in a process of its own."""
    processes = []

    def start():
        environment = {**os.environ, **worker_environment}
        command = [sys.executable, "-m", "tests.realservices.importing_by_celery", str(folder)]
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def test_a_killed_import_is_run_again_and_everything_is_there_once(run_import, start_worker, waiting):
    worker = start_worker("vision")
    first = run_import()
    waiting(lambda: ImportedProduct.objects.exists() or first.poll() is not None)
    first.send_signal(signal.SIGKILL)
    assert first.wait() == -signal.SIGKILL, first.communicate()[0]
    n_before = ImportedProduct.objects.count()
    assert 0 < n_before < N
    assert n_before == Product.objects.count() == ProductImage.objects.count()

    second = run_import()
    out = second.communicate(timeout=120)[0]
    assert second.returncode == 0, out + worker.last_words(20)
    assert f"Products: {N - n_before} added, 0 updated, {n_before} unchanged, 0 left out." in out
    assert f"Pictures: {N} embedded, 0 waiting, 0 failed." in out
    assert (Product.objects.count(), ProductImage.objects.count()) == (N, N)
    assert ImageEmbedding.objects.filter(status="ready").count() == ImageEmbedding.objects.count() == N
    assert (Interaction.objects.count(), OrderLine.objects.count()) == (200, 100)
    assert list(Job.objects.order_by("pk").values_list("kind", "state")) == [("import", "failed"), ("import", "done")]
