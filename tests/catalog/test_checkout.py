# ruff: noqa: RUF001 - Chinese has its own commas and semicolons
"""The checkout: one order whatever is clicked, all or nothing, and nothing that was typed is lost."""

import re
import threading
import uuid
from decimal import Decimal

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connections

from catalog import checkout
from catalog.models import Basket, BasketLine, Order, Product
from recommender.models import Interaction

ADDRESS = {
    "email": "ada@example.com",
    "name": "Ada",
    "address": "Analytical Street 1",
    "postcode": "1815",
    "city": "London",
    "country": "IE",
}


@pytest.fixture
def nova(db, client, phone):
    """A phone of which three lie in the visitor's basket."""
    product = phone(title="Nova", stock=5, price="200.00")
    client.post(f"/basket/add/{product.pk}/", {"quantity": 3})
    return product


def hidden(response):
    """The hidden fields of the checkout page as a browser would send them."""
    page = response.content.decode()
    found = dict(re.findall(r'<input type="hidden" name="(token|total|basket)" value="([^"]*)">', page))
    assert set(found) == {"token", "total", "basket"}
    return found


def form(client, **changes):
    return hidden(client.get("/checkout/")) | ADDRESS | {"card": "approved"} | changes


def notices(response):
    return [str(message) for message in response.context["messages"]]


def test_an_order_takes_stock_empties_the_basket_and_keeps_price_and_address(client, nova):
    response = client.post("/checkout/", form(client))
    order = Order.objects.get()
    assert response["Location"] == f"/orders/{order.reference}/"
    assert [(line.sku, line.title, line.quantity, line.unit_price) for line in order.lines.all()] == [
        (nova.sku, "Nova", 3, Decimal("200.0000"))
    ]
    assert {name: getattr(order, name) for name in ADDRESS} == ADDRESS
    assert (order.total, order.user, order.status) == (Decimal(600), None, "paid")
    assert Product.objects.get().stock == 2
    assert not BasketLine.objects.exists()
    page = client.get(response["Location"]).content.decode()
    assert order.reference in page
    assert "€600.00" in page


def test_every_line_is_remembered_as_one_purchase(client, nova, phone):
    client.post(f"/basket/add/{phone(price='50.00').pk}/")
    fields = form(client)
    client.post("/checkout/", fields)
    client.post("/checkout/", fields)
    reference = Order.objects.get().reference
    assert sorted(Interaction.objects.filter(kind="purchase").values_list("quantity", "price", "order_id")) == [
        (1, Decimal("50.0000"), reference),
        (3, Decimal("200.0000"), reference),
    ]


def test_a_second_submit_is_the_same_order(client, nova):
    fields = form(client)
    first, second = client.post("/checkout/", fields), client.post("/checkout/", fields)
    assert first["Location"] == second["Location"]
    assert (Order.objects.count(), Product.objects.get().stock) == (1, 2)


def test_a_second_tab_finds_the_basket_already_ordered(client, nova):
    one, other = form(client), form(client)
    client.post("/checkout/", one)
    response = client.post("/checkout/", other, follow=True)
    assert notices(response) == ["Your basket is empty."]
    assert Order.objects.count() == 1


def test_a_basket_changed_in_another_tab_shows_the_new_total_first(client, nova):
    fields = form(client)
    client.post(f"/basket/lines/{BasketLine.objects.get().pk}/", {"quantity": 1})
    response = client.post("/checkout/", fields)
    assert notices(response) == ["Your basket was changed in another window. Please look at the new total."]
    assert hidden(response)["total"] == "200.00"
    assert client.post("/checkout/", fields | hidden(response)).status_code == 302
    assert Order.objects.get().total == 200


@pytest.mark.parametrize(
    ("change", "notice"),
    [
        ({"price": "180.00"}, "Nova now costs €180.00; it was €200.00 when you put it into your basket."),
        ({"stock": 2}, "Only 2 of Nova are left; we adjusted the quantity."),
        ({"stock": 0}, "Nova is sold out. Take it out of your basket to go on."),
        ({"is_visible": False}, "Nova is no longer sold and was taken out of your basket."),
        ("delete", "Nova is no longer sold and was taken out of your basket."),
    ],
)
def test_what_changed_before_payment_is_said_and_the_address_is_kept(client, nova, change, notice):
    fields = form(client)
    if change == "delete":
        nova.delete()
    else:
        Product.objects.update(**change)
    response = client.post("/checkout/", fields)
    assert response.status_code == 422
    assert notices(response) == [notice]
    assert 'value="Analytical Street 1"' in response.content.decode()
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    ("change", "notice"),
    [
        ({"price": "180.00"}, "Nova 现价 €180.00；加入购物车时为 €200.00。"),
        ({"stock": 2}, "Nova 仅剩 2 件，已为您调整数量。"),
        ({"stock": 0}, "Nova 已售罄，请将其移出购物车后继续。"),
        ({"is_visible": False}, "Nova 已停售，并已从您的购物车中移除。"),
    ],
)
def test_it_is_said_in_chinese_too(client, nova, change, notice):
    fields = form(client)
    Product.objects.update(**change)
    assert notices(client.post("/checkout/", fields, headers={"accept-language": "zh-hans"})) == [notice]


