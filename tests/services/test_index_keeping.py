"""A snapshot's vector index: which one, carried over, switched, lost and told of."""

import logging
import threading

import numpy as np
import pytest
from django.db import connection, transaction

from recommender.core.vectors import unit_rows
from recommender.models import Snapshot
from recommender.services import index_keeping, publishing, serving, training
from recommender.services.diagnosing import diagnose, gather
from recommender.storage import snapshots
from tests.shop import make_product

HNSW = index_keeping.HNSW
POSTGRES = {"BACKEND": "recommender.engines.postgres.PgvectorIndex", "OPTIONS": {}}
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
@transaction.atomic  # then all pictures are embedded in one go
def shop():
    return [make_product(f"p{number}", corner=3 * number, lens=1 + number % 3) for number in range(12)]


def choose(settings, **values):
    settings.RECOMMENDER = settings.RECOMMENDER | values


def live(snapshot=None):
    snapshot = snapshot or snapshots.active()
    vectors = publishing.load(snapshot).catalogue.vectors
    return index_keeping.opened(publishing.object_store(), snapshot, vectors)


def finds_itself(products):
    """Whether each product is found first by its own vector, in what is served now."""
    view = serving.current()
    rows = np.array([view.row(product.pk) for product in products], np.int32)
    found = view.index.search(np.asarray(view.catalogue.vectors[rows]), 1)
    return np.allclose(found.scores[:, 0], 1, atol=1e-5) and (found.rows[:, 0] >= 0).all()


def index_files(snapshot):
    return {name: checksum for name, checksum in snapshot.files.items() if name.startswith("index.")}


@pytest.mark.parametrize(
    ("values", "n", "backend", "reason"),
    [
        ({}, 100_000, "ExactIndex", "few"),
        ({}, 100_001, "HnswIndex", "many"),
        ({"EXACT_LIMIT": 10}, 11, "HnswIndex", "many"),
        ({"INDEX": index_keeping.EXACT}, 10**7, "ExactIndex", "named"),
    ],
)
def test_the_index_is_chosen_by_size_unless_named(settings, values, n, backend, reason):
    choose(settings, **values)
    choice = index_keeping.choose(n)
    assert (choice.engine["BACKEND"].rsplit(".")[-1], choice.reason) == (backend, reason)


def test_without_usearch_many_products_are_searched_exactly(monkeypatch):
    monkeypatch.setattr(index_keeping, "find_spec", lambda name: None)
    assert index_keeping.choose(10**6) == index_keeping.Choice(index_keeping.EXACT, "lacking")


@pytest.mark.parametrize("engine", [None, HNSW])
def test_fresh_and_deleted_products_are_searched_at_once(settings, shop, engine):
    choose(settings, INDEX=engine)
    training.train()
    new = make_product("new", colour="gold")
    assert finds_itself([*shop, new])
    gone = serving.current().row(shop[0].pk)
    query = np.asarray(serving.current().catalogue.vectors[[gone]])
    shop[0].delete()
    assert gone not in serving.current().index.search(query, 20).rows


def test_the_index_goes_with_its_snapshot_and_comes_back_with_it(settings, shop):
    first = training.train()
    assert live().backend.endswith("ExactIndex")
    choose(settings, INDEX=HNSW)
    assert live(first).backend.endswith("ExactIndex")  # until the next training
    second = training.train()
    assert (live().backend, live().trouble) == (HNSW["BACKEND"], "")
    assert finds_itself(shop)
    publishing.roll_back()
    assert live().backend.endswith("ExactIndex")
    assert not set(index_files(first)) & set(index_files(second))


def test_a_later_training_adds_only_what_is_new(settings, shop, monkeypatch):
    choose(settings, INDEX=HNSW)
    training.train()
    shop[3].delete()
    new = make_product("a new one", colour="blue")
    index_class = type(live().index)
    monkeypatch.setattr(index_class, "_new_graph", lambda *_: pytest.fail("It was built from nothing."))
    training.train()
    assert live().trouble == ""
    assert finds_itself([*shop[:3], *shop[4:], new])


