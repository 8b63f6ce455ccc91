"""What the writer writes, the reader reads."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.datasets.folder import DatasetFolder, PhotoRecord
from recommender.datasets.writer import write_interactions, write_photos, write_products
from recommender.sources import InteractionRecord, ProductRecord

words = st.text(st.characters(codec="utf-8", exclude_characters="\0", exclude_categories=("Cs",)), max_size=20).map(
    str.strip
)
ids = words.filter(bool)
prices = st.none() | st.decimals(0, 10**6, places=4)
moments = st.none() | st.datetimes(datetime(1970, 1, 2), datetime(2100, 1, 1), timezones=st.just(UTC))


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(words, ids, moments, st.integers(1, 9), prices, words), max_size=8))
def test_interactions_come_back(tmp_path_factory, rows):
    folder = tmp_path_factory.mktemp("written")
    records = [
        InteractionRecord(line, user, product, "purchase", moment, quantity, price, order)
        for line, (user, product, moment, quantity, price, order) in enumerate(rows)
    ]
    assert write_interactions(folder, records) == len(records)

    read = DatasetFolder(folder)
    assert [_without_line(record) for record in read.interactions()] == [_without_line(record) for record in records]
    assert read.errors == []


def test_products_and_photos_come_back(tmp_path):
    picture = tmp_path / "images" / "a b.jpg"
    products = [
        ProductRecord(
            2, "p1", "Title, with comma", "Nova", "phone", "blue", Decimal("1.50"), (picture,), {"model": "N"}
        ),
        ProductRecord(3, "p2", attributes={"style": "S"}),
    ]
    assert write_products(tmp_path, products) == 2
    assert write_photos(tmp_path, [PhotoRecord(2, picture, "p1", "val")]) == 1

    read = DatasetFolder(tmp_path)
    assert list(read.products()) == products
    assert list(read.photos()) == [PhotoRecord(2, picture, "p1", "val")]


def test_equal_records_give_equal_files(tmp_path):
    record = InteractionRecord(2, "u", "p", "view")
    for name in ("one", "two"):
        write_interactions(tmp_path / name, [record], name="test")
    assert (tmp_path / "one/test.csv.gz").read_bytes() == (tmp_path / "two/test.csv.gz").read_bytes()


def test_pictures_outside_the_folder_are_refused(tmp_path):
    with pytest.raises(ValueError, match="is not in the subpath"):
        write_products(tmp_path / "folder", [ProductRecord(2, "p", images=(tmp_path / "a.jpg",))])
    with pytest.raises(ValueError, match="separates pictures"):
        write_products(tmp_path, [ProductRecord(2, "p", images=(tmp_path / "a|b.jpg",))])


def _without_line(record):
    return (
        record.user_id,
        record.product_id,
        record.kind,
        record.occurred_at,
        record.quantity,
        record.price,
        record.order_id,
    )
