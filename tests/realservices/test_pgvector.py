"""The vector index in the shop's own PostgreSQL: trained, switched, rolled back, pruned, lost."""

import numpy as np
import pytest
from django.db import connection

from recommender.services import index_keeping, publishing, serving, training
from recommender.services.diagnosing import diagnose, gather
from recommender.storage import snapshots
from tests.shop import make_product

PGVECTOR = "recommender.engines.postgres.PgvectorIndex"
pytestmark = [pytest.mark.realservices, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def in_postgres(settings, tmp_path):
    settings.RECOMMENDER = settings.RECOMMENDER | {
        "INDEX": {"BACKEND": PGVECTOR, "OPTIONS": {}},
        "CACHE_DIR": tmp_path,
        "POLL_SECONDS": 0,
    }
    serving.reset()
    yield
    serving.reset()
    with connection.cursor() as cursor:
        cursor.execute("CREATE EXTENSION IF NOT EXISTS vector")
        cursor.execute("DROP TABLE IF EXISTS recommender_vector")


@pytest.fixture
def shop():
    return [make_product(f"p{number}", corner=3 * number, lens=1 + number % 3) for number in range(12)]


def live():
    snapshot = snapshots.active()
    return index_keeping.opened(publishing.object_store(), snapshot, publishing.load(snapshot).catalogue.vectors)


def found_first(view, products):
    rows = np.array([view.row(product.pk) for product in products], np.int32)
    return view.index.search(np.asarray(view.catalogue.vectors[rows]), 1).scores[:, 0]


def count_vectors():
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM recommender_vector")
        return cursor.fetchone()[0]


def test_a_switch_disturbs_nobody_who_reads(shop):
    training.train()
    assert (live().backend, live().trouble) == (PGVECTOR, "")
    reader = serving.current()
    shop[0].delete()
    new = make_product("new", colour="gold")
    training.train()
    assert np.allclose(found_first(serving.current(), [*shop[1:], new]), 1, atol=1e-5)
    assert np.allclose(found_first(reader, shop[1:]), 1, atol=1e-5)  # the old view still has its own labels
    assert count_vectors() == 13
    publishing.roll_back()
    assert np.allclose(found_first(serving.current(), shop[1:]), 1, atol=1e-5)


def test_only_kept_snapshots_keep_their_vectors(shop):
    training.train()
    shop[0].delete()
    training.train()
    assert count_vectors() == 12
    publishing.retain(keep=1)
    assert count_vectors() == 11
    assert np.allclose(found_first(serving.current(), shop[1:]), 1, atol=1e-5)


def test_a_search_uses_the_partial_index(shop):
    training.train()
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE tablename = 'recommender_vector'")
        definitions = " ".join(definition for (definition,) in cursor.fetchall())
    assert "USING hnsw" in definitions
    assert "halfvec" in definitions
    assert "WHERE (space = " in definitions


@pytest.mark.parametrize("loss", ["DROP EXTENSION vector CASCADE", "DROP TABLE recommender_vector"])
def test_a_lost_table_is_answered_for_and_told(shop, loss, caplog):
    training.train()
    view = serving.current()
    with connection.cursor() as cursor, caplog.at_level("CRITICAL"):
        cursor.execute(loss)
        assert np.allclose(found_first(view, shop), 1, atol=1e-5)  # opened before the loss
        index_keeping.reset()
        serving.reset()
        assert np.allclose(found_first(serving.current(), shop), 1, atol=1e-5)
        assert live().backend == index_keeping.EXACT["BACKEND"]
        assert any("recommender_train" in finding.cure for finding in diagnose(gather()).general if not finding.ok)


def test_without_the_extension_training_says_how_to_get_it(shop, caplog):
    with connection.cursor() as cursor, caplog.at_level("CRITICAL"):
        cursor.execute("DROP EXTENSION IF EXISTS vector CASCADE")
        training.train()
    assert live().backend == index_keeping.EXACT["BACKEND"]
    assert "CREATE EXTENSION vector" in live().trouble
    assert np.allclose(found_first(serving.current(), shop), 1, atol=1e-5)
