"""The back office: a bad picture refuses the product as a whole and says why; bulk changes do what they say."""

import re
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from catalog.models import Brand, Family, Order, OrderLine, Product, ProductImage
from tests.shop import phone_picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(admin_client):
    """The admin's browser, in English."""
    return admin_client


def upload(content, name="phone.png"):
    return SimpleUploadedFile(name, content, "image/png")


def gif():
    out = BytesIO()
    Image.new("RGB", (4, 4)).save(out, "GIF")
    return out.getvalue()


def product_form(family, *pictures, initial=0, **fields):
    """What the product form sends, with some uploaded pictures."""
    data = {
        "title": "Nova",
        "sku": "nova",
        "family": family.pk,
        "is_visible": "on",
        "price": "199.00",
        "stock": "5",
        "attributes": "{}",
        "images-TOTAL_FORMS": initial + len(pictures),
        "images-INITIAL_FORMS": initial,
    }
    for number, picture in enumerate(pictures, start=initial):
        data |= {f"images-{number}-file": picture, f"images-{number}-alt": "back", f"images-{number}-position": number}
    return data | fields


def management(response):
    """The bookkeeping fields of every inline on a page, as a browser sends them."""
    pattern = r'name="([\w-]+-(?:TOTAL|INITIAL)_FORMS)" value="(\d+)"'
    return {name: value for name, value in re.findall(pattern, response.content.decode()) if "images" not in name}


def errors(response):
    forms = response.context["inline_admin_formsets"][0].formset.forms
    return [message for form in forms for message in form.errors.get("file", [])]


def test_a_product_is_saved_with_its_pictures(office, phone):
    family = phone().family
    sent = product_form(family, upload(phone_picture("red")), upload(phone_picture("blue"), "b.png"))
    response = office.post("/admin/catalog/product/add/", sent)
    assert response.status_code == 302
    images = Product.objects.get(sku="nova").images.all()
    assert [(image.position, image.alt, image.width) for image in images] == [(0, "back", 160), (1, "back", 160)]
    for image in images:
        assert image.name.startswith("products/")
        assert all(image.file.storage.exists(size.url.removeprefix("/media/")) for size in image.renditions)


@pytest.mark.parametrize(
    ("content", "name", "reason"),
    [
        (b"", "a.png", "The submitted file is empty."),
        (b"plain text", "a.png", "The file is no JPEG, PNG or WebP. Save the picture as JPEG and upload it again."),
        (gif(), "a.gif", "The file is no JPEG, PNG or WebP. Save the picture as JPEG and upload it again."),
        (
            phone_picture(),
            "a.jpg",
            "The file's name does not fit its content. Give it the right ending and upload it again.",
        ),
        (
            phone_picture()[:300],
            "a.png",
            "The picture is damaged. Open it in an image program, save it again and upload that.",
        ),
        (
            phone_picture() + b"\0" * (10 * 1024 * 1024),
            "a.png",
            "The file has more than 10 MB. Save the picture smaller and upload it again.",
        ),
    ],
    ids=["empty", "text", "gif", "wrong ending", "truncated", "too large"],
)
def test_a_bad_picture_refuses_the_product_as_a_whole(office, phone, settings, tmp_path, content, name, reason):
    family = phone().family
    good = upload(phone_picture("red"))
    response = office.post("/admin/catalog/product/add/", product_form(family, good, upload(content, name)))
    assert response.status_code == 200
    assert errors(response) == [reason]
    assert not Product.objects.filter(sku="nova").exists()
    assert not ProductImage.objects.exists()
    assert not list(tmp_path.rglob("*.webp"))


def test_the_reason_is_said_in_chinese_too(office, phone):
    sent = product_form(phone().family, upload(b"plain text"))
    response = office.post("/admin/catalog/product/add/", sent, headers={"accept-language": "zh-hans"})
    assert errors(response) == ["文件不是 JPEG、PNG 或 WebP。请将图片另存为 JPEG 后重新上传。"]


