"""Paper, calm and the keyboard: the shop beyond a mouse and a screen."""

import pytest
from playwright.sync_api import expect

from catalog.models import Order, OrderLine
from tests.browser.test_flows import ADDRESS

pytestmark = pytest.mark.browser


@pytest.fixture
def signed_in(visit, client, django_user_model, live_server):
    """Opens a window of a customer who has one order: `page, order = signed_in(shop, width=360)`."""

    def open_window(shop, **window):
        user = django_user_model.objects.create_user("ada@example.com", "ada@example.com", "correct horse")
        order = Order.objects.create(user=user, **ADDRESS, country="DE")
        OrderLine.objects.create(
            order=order, product=shop[0], sku=shop[0].sku, title=str(shop[0]), quantity=2, unit_price=450, position=1
        )
        client.force_login(user)
        page = visit(**window)
        cookie = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
        page.context.add_cookies([cookie])
        return page, order

    return open_window


def test_an_order_prints_on_white_without_what_only_a_screen_can_use(signed_in, shop):
    page, order = signed_in(shop, scheme="dark")
    page.goto(f"/orders/{order.reference}/")
    page.emulate_media(media="print")
    for gone in (".site-header", ".site-footer", ".rec-shelf", "main .button"):
        for found in page.locator(gone).all():
            expect(found).to_be_hidden()
    for kept in (order.reference, "€900.00", "Road 1", str(shop[0])):
        expect(page.locator("main")).to_contain_text(kept)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert page.evaluate("getComputedStyle(document.querySelector('h1')).color") == "rgb(24, 24, 27)"


def test_nothing_moves_for_those_who_asked_for_calm(visit, shop):
    page = visit()  # windows of these tests ask for reduced motion
    moving = """() => [...document.querySelectorAll("*")].filter(one => {
      const style = getComputedStyle(one);
      return style.transitionDuration.split(", ").some(time => time !== "0s") || style.animationName !== "none"
        || style.scrollBehavior === "smooth";
    }).length"""
    for address in ("/", "/products/", shop[0].get_absolute_url()):
        page.goto(address)
        assert page.evaluate(moving) == 0, address
    page.emulate_media(reduced_motion="no-preference")
    assert page.evaluate(moving) > 0


def tab_to(page, text):
    """Press Tab until the focus is on something with this text, and see that it shows."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent").strip().startswith(text):
            outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
            assert outline != "none", text
            return
    raise AssertionError(f"{text} is not reached with Tab")


def test_a_purchase_from_search_to_payment_with_the_keyboard_alone(visit, shop):
    page = visit()
    page.goto("/")
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "search":
            break
    page.keyboard.type("nova 1")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("nova 1")
    page.locator(".tile__link").first.focus()  # past the filters, as the skip link leads
    page.keyboard.press("Enter")
    page.wait_for_url("**/products/*/**")
    tab_to(page, "Add to basket")
    page.keyboard.press("Enter")
    expect(page.locator("[data-basket-count]")).to_have_text("1")
    page.goto("/basket/")
    tab_to(page, "To checkout")
    page.keyboard.press("Enter")
    page.wait_for_url("**/checkout/")
    order = ("email", "name", "address", "postcode", "city")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == "email":
            break
    for name in order:
        assert page.evaluate("document.activeElement.name") == name
        page.keyboard.type(ADDRESS[name])
        page.keyboard.press("Tab")
    page.keyboard.type("Ger")  # the country
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    assert page.evaluate("document.activeElement.value") == "approved"
    tab_to(page, "Pay")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you for your order")
    assert Order.objects.get().country == "DE"
