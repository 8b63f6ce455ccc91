"""A process that was warmed has nothing left to open."""

import logging

import pytest

from recommender.engines.semantic import Backbone
from recommender.services import recommending, serving, training
from recommender.services.engines import get_encoder
from recommender.services.warming import warm
from recommender.storage import snapshots
from tests.shop import make_product

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    products = [
        make_product(f"phone-{number}", colour=colour) for number, colour in enumerate(("red", "blue", "green"))
    ]
    training.train()
    serving.reset()
    return products


def test_a_warmed_process_reads_no_snapshot_for_its_first_visitor(shop, monkeypatch):
    warm()
    view = serving.current()
    assert "index" in vars(view)
    assert "popular" in vars(view)
    monkeypatch.setattr(snapshots, "read", None)  # would fail if called
    assert recommending.similar(shop[0], k=2).items


def test_it_starts_without_a_snapshot_and_with_a_broken_one(shop, caplog):
    row = snapshots.active()
    row.files = {name: "nowhere/" + path for name, path in row.files.items()}
    row.save()
    with caplog.at_level(logging.CRITICAL):
        warm()
    assert serving.current().snapshot is None


def test_a_network_that_is_not_there_is_not_built(tmp_path, monkeypatch):
    monkeypatch.setattr(Backbone, "__call__", None)  # would fail if called
    Backbone(tmp_path / "nothing.tflite").warm()


def test_an_encoder_without_a_network_has_nothing_to_load():
    assert get_encoder().warm() is None
