"""Real ranges in the shop: other categories, articles without a title, hostile pictures."""

import os
from itertools import islice
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.utils.html import escape

from catalog.models import Product, ProductImage
from recommender.datasets.folder import DatasetFolder
from recommender.sources import ProductRecord, get_source

pytestmark = [pytest.mark.data, pytest.mark.django_db]


@pytest.fixture
def load():
    def load_some(name, n, step=1):
        folder = DatasetFolder(Path(os.environ["RECOMMENDER_DATA_DIR"]) / name)
        return [get_source().upsert(record) for record in islice(folder.products(), 0, n * step, step)]

    return load_some


@pytest.mark.parametrize(
    ("name", "step"), [("phones-apple", 9), ("phones-2011", 1), ("fashion", 1), ("online-retail", 1), ("movies", 1)]
)
def test_every_product_of_an_imported_range_can_be_shown(client, load, name, step):
    products = load(name, 20, step)
    listed = client.get("/products/")
    assert listed.status_code == 200
    assert 0 < len(listed.context["listing"].tiles) <= 20
    for product in products:
        response = client.get(product.get_absolute_url())
        assert response.status_code == 200, product.sku
        assert escape(str(product)) in response.content.decode()
    ids = ",".join(str(product.pk) for product in products[:4])
    assert client.get(f"/compare/?ids={ids}").status_code == 200
    assert client.get("/").status_code == 200


def test_variants_share_their_files(load):
    load("phones-apple", 12)
    rows = ProductImage.objects.values_list("file", flat=True)
    assert len(set(rows)) < len(rows)


def test_hostile_pictures_are_refused_and_leave_nothing(tmp_path):
    folder = Path(os.environ["RECOMMENDER_DATA_DIR"]) / "hostile-images"
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    assert len(files) > 50
    refusals = []
    for line, path in enumerate(files):
        try:
            get_source().upsert(ProductRecord(line=line, product_id=str(line), images=(path,)))
        except ValidationError as error:
            refusals.append((path.name, error.messages[0]))
    assert all(name in message for name, message in refusals)
    assert len(refusals) > len(files) / 2
    assert Product.objects.count() == len(files) - len(refusals)