def test_the_same_picture_twice_is_refused(office, phone):
    copies = upload(phone_picture()), upload(phone_picture(), "copy.png")
    response = office.post("/admin/catalog/product/add/", product_form(phone().family, *copies))
    assert errors(response) == ["This product already has this picture."]
    assert not Product.objects.filter(sku="nova").exists()


def test_a_picture_can_be_replaced_kept_or_deleted(office, phone):
    product = phone(sku="nova", picture=True)
    old = product.images.get()
    row = {"images-0-id": old.pk, "images-0-product": product.pk, "images-0-position": 0, "images-0-alt": "new words"}
    page = f"/admin/catalog/product/{product.pk}/change/"
    row |= management(office.get(page))
    assert office.post(page, product_form(product.family, initial=1, **row)).status_code == 302
    kept = product.images.get()
    assert (kept.name, kept.alt) == (old.name, "new words")
    picture = upload(phone_picture("gold"))
    assert (
        office.post(page, product_form(product.family, initial=1, **row, **{"images-0-file": picture})).status_code
        == 302
    )
    assert product.images.get().name != old.name
    office.post(page, product_form(product.family, initial=1, **row, **{"images-0-DELETE": "on"}))
    assert not product.images.exists()


@pytest.mark.parametrize(
    ("action", "before", "after", "said"),
    [
        ("hide", [True, False], [False, False], "1 product was changed."),
        ("show", [True, False], [True, True], "1 product was changed."),
        ("hide", [True, True], [False, False], "2 products were changed."),
        ("hide", [False, False], [False, False], "0 products were changed."),
    ],
)
def test_products_are_hidden_and_shown(office, phone, action, before, after, said):
    products = [phone(is_visible=visible) for visible in before]
    sent = {"action": action, "_selected_action": [product.pk for product in products], "confirmed": "yes"}
    response = office.post("/admin/catalog/product/", sent, follow=True)
    assert [str(message) for message in response.context["messages"]] == [said]
    assert list(Product.objects.order_by("pk").values_list("is_visible", flat=True)) == after


@pytest.mark.parametrize(("action", "question"), [("hide", "Hide these products?"), ("show", "Show these products?")])
def test_only_those_that_change_are_asked_about(office, phone, action, question):
    products = [phone(is_visible=number < 25) for number in range(50)]
    sent = {"action": action, "_selected_action": [product.pk for product in products]}
    page = office.post("/admin/catalog/product/", sent).content.decode()
    assert f"<h1>{question}</h1>" in page
    assert "<strong>25 products</strong>" in page
    assert "and 5 more" in page
    assert Product.objects.filter(is_visible=True).count() == 25


class TestRestock:
    def test_asks_first_and_then_adds(self, office, phone):
        products = [phone(stock=0), phone(stock=3)]
        sent = {"action": "restock", "_selected_action": [product.pk for product in products]}
        page = office.post("/admin/catalog/product/", sent)
        assert "<strong>2 products</strong>" in page.content.decode()
        assert f"{products[1]} (3)" in page.content.decode()
        office.post("/admin/catalog/product/", sent | {"pieces": "7"})
        assert list(Product.objects.order_by("pk").values_list("stock", flat=True)) == [0, 3]
        office.post("/admin/catalog/product/", sent | {"pieces": "7", "confirmed": "yes"})
        assert list(Product.objects.order_by("pk").values_list("stock", flat=True)) == [7, 10]

    @pytest.mark.parametrize("pieces", ["", "0", "-4", "many", "100001"])
    def test_a_senseless_number_is_asked_again(self, office, phone, pieces):
        product = phone(stock=3)
        sent = {"action": "restock", "_selected_action": [product.pk], "pieces": pieces, "confirmed": "yes"}
        response = office.post("/admin/catalog/product/", sent)
        assert response.context["form"].errors
        assert Product.objects.get().stock == 3

    def test_reaches_all_pages_when_asked_to(self, office, phone):
        for _ in range(3):
            phone(stock=0)
        sent = {"action": "restock", "_selected_action": [0], "select_across": "1", "pieces": "2", "confirmed": "yes"}
        office.post("/admin/catalog/product/", sent)
        assert list(Product.objects.values_list("stock", flat=True)) == [2, 2, 2]


