"""Real data sets through the whole import, a part of each: their ids, prices, guests, refunds and pictures."""

import os
from pathlib import Path

import pytest

from catalog.models import Order, Product
from recommender import tasks
from recommender.models import ImageEmbedding, Interaction
from recommender.services import backfilling, importing
from recommender.services.importing import ImportOptions

pytestmark = [pytest.mark.data, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def data():
    folder = os.environ.get("RECOMMENDER_DATA_DIR")
    if not folder:
        pytest.fail("Set RECOMMENDER_DATA_DIR to the folder of real data sets.")
    return Path(folder)


def load(path, **options):
    errors = []
    return importing.import_folder(
        path, ImportOptions(**options), on_error=errors.append, deliver=tasks.dispatch_embedding
    ), errors


def test_phones_come_with_families_and_all_their_views(data):
    report, errors = load(data / "phones-apple", limit=8)
    assert (report.products.added, errors) == (8, [])
    assert Product.objects.values("family").distinct().count() < 8
    assert ImageEmbedding.objects.filter(status="ready").count() > 20


def test_invoices_of_guests_with_refunds_are_read_once(data):
    report, errors = load(data / "online-retail", skip_images=True, limit=1200)
    assert errors == []
    assert (report.history.rows, report.history.refused) == (1200, 0)
    assert report.history.added == report.history.order_lines == 1200 - report.history.unknown_products > 300
    assert Interaction.objects.filter(kind="refund", quantity__lt=0).exists()
    assert Order.objects.exclude(external_user="").exists()
    assert backfilling.backfill().added == 0
    again, _ = load(data / "online-retail", skip_images=True, limit=1200)
    assert (again.history.added, again.products.unchanged) == (0, 1200)


@pytest.mark.parametrize("name", ["fashion", "movies"])
def test_sparse_and_dense_histories(data, name):
    report, errors = load(data / name, skip_images=True, limit=300)
    assert errors == []
    assert report.products.added == 300
    assert report.history.rows == 300
    assert report.history.added + report.history.unknown_products == 300


def test_a_history_without_times_or_products_finds_nobody(data):
    report, _ = load(data / "electronics", limit=1000)
    assert (report.history.unknown_products, report.is_fruitless) == (1000, True)
