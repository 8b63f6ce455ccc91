"""The view that a process serves from: opened once, remembered until something changes."""

import gc
import weakref
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from django.db import connections

from recommender.core import hybrid
from recommender.core.types import Factors
from recommender.core.visitor_signals import history
from recommender.engines import factor_search
from recommender.models import ImageEmbedding
from recommender.services import publishing, serving, training
from recommender.services.warming import warm
from recommender.storage import changes
from tests.shop import make_product

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop():
    return [make_product(f"phone-{number}", colour="red", corner=5 * number) for number in range(4)]


def opened():
    try:
        return serving.current()
    finally:
        connections.close_all()


def test_the_first_requests_open_one_view_together(shop):
    training.train()
    serving.reset()
    with ThreadPoolExecutor(8) as pool:
        views = list(pool.map(lambda _: opened(), range(8)))
    assert all(view.snapshot == views[0].snapshot and view.sequence == views[0].sequence for view in views)
    assert views[0].catalogue.vectors is views[-1].catalogue.vectors


def test_an_answer_is_remembered_until_the_next_change(shop):
    training.train()
    view = serving.current()
    row = view.row(shop[0].pk)
    answer = view.similar(row)
    assert view.similar(row) is answer
    make_product("late", colour="red", corner=40)
    later = serving.current()
    assert later.row(shop[0].pk) == row
    assert later.similar(row).rows.size == answer.rows.size + 1


def test_many_factors_are_searched_and_the_candidates_are_those_of_comparing_each(shop, monkeypatch):
    monkeypatch.setattr(factor_search, "MIN_ROWS", 1)
    trained = publishing.load(training.train())
    items = np.random.default_rng(0).standard_normal((4, 3)).astype(np.float32)
    artefact = Factors(items, items.T @ items, 1.0)
    catalogue = replace(trained.catalogue, artefact=artefact, visual=None, collaborative=None)
    version = trained.snapshot.encoder_version
    publishing.activate(publishing.publish(trained.ids, catalogue, encoder_version=version, sequence=0, metrics={}))
    serving.reset()
    warm()
    make_product("late", colour="red", corner=40)
    served = serving.current().catalogue
    search = served.factor_search
    assert "_coded" in vars(search)  # made when the process started, and kept when a product came
    for row in range(4):
        past = history(np.array([row], np.int32), np.ones(1, np.float32))
        found = hybrid.visitor_candidates(served, past)
        expected = hybrid.visitor_candidates(replace(served, factor_search=None), past)
        np.testing.assert_array_equal(found, expected)
        assert row in found


def test_what_was_served_before_is_dropped_at_once(shop):
    training.train()
    view = serving.current()
    view.similar(view.row(shop[0].pk))
    view.beside(view.row(shop[0].pk), ())
    old = weakref.ref(view), weakref.ref(view.catalogue)
    del view
    gc.collect()
    gc.disable()
    try:
        training.train()
        serving.current()
        assert [one() for one in old] == [None, None]
    finally:
        gc.enable()


def test_groups_are_known_for_products_of_a_snapshot_and_for_those_that_came_later(shop):
    training.train()
    late = make_product("late", family="phone-0", colour="red", corner=40)
    view = serving.current()
    rows = np.array([view.row(product.pk) for product in (shop[0], shop[1], late)], np.int32)
    first, other, last = view.groups(rows).tolist()
    assert first == last
    assert first[0] != other[0]
    assert first[1:] == other[1:]


def test_a_changed_product_stays_in_shelves_until_the_snapshots_encoder_has_looked_at_it_again(shop):
    training.train()
    rows = ImageEmbedding.objects.filter(product=shop[0])
    rows.update(encoder_version="another-1")  # as where only another encoder has looked at it since
    changes.record([shop[0].pk])
    view = serving.current()
    assert view.row(shop[0].pk) not in view.gone
    assert view.row(shop[0].pk) in view.alive(view.lookalikes(view.row(shop[1].pk)))


@pytest.mark.parametrize("status", ["failed", "empty"])
def test_a_product_of_which_the_encoder_saw_nothing_leaves_shelves(shop, status):
    training.train()
    ImageEmbedding.objects.filter(product=shop[0]).update(status=status, vector=None)
    changes.record([shop[0].pk])
    view = serving.current()
    assert view.gone.tolist() == [view.row(shop[0].pk)]
