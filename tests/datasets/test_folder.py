"""Data set folders as people make them: with every kind of broken row, and paths that want out."""

import gzip
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recommender.datasets.folder import DatasetFolder
from recommender.datasets.tables import MAX_LINE_BYTES, read_table
from recommender.exceptions import DatasetError

HEAD = "user_id,product_id,kind,occurred_at,quantity,price,order_id\n"
GOOD = "u1,p1,purchase,2024-05-01T10:00:00+02:00,2,9.99,o1\n"


def interactions(folder, rows, head=HEAD):
    opened = DatasetFolder(folder({"interactions.csv.gz": head + rows}))
    return list(opened.interactions()), opened.errors


def test_an_interaction_is_read_with_its_line(folder):
    (record,), errors = interactions(folder, GOOD)
    assert errors == []
    assert (record.line, record.user_id, record.product_id, record.kind) == (2, "u1", "p1", "purchase")
    assert record.occurred_at == datetime(2024, 5, 1, 8, tzinfo=UTC)
    assert (record.quantity, record.price, record.order_id) == (2, Decimal("9.99"), "o1")


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (",p1,view,,,,", {"user_id": "", "occurred_at": None, "quantity": 1, "price": None}),
        ("u,p1,refund,,,,", {"quantity": -1}),
        ("u,p1,refund,,-3,,", {"quantity": -3}),
        ("u,p1,view,2024-05-01T10:00:00,1,,", {"occurred_at": datetime(2024, 5, 1, 10, tzinfo=UTC)}),
        ("u,p1,view,2024-05-01,1,,", {"occurred_at": datetime(2024, 5, 1, tzinfo=UTC)}),
        ("u,p1,view,2024-05-01T10:00:00Z,1,,", {"occurred_at": datetime(2024, 5, 1, 10, tzinfo=UTC)}),
        (" u , p1 ,view,,1,0,", {"user_id": "u", "product_id": "p1", "price": Decimal(0)}),
        ('u,"p,1",view,,1,,', {"product_id": "p,1"}),
    ],
)
def test_what_a_row_may_leave_open(folder, row, expected):
    (record,), errors = interactions(folder, row + "\n")
    assert errors == []
    assert {name: getattr(record, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("u,,view,,1,,", "product_id is empty"),
        ("u,p,,,1,,", "kind is empty"),
        ("u,p,view,yesterday,1,,", "occurred_at is 'yesterday'"),
        ("u,p,view,0001-01-01T00:00:00+14:00,1,,", "not an ISO 8601 time"),
        ("u,p,view,,NaN,,", "quantity is 'NaN', not a whole number"),
        ("u,p,view,,1.5,,", "quantity is '1.5'"),
        ("u,p,view,,0,,", "outside 1"),
        ("u,p,view,,99999999999,,", "outside 1"),
        ("u,p,purchase,,-2,,", "refunds are negative"),
        ("u,p,refund,,2,,", "refunds are negative"),
        ("u,p,view,,1,NaN,", "price is NaN"),
        ("u,p,view,,1,Infinity,", "price is Infinity"),
        ("u,p,view,,1,-1,", "price is -1"),
        ("u,p,view,,1,ten,", "price is 'ten', not a number"),
        ("u,p,view,,1,1e400,", "price is 1e400"),
        ("u,p,view,,1", "5 columns, the header has 7"),
        ("u,p,view,,1,,,,", "9 columns"),
        (f"{'u' * 200},p,view,,1,,", "user_id is longer than 150"),
        (f"u,{'p' * 300},view,,1,,", "product_id is longer than 255"),
        ("u\0,p,view,,1,,", "NUL"),
        ('u,"p"x,view,,1,,', "not valid CSV"),
    ],
)
def test_a_broken_row_is_reported_and_the_rest_goes_on(folder, row, message):
    records, errors = interactions(folder, GOOD + row + "\n" + GOOD)
    assert [record.line for record in records] == [2, 4]
    assert [(error.file, error.line) for error in errors] == [("interactions.csv.gz", 3)]
    assert message in errors[0].message


def test_a_line_that_is_not_utf8_is_reported_alone(folder):
    content = (HEAD + GOOD).encode() + b"u,\xff\xfe,view,,1,,\n" + GOOD.encode()
    opened = DatasetFolder(folder({"interactions.csv.gz": content}))
    assert [record.line for record in opened.interactions()] == [2, 4]
    assert opened.errors[0][1:] == (3, "the line is not UTF-8")


def test_an_unclosed_quote_costs_its_own_row_only(folder):
    records, errors = interactions(folder, GOOD + 'u,"p,view,,1,,\n' + GOOD * 3)
    assert [record.line for record in records] == [2, 4, 5, 6]
    assert [error.line for error in errors] == [3]


def test_a_quoted_line_break_belongs_to_its_row(folder):
    opened = DatasetFolder(folder({"products.csv": 'product_id,title\np1,"two\nlines"\np2,one\n'}))
    assert [(product.line, product.title) for product in opened.products()] == [(2, "two\nlines"), (4, "one")]


def test_an_endless_line_is_passed_over(folder):
    records, errors = interactions(folder, GOOD + "x" * (3 * MAX_LINE_BYTES) + "\n" + GOOD)
    assert [record.line for record in records] == [2, 4]
    assert errors[0].message == "the line is longer than 1 MiB"


def test_empty_lines_windows_endings_and_a_byte_order_mark_are_no_errors(folder):
    content = "\ufeff" + HEAD.replace("\n", "\r\n") + "\r\n" + GOOD.replace("\n", "\r\n") + "\r\n"
    opened = DatasetFolder(folder({"interactions.csv": content}))
    assert [record.product_id for record in opened.interactions()] == ["p1"]
    assert opened.errors == []


