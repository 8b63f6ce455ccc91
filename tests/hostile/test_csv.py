"""Whatever stands in a product's fields, the exported file runs nothing in a spreadsheet."""

import csv
import io

import pytest

from catalog.admin.exchange import FORMULA_STARTS
from catalog.models import Product
from tests.hostile.strings import TEXTS
from tests.shop import make_product

pytestmark = pytest.mark.django_db
STORABLE = {
    name: text for name, text in TEXTS.items() if "\0" not in text and not any("\ud800" <= c <= "\udfff" for c in text)
}


def test_no_cell_of_an_export_begins_as_a_formula(admin_client):
    family = make_product("first", picture=False).family
    rows = [
        Product(
            sku=f"={number}",
            title=text[:255],
            color=text[:60],
            color_name=text[:80],
            attributes={text: text},
            family=family,
        )
        for number, text in enumerate(STORABLE.values())
    ]
    Product.objects.bulk_create(rows)
    answer = admin_client.post("/admin/catalog/product/export/", {"format": "0"})
    assert answer["Content-Type"] == "text/csv"
    assert answer["Content-Disposition"].startswith("attachment;")
    cells = [cell for row in csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")) for cell in row]
    assert len(cells) > 10 * len(rows)
    assert [cell for cell in cells if cell.startswith(FORMULA_STARTS)] == []
