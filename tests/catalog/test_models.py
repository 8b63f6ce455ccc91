"""What the database refuses whatever the code above it does, and what one row says about itself."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import translation

from catalog.models import Basket, BasketLine, Order, OrderLine, ProductImage
from tests.shop import add_picture, phone_picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def refused():
    def assert_refused(make):
        with pytest.raises(IntegrityError), transaction.atomic():
            make()

    return assert_refused


def test_article_numbers_are_unique(phone, refused):
    phone(sku="a")
    refused(lambda: phone(sku="a"))


def test_a_price_is_never_negative(phone, refused):
    refused(lambda: phone(price="-0.01"))


def test_a_product_has_a_picture_once(phone, refused):
    product = phone(picture=True)
    twin = product.images.get()
    twin.pk = None
    refused(twin.save)


def test_a_picture_has_a_size(phone, refused):
    refused(lambda: ProductImage.objects.create(product=phone(), file="a.png", content_hash="0", width=0, height=9))


@pytest.mark.parametrize("quantity", [0, 11])
def test_a_basket_line_holds_one_to_ten(phone, refused, quantity):
    basket = Basket.objects.create()
    refused(lambda: BasketLine.objects.create(basket=basket, product=phone(), quantity=quantity, price_seen=1))


def test_a_product_lies_in_a_basket_once(phone, refused):
    basket, product = Basket.objects.create(), phone()
    BasketLine.objects.create(basket=basket, product=product, price_seen=1)
    refused(lambda: BasketLine.objects.create(basket=basket, product=product, price_seen=1))


def test_an_order_line_has_a_quantity(phone, refused):
    order = Order.objects.create()
    refused(lambda: OrderLine.objects.create(order=order, product=phone(), sku="a", quantity=0, position=1))


def test_orders_and_baskets_outlive_their_products(phone):
    product = phone(title="Nova")
    order, basket = Order.objects.create(), Basket.objects.create()
    OrderLine.objects.create(order=order, product=product, sku="a", title="Nova", quantity=1, unit_price=5, position=1)
    BasketLine.objects.create(basket=basket, product=product, title="Nova", price_seen=5)
    product.delete()
    assert (order.lines.get().product, order.lines.get().title) == (None, "Nova")
    assert (basket.lines.get().product, basket.lines.get().title) == (None, "Nova")


def test_order_numbers_cannot_be_guessed():
    references = {Order.objects.create().reference for _ in range(20)}
    assert len(references) == 20
    assert {len(reference) for reference in references} == {12}


@pytest.mark.parametrize(
    ("value", "fits"),
    [
        ({}, True),
        ({"Case": "steel"}, True),
        ([], True),
        (["Case"], False),
        ({"Case": 1}, False),
        ({"Case": {"a": "b"}}, False),
    ],
)
def test_more_attributes_are_names_and_texts(phone, value, fits):
    product = phone(attributes=value)
    if fits:
        product.full_clean()
        assert product.attributes == (value or {})
    else:
        with pytest.raises(ValidationError, match="Names and texts"):
            product.full_clean()


@pytest.mark.parametrize(
    ("size", "widths"),
    [(100, [100]), (320, [320]), (500, [320, 500]), (1200, [320, 640, 960])],
)
def test_pictures_are_kept_in_a_few_widths_and_never_enlarged(phone, size, widths):
    image = add_picture(phone(), phone_picture(size=size))
    assert [rendition.width for rendition in image.renditions] == widths
    assert all(image.file.storage.exists(url.removeprefix("/media/")) for url, _, _ in image.renditions)


def test_a_family_speaks_the_reader_s_language_if_it_can(phone):
    both = phone(specs={"description": "light", "description_zh": "轻"}).family
    english = phone(specs={"description": "light"}).family
    with translation.override("zh-hans"):
        assert (both.text, english.text) == ("轻", "light")
    assert both.text == "light"


@pytest.mark.parametrize(
    ("title", "address"),
    [("Nova 2", "nova-2"), ("轻机", "%E8%BD%BB%E6%9C%BA"), ("!?", "item"), ("a" * 200, "a" * 80)],
)
def test_addresses_follow_the_title(phone, title, address):
    product = phone(title=title)
    assert product.get_absolute_url() == f"/products/{product.pk}/{address}/"
