"""On every page: no accessibility violation, no fault in the console, no sideways scrolling, nothing that jumps."""

import pytest
from axe_playwright_python.sync_playwright import Axe

pytestmark = pytest.mark.browser

SHIFTS = """() => new Promise(done => {
  let sum = 0;
  new PerformanceObserver(list => list.getEntries().forEach(entry => { sum += entry.value; }))
    .observe({type: "layout-shift", buffered: true});
  setTimeout(() => done(sum), 150);
})"""


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
        "comparison": f"/compare/?ids={first.pk},{second.pk},{third.pk}",
        "basket": "/basket/",
        "checkout": "/checkout/",
        "about you": "/about-you/",
        "log in": "/accounts/login/",
        "register": "/account/register/",
        "reset password": "/accounts/password_reset/",
    }


@pytest.mark.parametrize(
    ("language", "scheme", "width"), [("en-GB", "light", 1440), ("zh-CN", "dark", 360)], ids=["wide", "narrow"]
)
def test_every_page_is_sound(visit, shop, language, scheme, width):
    page = visit(width=width, language=language, scheme=scheme)
    page.goto(shop[0].get_absolute_url())
    page.locator(".buy__button").click()
    page.locator("[data-toast][data-shown]").wait_for()
    for name, address in addresses(shop).items():
        page.goto(address)
        assert page.evaluate(SHIFTS) < 0.02, name
        overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(overflow) == 0, name
        found = Axe().run(page).response["violations"]
        assert [(fault["id"], [node["html"][:200] for node in fault["nodes"]]) for fault in found] == [], name
    assert page.faults == []


@pytest.mark.parametrize("language", ["en-GB", "zh-CN"])
def test_pages_of_a_customer_are_sound_too(visit, shop, django_user_model, language):
    django_user_model.objects.create_user("ada", password="correct horse")
    page = visit(width=360, language=language, scheme="dark")
    page.goto("/accounts/login/?next=" + shop[0].get_absolute_url())
    page.fill("[name=username]", "ada")
    page.fill("[name=password]", "correct horse")
    page.locator(".form button").click()
    page.locator(".buy__button").click()
    page.locator("[data-toast][data-shown]").wait_for()
    page.goto("/checkout/")
    page.locator(".checkout [type=submit]").click()
    assert Axe().run(page).response["violations"] == []  # every field marked as missing
    for name, text in {"email": "a@b.org", "name": "Ada", "address": "Road 1", "postcode": "1", "city": "Bonn"}.items():
        page.fill(f"[name={name}]", text)
    page.locator(".checkout [type=submit]").click()
    page.wait_for_url("**/orders/**")
    assert Axe().run(page).response["violations"] == []
    page.goto("/account/")
    assert Axe().run(page).response["violations"] == []
    assert [fault for fault in page.faults if "422" not in fault] == []
