"""Products as a CSV file: what goes out is harmless and comes back in unchanged; what is broken says where and why."""

import csv
import io
import re

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st

from catalog.admin import exchange
from catalog.models import Product

pytestmark = pytest.mark.django_db
LIST = "/admin/catalog/product/"


def export(client, address=f"{LIST}export/"):
    """The exported text and its rows."""
    text = client.post(address, {"format": "0"}).content.decode("utf-8-sig")
    return text, list(csv.DictReader(io.StringIO(text)))


def upload(client, text, *, encoding="utf-8"):
    """The answer to a file: a preview, or what is wrong with it."""
    file = SimpleUploadedFile("products.csv", text.encode(encoding), "text/csv")
    return client.post(f"{LIST}import/", {"format": "0", "import_file": file})


def confirm(client, response):
    """Press the button below the preview."""
    fields = response.context["confirm_form"].initial
    return client.post(f"{LIST}process_import/", fields, follow=True)


def faults(response):
    """Each broken row's number and messages."""
    return {row.number: row.error.messages for row in response.context["result"].invalid_rows}


def test_an_export_has_every_product_and_comes_back_unchanged(admin_client, phone):
    phone(sku="a", title="Nova, the “first”\nof its kind", attributes={"Back": "玻璃"}, color_hex="#1d4ed8")
    phone(sku="b", title="'quoted", price=None, storage_gb=128, is_visible=False)
    before = list(Product.objects.order_by("pk").values())
    text, rows = export(admin_client)
    assert [row["sku"] for row in rows] == ["a", "b"]
    assert rows[0]["attributes"] == '{"Back": "玻璃"}'
    preview = upload(admin_client, text)
    assert [row.import_type for row in preview.context["result"].rows] == ["skip", "skip"]
    confirm(admin_client, preview)
    assert list(Product.objects.order_by("pk").values()) == before


@pytest.mark.parametrize("title", ["=1+2", "+1", "-1", "@SUM(A1)", "\tx", "=cmd|' /C calc'!A0"])
def test_a_formula_goes_out_as_text_and_comes_back_as_it_was(admin_client, phone, title):
    phone(sku="a", title="before")
    Product.objects.update(title=title)
    text, rows = export(admin_client)
    assert rows[0]["title"] == "'" + title
    phone(sku="b")
    Product.objects.filter(sku="a").update(title="overwritten")
    confirm(admin_client, upload(admin_client, text))
    assert Product.objects.get(sku="a").title == title


@given(st.text())
def test_disarming_is_undone_and_leaves_no_formula(cell):
    assert exchange.rearmed(exchange.disarmed(cell)) == cell
    assert not exchange.disarmed(cell).startswith(exchange.FORMULA_STARTS)


def test_an_export_holds_what_the_list_shows(admin_client, phone):
    phone(sku="gone", stock=0)
    phone(sku="there", stock=9)
    _, rows = export(admin_client, f"{LIST}export/?stock=none")
    assert [row["sku"] for row in rows] == ["gone"]


def test_an_import_writes_nothing_before_it_is_confirmed(admin_client, phone):
    family = phone(sku="a", price="10.00", stock=1).family
    preview = upload(admin_client, f"sku,family,price,stock\na,{family.key},12.50,7\nnew,{family.key},99,3\n")
    assert [row.import_type for row in preview.context["result"].rows] == ["update", "new"]
    assert list(Product.objects.values_list("sku", "stock")) == [("a", 1)]
    done = confirm(admin_client, preview)
    assert "Import finished: 1 new, 1 updated" in str(next(iter(done.context["messages"])))
    assert sorted(Product.objects.values_list("sku", "stock")) == [("a", 7), ("new", 3)]
    assert str(Product.objects.get(sku="a").price) == "12.50"