def test_a_refused_card_orders_nothing_and_can_be_changed(client, nova):
    response = client.post("/checkout/", form(client, card="refused"))
    assert response.status_code == 422
    assert response.context["form"].errors == {
        "card": ["The payment was refused. Nothing was ordered; choose another card."]
    }
    assert (Order.objects.count(), Product.objects.get().stock) == (0, 5)
    assert client.post("/checkout/", form(client) | hidden(response)).status_code == 302


@pytest.mark.parametrize(
    "wrong",
    [
        {"email": "nobody"},
        {"name": ""},
        {"country": "XX"},
        {"card": "stolen"},
        {"token": "abc"},
        {"total": "free"},
        {"postcode": "1" * 21},
        {"city": "\0"},
    ],
)
def test_a_wrong_field_is_marked_and_nothing_is_ordered(client, nova, wrong):
    response = client.post("/checkout/", form(client, **wrong))
    assert response.status_code == 422
    assert set(response.context["form"].errors) == set(wrong)
    assert not Order.objects.exists()


def test_a_guest_whose_session_ended_still_orders(client, nova):
    fields = form(client)
    client.cookies.clear()
    response = client.post("/checkout/", fields)
    assert client.get(response["Location"]).status_code == 200
    assert Order.objects.get().total == 600


def test_a_customer_whose_session_ended_is_told_where_the_basket_is(client, phone, customer):
    client.force_login(customer)
    client.post(f"/basket/add/{phone(title='Nova').pk}/")
    fields = form(client)
    client.logout()
    response = client.post("/checkout/", fields, follow=True)
    assert notices(response) == ["Your session has ended. Log in again: your basket is kept in your account."]
    client.force_login(customer)
    assert [line.title for line in client.get("/basket/").context["summary"].lines] == ["Nova"]


@pytest.mark.parametrize("token", ["", "forged:token", "x" * 5000])
def test_a_forged_basket_is_nobody_s(client, nova, token):
    fields = form(client, basket=token)
    client.cookies.clear()
    assert client.post("/checkout/", fields)["Location"] == "/basket/"


@pytest.mark.django_db
def test_without_a_basket_there_is_no_checkout(client):
    assert client.get("/checkout/")["Location"] == "/basket/"


def test_the_next_order_knows_the_address(client, nova, customer):
    client.force_login(customer)
    client.post("/checkout/", form(client))
    client.post(f"/basket/add/{nova.pk}/")
    assert client.get("/checkout/").context["form"].initial == ADDRESS


def test_an_order_is_shown_to_its_buyer_only(client, client_factory, nova, customer):
    page = client.post("/checkout/", form(client))["Location"]
    stranger = client_factory()
    assert client.get(page).status_code == 200
    assert stranger.get(page).status_code == 404
    stranger.force_login(customer)
    assert stranger.get(page).status_code == 404
    assert client.get("/orders/%00/").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_two_customers_cannot_both_have_the_last_one(phone):
    """Two threads, two connections: one orders, the other is told."""
    product = phone(title="Nova", stock=1, price="10.00")
    baskets = [Basket.objects.create() for _ in range(2)]
    for basket in baskets:
        BasketLine.objects.create(basket=basket, product=product, title="Nova", quantity=1, price_seen="10.00")
    outcomes = []
    ready = threading.Barrier(2)

    def buy(basket):
        submission = checkout.Submission(uuid.uuid4(), AnonymousUser(), ADDRESS, "approved", Decimal(10))
        ready.wait()
        try:
            checkout.place_order(basket, submission)
            outcomes.append("ordered")
        except checkout.BasketChangedError as error:
            outcomes.append(error.notices[0])
        finally:
            connections.close_all()

    threads = [threading.Thread(target=buy, args=[basket]) for basket in baskets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["Nova is sold out. Take it out of your basket to go on.", "ordered"]
    assert (Product.objects.get().stock, Order.objects.count()) == (0, 1)


@pytest.mark.django_db(transaction=True)
def test_a_double_click_is_one_order_even_at_the_same_moment(phone):
    product = phone(stock=5, price="10.00")
    basket = Basket.objects.create()
    BasketLine.objects.create(basket=basket, product=product, title="Nova", quantity=1, price_seen="10.00")
    submission = checkout.Submission(uuid.uuid4(), AnonymousUser(), ADDRESS, "approved", Decimal(10))
    placed = []
    ready = threading.Barrier(2)

    def click():
        ready.wait()
        try:
            placed.append(checkout.place_order(basket, submission))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=click) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({order.pk for order, _ in placed}) == 1
    assert sorted(is_new for _, is_new in placed) == [False, True]
    assert Product.objects.get().stock == 4