def test_columns_may_come_in_any_order_and_number(folder):
    records, errors = interactions(folder, "view,p9,u7\n", head="kind,product_id,user_id\n")
    assert errors == []
    assert (records[0].user_id, records[0].product_id, records[0].kind) == ("u7", "p9", "view")


def test_unknown_columns_of_products_are_attributes(folder):
    head = "product_id,title,brand,category,color,price,images,model,storage\n"
    opened = DatasetFolder(folder({"products.csv": head + "p1,Phone,Nova,phone,blue,199.5,a.jpg|b/c.jpg,N1,\n"}))
    (product,) = opened.products()
    assert product.attributes == {"model": "N1"}
    assert product.family == "N1"
    assert product.price == Decimal("199.5")
    assert [image.relative_to(opened.path.resolve()).as_posix() for image in product.images] == ["a.jpg", "b/c.jpg"]


def test_the_first_product_of_an_id_stays(folder):
    opened = DatasetFolder(folder({"products.csv": "product_id,title\np1,first\np1,second\n"}))
    assert [product.title for product in opened.products()] == ["first"]
    assert "was used by an earlier row" in opened.errors[0].message


@pytest.mark.parametrize(
    "path", ["../secret.jpg", "/etc/passwd", "a/../../x.jpg", "C:/x.jpg", "a\\..\\x.jpg", "", "link/passwd", "loop"]
)
def test_no_picture_path_leaves_the_folder(folder, path):
    root = folder({"products.csv": f"product_id,images\np1,{path}|ok.jpg\np2,ok.jpg\n"})
    (root / "link").symlink_to("/etc")
    (root / "loop").symlink_to(root / "loop")
    opened = DatasetFolder(root)
    products = list(opened.products())
    if path == "loop":  # stays inside, and whoever opens it is told
        return
    assert [product.product_id for product in products] == ["p2"]
    assert "path" in opened.errors[0].message


def test_photos_of_shoppers(folder):
    opened = DatasetFolder(folder({"photos.csv": "photo,product_id,split\nx/1.jpg,p1,val\n../1.jpg,p1,val\n"}))
    (photo,) = opened.photos()
    assert (photo.line, photo.product_id, photo.split) == (2, "p1", "val")
    assert photo.photo == opened.path.resolve() / "x/1.jpg"
    assert opened.errors[0].line == 3


def test_missing_tables_are_empty(folder):
    opened = DatasetFolder(folder({}))
    assert not opened.has("products")
    assert [*opened.products(), *opened.interactions(), *opened.test(), *opened.photos()] == []


def test_reading_again_reports_again_but_not_twice(folder):
    opened = DatasetFolder(folder({"test.csv": HEAD + "u,,view,,1,,\n"}))
    for _ in range(2):
        assert list(opened.test()) == []
        assert len(opened.errors) == 1


def test_reports_can_go_elsewhere(folder):
    seen = []
    opened = DatasetFolder(folder({"test.csv": HEAD + "u,,view,,1,,\n"}), on_error=seen.append)
    assert list(opened.test()) == []
    assert [error.line for error in seen] == [2]
    assert opened.errors == []


@pytest.mark.parametrize(
    ("files", "message"),
    [
        ({"interactions.csv": ""}, "has no column user_id, product_id, kind"),
        ({"interactions.csv": "user_id;product_id;kind\n"}, "separated by commas"),
        ({"interactions.csv": "user_id,kind,product_id,kind\n"}, "names a column twice"),
        ({"interactions.csv": HEAD.encode("utf-16")}, "Save the file as UTF-8"),
    ],
)
def test_an_unusable_header_is_an_error_with_its_cure(folder, files, message):
    with pytest.raises(DatasetError, match=message):
        list(DatasetFolder(folder(files)).interactions())


def test_a_truncated_file_is_an_error_with_its_cure(folder):
    root = folder({})
    whole = gzip.compress((HEAD + GOOD * 5000).encode())
    (root / "interactions.csv.gz").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DatasetError, match=r"cut short .* Copy or download the file again"):
        list(DatasetFolder(root).interactions())


def test_a_file_that_is_not_gzip_is_an_error(folder):
    root = folder({})
    (root / "interactions.csv.gz").write_text(HEAD)
    with pytest.raises(DatasetError, match="damaged"):
        list(DatasetFolder(root).interactions())


def test_no_folder_and_two_of_a_table_are_errors(folder, tmp_path):
    with pytest.raises(DatasetError, match="is not a folder"):
        DatasetFolder(tmp_path / "nowhere")
    with pytest.raises(DatasetError, match="Remove one of them"):
        DatasetFolder(folder({"test.csv": HEAD, "test.csv.gz": HEAD}))


def test_a_file_that_vanishes_is_an_error(tmp_path):
    with pytest.raises(DatasetError, match="cannot be read"):
        list(read_table(tmp_path / "gone.csv", (), lambda error: None))


def test_rows_are_counted_for_progress(folder):
    opened = DatasetFolder(folder({"interactions.csv.gz": HEAD + GOOD * 7}))
    assert opened.count("interactions") == 7
    assert opened.count("test") == 0


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=300))
def test_no_content_whatever_breaks_the_reader(tmp_path_factory, content):
    root = tmp_path_factory.mktemp("fuzz")
    (root / "interactions.csv").write_bytes(HEAD.encode() + content)
    opened = DatasetFolder(root)
    for record in opened.interactions():
        assert record.product_id
    assert all(error.line >= 2 for error in opened.errors)