@pytest.mark.parametrize(("cell", "visible"), [("TRUE", True), ("FALSE", False), ("1", True), ("0", False)])
def test_a_spreadsheets_yes_and_no_is_understood(admin_client, phone, cell, visible):
    phone(sku="a", is_visible=not visible)
    confirm(admin_client, upload(admin_client, f"sku,is_visible\na,{cell}\n"))
    assert Product.objects.get().is_visible is visible


def test_any_other_word_is_no_no(admin_client, phone):
    phone(sku="a")
    found = faults(upload(admin_client, "sku,is_visible\na,perhaps\n"))
    assert found == {1: ["“Perhaps” value must be either True or False."]}


def test_columns_that_a_file_lacks_stay_as_they_are(admin_client, phone):
    phone(sku="a", title="Nova", price="10.00", color="red")
    confirm(admin_client, upload(admin_client, "sku,stock\na,42\n", encoding="utf-8-sig"))
    product = Product.objects.get()
    assert (product.title, str(product.price), product.color, product.stock) == ("Nova", "10.00", "red", 42)


def test_broken_rows_are_told_with_their_number_and_nothing_is_written(admin_client, phone):
    key = phone(sku="a", stock=1).family.key
    rows = [
        f"a,{key},1.00,5,#000000,{{}}",
        f"b,{key},cheap,5,,",
        f"c,{key},-1,5,,",
        "d,nowhere,1,5,,",
        f"e,{key},1,5,blue,",
        f"f,{key},1,5,,[1]",
        f"g,{key},1,5,,{{oops",
        f",{key},1,5,,",
        f"i,{key},1,many,,",
    ]
    response = upload(admin_client, "sku,family,price,stock,color_hex,attributes\n" + "\n".join(rows))
    found = faults(response)
    assert sorted(found) == [2, 3, 4, 5, 6, 7, 8, 9]
    assert found[2] == ["“cheap” value must be a decimal number."]
    assert found[4] == ["There is no family with the key nowhere. Add the family first, or correct the key."]
    assert found[5] == ["A colour such as #1d4ed8."]
    assert found[7] == ["This is no JSON object of names and texts."]
    page = response.content.decode()
    assert "Some rows failed to validate" in page
    assert "Confirm import" not in page
    assert list(Product.objects.values_list("sku", "stock")) == [("a", 1)]


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00\x81", b"no header that we know\n1\n"])
def test_what_is_no_such_file_is_refused(admin_client, content):
    file = SimpleUploadedFile("products.csv", content, "text/csv")
    response = admin_client.post(f"{LIST}import/", {"format": "0", "import_file": file})
    assert response.status_code == 200
    assert "Confirm import" not in response.content.decode()
    assert not Product.objects.exists()


def test_a_file_of_too_many_rows_is_refused_without_a_look_at_them(admin_client, django_assert_max_num_queries):
    with django_assert_max_num_queries(20):
        response = upload(admin_client, "sku\n" + "x\n" * (exchange.MAX_ROWS + 1))
    assert response.status_code == 200
    page = response.content.decode()
    assert f"The file has more than {exchange.MAX_ROWS} products. Split it and import the parts." in page
    assert "Confirm import" not in page


def test_only_those_who_may_change_products_import_them(client, phone, django_user_model):
    phone()
    viewer = django_user_model.objects.create_user("viewer", password="x", is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_product"))
    client.force_login(viewer)
    page = client.get(LIST).content.decode()
    assert "export/" in page
    assert "import/" not in page
    assert client.get(f"{LIST}import/").status_code == 403
    assert client.post(f"{LIST}process_import/").status_code == 403
    assert len(export(client)[1]) == 1


def test_its_pages_need_no_inline_code_and_speak_chinese(admin_client, phone):
    phone()
    for path, word in (("import/", "导入"), ("export/", "导出")):
        page = admin_client.get(LIST + path, headers={"accept-language": "zh-hans"}).content.decode()
        assert word in page
        assert re.findall(r"<script(?![^>]*src=)|\son\w+=", page) == []
