"""The basket: what fits in, what the shop changes under it, two tabs, and a login in between."""

import re
from decimal import Decimal

import pytest

from catalog.models import Basket, BasketLine, Product
from recommender.models import Interaction
from tests.catalog.conftest import basket_lines

pytestmark = pytest.mark.django_db


def add(client, product, quantity=1, **headers):
    return client.post(f"/basket/add/{product.pk}/", {"quantity": quantity, "next": "/products/"}, **headers)


def notices(response):
    return [str(message) for message in response.context["messages"]]


def test_a_guest_adds_and_is_sent_back(client, phone):
    product = phone(title="Nova")
    response = add(client, product, 2)
    assert (response.status_code, response["Location"]) == (302, "/products/")
    assert "Nova is in your basket." in client.get("/products/").content.decode()
    assert basket_lines(client) == [("Nova", 2)]


def test_a_script_gets_the_new_count_instead(client, phone):
    product = phone(title="Nova", stock=3)
    add(client, product)
    response = add(client, product, 9, HTTP_ACCEPT="application/json")
    assert response.json() == {
        "added": 2,
        "count": 3,
        "message": "You have 3 of Nova in your basket; more cannot be ordered at once.",
    }


def test_adding_is_remembered_as_an_event(client, phone):
    product = phone()
    add(client, product, 2)
    event = Interaction.objects.get(kind="cart")
    assert (event.product_id, event.quantity, event.price) == (product.pk, 2, Decimal("199.0000"))


@pytest.mark.parametrize("fields", [{"stock": 0}, {"price": None}])
def test_what_cannot_be_bought_says_so(client, phone, fields):
    add(client, phone(title="Nova", **fields))
    assert notices(client.get("/basket/")) == ["Nova cannot be bought at the moment."]
    assert not BasketLine.objects.exists()
    assert not Interaction.objects.exists()


def test_what_is_hidden_is_not_there(client, phone):
    assert add(client, phone(is_visible=False)).status_code == 404


@pytest.mark.parametrize("quantity", ["", "abc", "-1", "0", "99999999999999999999"])
def test_a_senseless_quantity_counts_as_one(client, phone, quantity):
    add(client, phone(title="Nova"), quantity)
    assert basket_lines(client) == [("Nova", 1)]


def test_a_line_holds_at_most_ten_and_at_most_the_stock(client, phone):
    many, few = phone(title="Many", stock=50), phone(title="Few", stock=2)
    for _ in range(3):
        add(client, many, 8)
        add(client, few, 8)
    assert basket_lines(client) == [("Many", 10), ("Few", 2)]


def test_quantities_change_and_lines_go(client, phone):
    add(client, phone(title="Nova"))
    line = BasketLine.objects.get()
    client.post(f"/basket/lines/{line.pk}/", {"quantity": 3})
    assert basket_lines(client) == [("Nova", 3)]
    client.post(f"/basket/lines/{line.pk}/", {"quantity": 3, "remove": 1})
    assert basket_lines(client) == []
    client.post(f"/basket/lines/{line.pk}/", {"quantity": 3})
    assert basket_lines(client) == []


def test_a_senseless_change_says_so(client, phone):
    add(client, phone(title="Nova"), HTTP_ACCEPT="application/json")
    client.post(f"/basket/lines/{BasketLine.objects.get().pk}/", {"quantity": "eleven"})
    assert notices(client.get("/basket/")) == ["Choose a quantity between 0 and 10."]


def test_nobody_changes_another_visitor_s_line(client, client_factory, phone):
    add(client, phone(title="Nova"))
    stranger = client_factory()
    add(stranger, phone(title="Luna"))
    stranger.post(f"/basket/lines/{BasketLine.objects.get(title='Nova').pk}/", {"remove": 1})
    assert basket_lines(client) == [("Nova", 1)]


def test_a_change_after_the_session_ended_says_so(client, phone):
    add(client, phone())
    line = BasketLine.objects.get()
    client.cookies.clear()
    client.post(f"/basket/lines/{line.pk}/", {"quantity": 2})
    assert notices(client.get("/basket/")) == ["Your session has ended, and your basket with it."]


def test_a_guest_s_page_brings_the_basket_back_after_the_session_ended(client, phone):
    add(client, phone(title="Nova"))
    token = re.search(r'name="basket" value="([^"]+)"', client.get("/basket/").content.decode())[1]
    client.cookies.clear()
    client.post(f"/basket/lines/{BasketLine.objects.get().pk}/", {"quantity": 2, "basket": token})
    assert notices(client.get("/basket/")) == []
    assert basket_lines(client) == [("Nova", 2)]


def test_a_customer_s_page_carries_no_basket(client, phone, customer):
    client.force_login(customer)
    add(client, phone())
    assert 'name="basket"' not in client.get("/basket/").content.decode()


@pytest.mark.parametrize(
    ("change", "lines", "notice"),
    [
        (
            {"price": "149.00"},
            [("Nova", 3)],
            "Nova now costs €149.00; it was €199.00 when you put it into your basket.",
        ),
        ({"stock": 2}, [("Nova", 2)], "Only 2 of Nova are left; we adjusted the quantity."),
        (
            {"stock": 2, "price": "249.00"},
            [("Nova", 2)],
            "Only 2 of Nova are left; we adjusted the quantity. "
            "Nova now costs €249.00; it was €199.00 when you put it into your basket.",
        ),
        ({"stock": 0}, [("Nova", 3)], None),
        ({"is_visible": False}, [], "Nova is no longer sold and was taken out of your basket."),
        ({"price": None}, [], "Nova is no longer sold and was taken out of your basket."),
        ("delete", [], "Nova is no longer sold and was taken out of your basket."),
    ],
)
def test_the_basket_says_what_the_shop_changed_once(client, phone, change, lines, notice):
    product = phone(title="Nova")
    add(client, product, 3)
    client.get("/basket/")
    if change == "delete":
        product.delete()
    else:
        Product.objects.update(**change)
    response = client.get("/basket/")
    assert notices(response) == ([notice] if notice else [])
    assert [(line.title, line.quantity) for line in response.context["summary"].lines] == lines
    assert notices(client.get("/basket/")) == []


def test_something_sold_out_blocks_the_order_but_stays(client, phone):
    add(client, phone(title="Nova"))
    Product.objects.update(stock=0)
    summary = client.get("/basket/").context["summary"]
    assert (len(summary.lines), summary.total, summary.can_order) == (1, 0, False)


class TestLogin:
    def test_a_guest_s_basket_becomes_the_account_s(self, client, phone, customer):
        add(client, phone(title="Nova"), 2)
        client.post("/accounts/login/", {"username": customer.username, "password": "correct horse battery"})
        assert basket_lines(client) == [("Nova", 2)]
        assert Basket.objects.get().user == customer

    def test_equal_products_add_up_and_others_join(self, client, phone, customer):
        nova, luna = phone(title="Nova"), phone(title="Luna")
        client.force_login(customer)
        add(client, nova, 2)
        client.logout()
        add(client, nova, 1)
        add(client, luna, 1)
        client.force_login(customer)
        assert sorted(basket_lines(client)) == [("Luna", 1), ("Nova", 3)]
        assert Basket.objects.count() == 1

    def test_a_login_without_a_basket_changes_nothing(self, client, customer):
        client.force_login(customer)
        assert not Basket.objects.exists()

    def test_a_forged_session_value_is_no_basket(self, client):
        session = client.session
        session["basket"] = "not a uuid"
        session.save()
        assert basket_lines(client) == []