@pytest.mark.parametrize(
    ("state", "stocks"), [("none", [0]), ("few", [1, 5]), ("plenty", [6]), ("nonsense", [0, 1, 5, 6])]
)
def test_products_are_filtered_by_stock(office, phone, state, stocks):
    for stock in (0, 1, 5, 6):
        phone(stock=stock)
    response = office.get("/admin/catalog/product/", {"stock": state})
    if state == "nonsense":
        response = office.get("/admin/catalog/product/")
    assert sorted(product.stock for product in response.context["cl"].result_list) == stocks


@pytest.mark.parametrize("n", [1, 30])
def test_lists_need_a_constant_number_of_queries(office, phone, django_assert_max_num_queries, n):
    for _ in range(n):
        product = phone(picture=True)
        order = Order.objects.create(email="ada@example.com")
        OrderLine.objects.create(order=order, product=product, sku="a", title="A", quantity=2, unit_price=3, position=1)
    for path, most in (("product", 14), ("family", 12), ("brand", 6), ("order", 10)):
        with django_assert_max_num_queries(most):
            assert office.get(f"/admin/catalog/{path}/").status_code == 200


def test_every_page_opens(office, phone):
    product = phone(picture=True)
    order = Order.objects.create(external_user="17850")
    OrderLine.objects.create(order=order, sku="a", title="A", quantity=2, unit_price="2.5", position=1)
    listed = office.get("/admin/catalog/order/").content.decode()
    assert "€5.00" in listed
    assert "17850" in listed
    for path in (
        f"product/{product.pk}/change/",
        f"family/{product.family.pk}/change/",
        f"brand/{product.family.brand.pk}/change/",
        f"order/{order.pk}/change/",
        "product/?q=nova",
        "order/?q=ada",
        "family/?q=nova",
    ):
        assert office.get(f"/admin/catalog/{path}").status_code == 200, path


def test_an_order_moves_on_but_its_lines_stay(office, phone):
    order = Order.objects.create(email="ada@example.com")
    line = OrderLine.objects.create(order=order, sku="a", title="A", quantity=2, unit_price=3, position=1)
    sent = {"status": "shipped", "email": "eve@example.com", "lines-TOTAL_FORMS": 1, "lines-INITIAL_FORMS": 1}
    sent |= {"lines-0-id": line.pk, "lines-0-order": order.pk, "lines-0-quantity": 9}
    office.post(f"/admin/catalog/order/{order.pk}/change/", sent)
    order.refresh_from_db()
    assert (order.status, order.email, order.lines.get().quantity) == ("shipped", "ada@example.com", 2)
    assert office.get("/admin/catalog/order/add/").status_code == 403


def test_a_brand_with_phones_is_not_deleted(office, phone):
    brand = phone().family.brand
    page = office.post(f"/admin/catalog/brand/{brand.pk}/delete/", {"post": "yes"}).content.decode()
    assert "would require deleting the following protected related objects" in page
    assert (Brand.objects.count(), Family.objects.count()) == (1, 1)


def test_a_family_and_a_brand_can_be_made(office):
    office.post("/admin/catalog/brand/add/", {"name": "Orbis"})
    sent = {"key": "nova", "name": "Nova", "brand": Brand.objects.get().pk, "screen_inches": "6.1"}
    assert office.post("/admin/catalog/family/add/", sent).status_code == 302
    assert str(Family.objects.get()) == "Nova"


def test_attributes_that_are_nested_too_deeply_are_refused_and_shown_again(office):
    family = Family.objects.create(key="nova", name="Nova", category="phone")
    answer = office.post("/admin/catalog/product/add/", product_form(family, attributes="[" * 5_000))
    assert answer.status_code == 200
    assert answer.context["adminform"].form.errors == {"attributes": ["Enter a valid JSON."]}
    assert "[" * 5_000 in answer.content.decode()
    assert not Product.objects.exists()