@pytest.mark.parametrize("damage", ["missing", "corrupt", "other encoder", "other version"])
@pytest.mark.parametrize("engine", [None, HNSW])
def test_exact_search_answers_for_a_lost_index_and_the_manager_is_told(settings, shop, engine, damage, caplog):
    choose(settings, INDEX=engine)
    snapshot = training.train()
    if damage == "missing":
        snapshot.files = {
            name: value for name, value in snapshot.files.items() if name != sorted(index_files(snapshot))[0]
        }
    elif damage == "corrupt":
        store = publishing.object_store()
        for checksum in index_files(snapshot).values():
            store.path(checksum).write_bytes(b"\x93NUMPY damaged")
            store.storage.delete(store.name(checksum))
    elif damage == "other encoder":
        snapshot.config["index"]["encoder_version"] = "another"
    else:
        checksum, _ = publishing.object_store().put(np.array([99, 3], np.int64))
        snapshot.files["index.about" if engine else "index.codes"] = checksum
    snapshot.save()
    serving.reset()
    index_keeping.reset()
    with caplog.at_level(logging.CRITICAL):
        assert finds_itself(shop)
        assert live().backend.endswith("ExactIndex")
        finding = next(item for item in diagnose(gather()).general if not item.ok and "index" in item.text.lower())
    assert "recommender_train" in finding.cure
    training.train()
    assert all(item.ok for item in diagnose(gather()).general if "search" in item.text.lower())


def test_pgvector_serves_where_it_is_and_elsewhere_exact_search_says_why(settings, shop, caplog):
    choose(settings, INDEX=POSTGRES)
    with caplog.at_level(logging.CRITICAL):
        training.train()
    if connection.vendor == "postgresql":
        assert live().backend.endswith("PgvectorIndex")
        assert not live().trouble
    else:
        assert live().backend.endswith("ExactIndex")
        assert "SQLite" in live().trouble
        assert any("SQLite" in finding.cure for finding in diagnose(gather()).general if not finding.ok)
    assert finds_itself(shop)


@pytest.fixture
def no_pgvector():
    with connection.cursor() as cursor:
        cursor.execute("DROP EXTENSION IF EXISTS vector CASCADE")
    yield
    with connection.cursor() as cursor:
        cursor.execute("CREATE EXTENSION IF NOT EXISTS vector")


@pytest.mark.realservices
@pytest.mark.parametrize("when", ["before", "after"], ids=["never there", "gone later"])
def test_postgresql_without_pgvector_searches_exactly_and_says_what_to_install(request, settings, shop, caplog, when):
    choose(settings, INDEX=POSTGRES)
    with caplog.at_level(logging.CRITICAL):
        if when == "after":
            training.train()
        request.getfixturevalue("no_pgvector")
        if when == "before":
            training.train()
        index_keeping.reset()
        serving.reset()
        assert live().backend.endswith("ExactIndex")
        assert finds_itself(shop)
        assert any(
            "CREATE EXTENSION vector" in finding.cure for finding in diagnose(gather()).general if not finding.ok
        )


@pytest.mark.realservices
def test_pgvector_that_came_back_serves_again(settings, shop):
    choose(settings, INDEX=POSTGRES)
    training.train()
    with connection.cursor() as cursor:
        cursor.execute("DROP EXTENSION vector CASCADE")
        cursor.execute("CREATE EXTENSION vector")
    training.train()
    assert live().backend.endswith("PgvectorIndex")
    assert live().trouble == ""
    assert finds_itself(shop)


@pytest.mark.realservices
@pytest.mark.parametrize("engine", [None, HNSW, POSTGRES])
def test_searches_go_on_while_the_index_is_built_anew(settings, shop, engine):
    choose(settings, INDEX=engine)
    before = training.train()
    done, looks = threading.Event(), 0

    def build():
        try:
            training.train()
        finally:
            connection.close()
            done.set()

    builder = threading.Thread(target=build)
    builder.start()
    while not done.is_set():
        assert finds_itself(shop)
        looks += 1
    builder.join()
    assert looks > 0
    assert snapshots.active().pk != before.pk
    assert live().trouble == ""


def test_the_doctor_names_the_index_and_the_rule(settings, shop):
    training.train()
    assert any(
        "ExactIndex" in finding.text and f"{100_000:,}" in finding.text for finding in diagnose(gather()).general
    )


def test_a_snapshot_from_before_there_were_indexes_is_searched_exactly(shop):
    snapshot = training.train()
    del snapshot.config["index"]
    snapshot.files = {name: value for name, value in snapshot.files.items() if not name.startswith("index.")}
    snapshot.save()
    index_keeping.reset()
    serving.reset()
    assert finds_itself(shop)
    assert live().trouble == ""


def test_pictures_come_and_go_before_the_first_snapshot(shop):
    assert Snapshot.objects.count() == 0
    assert finds_itself(shop)
    assert unit_rows(np.asarray(serving.current().catalogue.vectors[[0]])).any()
