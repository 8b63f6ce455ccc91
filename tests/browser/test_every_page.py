"""On every page: no accessibility violation, no fault in the console, no sideways scrolling, nothing that jumps."""

import pytest

from catalog.models import Order, OrderLine
from tests.browser.axe import violations

pytestmark = pytest.mark.browser

MOST_SHIFT = 0.01
SHIFTS = """() => new Promise(done => {
  let sum = 0;
  new PerformanceObserver(list => list.getEntries().forEach(entry => { sum += entry.value; }))
    .observe({type: "layout-shift", buffered: true});
  setTimeout(() => done(sum), 100);
})"""
SCROLL_THROUGH = """async () => {
  for (let top = 0; top < document.documentElement.scrollHeight; top += 600) {
    scrollTo({top, behavior: "instant"});
    await new Promise(requestAnimationFrame);
  }
  await Promise.all([...document.images].map(image => image.decode().catch(() => null)));
  await new Promise(requestAnimationFrame);
}"""
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
CELLS = [("en-GB", "light", 1440), ("en-GB", "dark", 360), ("zh-CN", "light", 360), ("zh-CN", "dark", 1440)]
"""Language, scheme and width: every two values of theirs meet in one of the cells."""


def addresses(shop):
    """Every page of the shop that a visitor with something in the basket can see."""
    first, second, third = shop[0], shop[5], shop[9]
    return {
        "home": "/",
        "list": "/products/",
        "filters open": "/products/?color=blue#filters",
        "nothing found": "/products/?q=zzz",
        "product": first.get_absolute_url(),
        "sold out": shop.filter(stock=0)[0].get_absolute_url(),
        "search by photo": "/search-by-photo/",
        "comparison": f"/compare/?ids={first.pk},{second.pk},{third.pk}",
        "basket": "/basket/",
        "checkout": "/checkout/",
        "about you": "/about-you/",
        "log in": "/accounts/login/",
        "register": "/account/register/",
        "reset password": "/accounts/password_reset/",
    }


@pytest.fixture
def customer_pages(shop, django_user_model):
    """Name -> address of the pages that only a customer with an order sees."""
    user = django_user_model.objects.create_user("ada", password="correct horse")
    order = Order.objects.create(user=user, name="Ada", address="Road 1", city="Bonn", country="DE", email="a@b.org")
    OrderLine.objects.create(
        order=order, product=shop[0], sku="a", title=str(shop[0]), quantity=1, unit_price=450, position=1
    )
    return {
        "order": f"/orders/{order.reference}/",
        "account": "/account/",
        "change password": "/accounts/password_change/",
        "own comparison": "/compare/",
        "missing": "/nothing/",
    }


def check(page, name):
    """The page that is open is sound."""
    assert page.evaluate(OVERFLOW) == 0, name
    assert violations(page) == [], name


@pytest.mark.parametrize(("language", "scheme", "width"), CELLS)
def test_every_page_is_sound(visit, shop, customer_pages, language, scheme, width):
    page = visit(width=width, language=language, scheme=scheme)
    page.goto(shop[0].get_absolute_url())
    page.locator(".buy__button").click()
    page.locator("[data-toast][data-shown]").wait_for()
    for name, address in addresses(shop).items():
        assert page.goto(address).status == 200, name
        assert page.evaluate(SHIFTS) < MOST_SHIFT, name
        check(page, name)
    page.goto(shop[0].get_absolute_url())
    page.locator(".product__compare button").click()
    page.goto("/accounts/login/?next=/checkout/")
    page.fill("[name=username]", "ada")
    page.fill("[name=password]", "correct horse")
    page.locator(".form button").click()
    page.fill("[name=city]", "")
    page.locator(".checkout [type=submit]").click()
    page.locator(".field--wrong").first.wait_for()
    check(page, "checkout with a field marked as missing")
    for name, address in customer_pages.items():
        assert page.goto(address).status == (404 if name == "missing" else 200), name
        check(page, name)
    assert [fault for fault in page.faults if "422" not in fault and "404" not in fault] == []


@pytest.mark.parametrize("width", [360, 1440])
def test_nothing_jumps_while_a_page_loads_and_is_read(visit, shop, width):
    """Cumulative layout shift of a whole visit: loading, and every picture that comes while scrolling."""
    page = visit(width=width)
    for address in ("/", "/products/", shop[0].get_absolute_url()):
        page.goto(address, wait_until="load")
        page.evaluate(SCROLL_THROUGH)
        assert page.evaluate(SHIFTS) < MOST_SHIFT, address
