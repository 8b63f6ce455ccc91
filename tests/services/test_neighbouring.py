"""Lists of look-alikes are carried over from the last training, and come out as if made anew."""

import numpy as np
import pytest
from django.db import transaction
from numpy.testing import assert_allclose, assert_array_equal

from recommender.core import neighbours
from recommender.core.neighbours import visual_neighbours
from recommender.services import neighbouring, publishing, training
from tests.shop import make_product

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
@transaction.atomic  # then all pictures are embedded in one go
def shop():
    return [make_product(f"p{number}", corner=3 * number, lens=1 + number % 3) for number in range(12)]


def test_a_later_training_makes_only_new_lists(shop, monkeypatch):
    training.train()
    shop[5].delete()
    make_product("a new one", colour="blue")
    monkeypatch.setattr(neighbours, "visual_neighbours", lambda *_: pytest.fail("All lists were made anew."))
    lists = publishing.load(training.train()).catalogue
    anew = visual_neighbours(np.asarray(lists.vectors), lists.visual.rows.shape[1])
    assert_allclose(lists.visual.scores, anew.scores, atol=1e-6)
    assert_array_equal(lists.visual.rows >= 0, anew.rows >= 0)


def test_a_damaged_snapshot_costs_time_and_no_list(shop, caplog):
    snapshot = training.train()
    store = publishing.object_store()
    store.path(snapshot.files["visual.rows"]).write_bytes(b"damaged")
    store.storage.delete(store.name(snapshot.files["visual.rows"]))
    vectors = np.eye(3, dtype=np.float32)
    with caplog.at_level("CRITICAL"):
        lists = neighbouring.visual_lists(np.array([b"1", b"2", b"3"]), vectors, snapshot.encoder_version)
    assert_array_equal(lists.rows, visual_neighbours(vectors, lists.rows.shape[1]).rows)


def test_lists_of_another_encoder_are_not_taken_over(shop):
    training.train()
    vectors = np.eye(3, dtype=np.float32)
    lists = neighbouring.visual_lists(np.array([b"1", b"2", b"3"]), vectors, "another-1")
    assert_array_equal(lists.rows, visual_neighbours(vectors, lists.rows.shape[1]).rows)
