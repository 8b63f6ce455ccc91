"""Every shopper flow in four cells: with and without scripts, in English and in Chinese.

A flow is a function; `test_flow` walks it in each cell through the texts that the page shows in that language.
"""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import translation
from playwright.sync_api import Page, expect

from catalog import listing, wording
from catalog.models import Order
from recommender.models import Interaction

pytestmark = pytest.mark.browser

ADDRESS = {"email": "ada@example.com", "name": "Ada", "address": "Road 1", "postcode": "1815", "city": "Bonn"}
LANGUAGES = {"en": "en-GB", "zh-hans": "zh-CN"}
PASSWORD = "correct horse battery"


@dataclass
class Visit:
    """A visitor in one cell of the table."""

    page: Page
    shop: list
    language: str
    script: bool

    def say(self, text, **values):
        """A text of the shop in the visitor's language."""
        with translation.override(self.language):
            return translation.gettext(text) % values if values else translation.gettext(text)

    def button(self, text):
        return self.page.get_by_role("button", name=re.compile("^" + re.escape(self.say(text)))).first

    def link(self, text):
        return self.page.locator("main").get_by_role("link", name=self.say(text)).first

    def heading(self):
        return self.page.get_by_role("heading", level=1)

    def is_told(self, text, **values):
        """The shop says so: in a notice, or in the toast where a script stayed on the page."""
        expect(self.page.locator(".notice, [data-toast]").filter(has_text=self.say(text, **values))).to_be_visible()

    def add(self, product):
        self.page.goto(product.get_absolute_url())
        self.button("Add to basket").click()
        self.is_told("%(product)s is in your basket.", product=product)

    def pay(self):
        self.page.locator(".checkout [type=submit]").click()

    def money(self, amount):
        with translation.override(self.language):
            return wording.money(amount)

    def fill(self, fields):
        for name, text in fields.items():
            self.page.fill(f"[name={name}]", text)


def home(visit):
    visit.page.goto("/")
    expect(visit.heading()).to_have_text(visit.shop[-1].family.name)
    expect(visit.page.get_by_role("heading", name=visit.say("New in"), exact=True)).to_be_visible()
    visit.page.locator(".brands__link").first.click()
    expect(visit.heading()).to_have_text(visit.say("All phones"))
    expect(visit.page.locator(".chip").first).to_be_visible()
    visit.page.goto("/")
    visit.link("Have a look").click()
    expect(visit.heading()).to_contain_text(visit.shop[-1].family.name)


def browsing(visit):
    page = visit.page
    page.goto("/")
    page.fill("[type=search]", "nova")
    page.locator(".search__button").click()
    expect(page.locator(".tile")).to_have_count(2)
    page.get_by_role("link", name=visit.say("Next"), exact=True).click()
    expect(page.locator(".pages__where")).to_have_text(visit.say("Page %(number)s of %(total)s", number=2, total=3))
    page.get_by_role("checkbox", name=re.compile("^Orbis")).check()
    if not visit.script:
        visit.button("Show results").click()
    expect(page.locator("[data-live]")).to_have_text("2 models" if visit.language == "en" else "2 款")
    assert {"q": ["nova"], "brand": ["Orbis"]}.items() <= parse_qs(urlsplit(page.url).query).items()
    page.select_option("#sort", "-price")
    if not visit.script:
        visit.button("Show results").click()
    expect(page.locator(".tile__link").first).to_contain_text("Nova 4")
    page.wait_for_url(re.compile("[?&]sort=-price"))
    page.locator(".chip").first.click()
    expect(page.locator("[data-live]")).to_have_text("5 models" if visit.language == "en" else "5 款")
    page.goto("/products/?q=nofa 3")
    expect(page.locator(".empty")).to_contain_text(visit.say("Did you mean:"))
    page.locator(".empty .chip").first.click()
    expect(page.locator(".tile__link").first).to_contain_text("Nova 3")


def choosing(visit):
    page, product = visit.page, visit.shop[0]
    page.goto(product.get_absolute_url())
    expect(page.locator(".price, .product__price")).to_contain_text("€")
    page.locator(".gallery__thumb").nth(1).click()
    expect(page.locator("#picture-2")).to_be_in_viewport()
    page.locator(".color-choice:not([aria-current])").first.click()
    expect(page.locator(".choices__current").first).to_have_text(visit.say("blue"))
    page.locator(".box-choice:not([aria-current])").first.click()
    expect(page.locator(".box-choice[aria-current]")).to_contain_text("256 GB")
    expect(page.get_by_role("heading", name=visit.say("Specifications"))).to_be_visible()
    page.goto(next(item for item in visit.shop if not item.stock).get_absolute_url())
    expect(page.locator(".stock")).to_have_text(visit.say("Sold out at the moment"))
    expect(visit.button("Add to basket")).to_have_count(0)


def comparing(visit):
    page = visit.page
    for product in visit.shop[:8:2]:
        page.goto(product.get_absolute_url())
        visit.button("Add to comparison").click()
        visit.is_told("%(product)s is in your comparison.", product=product)
    page.goto(visit.shop[8].get_absolute_url())
    visit.button("Add to comparison").click()
    visit.is_told("You can compare four phones at a time. Take one out first.")
    page.locator(".site-nav").get_by_role("link", name=re.compile("^" + visit.say("Compare"))).click()
    expect(page.locator(".compare__product")).to_have_count(4)
    visit.link("Show only differences").click()
    expect(page.get_by_role("rowheader", name=visit.say("Battery"))).to_be_visible()
    expect(page.get_by_role("rowheader", name=visit.say("Screen"), exact=True)).to_have_count(0)
    visit.button("Take out").click()
    expect(page.locator(".compare__product")).to_have_count(3)


def filling_the_basket(visit):
    page = visit.page
    visit.add(visit.shop[0])
    visit.add(visit.shop[1])
    page.goto("/basket/")
    page.locator("select[name=quantity]").first.select_option("3")
    visit.button("Update").click()
    expect(page.locator("[data-basket-count]")).to_have_text("4")
    expect(page.locator(".line__price").first).to_have_text(visit.money(visit.shop[0].price * 3))
    visit.button("Take out").click()
    expect(page.locator("[data-basket-count]")).to_have_text("1")
    visit.button("Take out").click()
    expect(page.locator(".empty")).to_contain_text(visit.say("Your basket is empty."))


def ordering_as_a_guest(visit):
    page = visit.page
    visit.add(visit.shop[0])
    page.goto("/basket/")
    visit.link("To checkout").click()
    visit.pay()
    visit.is_told("Something is missing or wrong. Please look at the marked fields.")
    visit.fill(ADDRESS)
    page.locator("[name=card][value=refused]").check()
    visit.pay()
    refused = visit.say("The payment was refused. Nothing was ordered; choose another card.")
    expect(page.locator(".errorlist")).to_have_text(refused)
    assert not Order.objects.exists()
    page.locator("[name=card][value=approved]").check()
    visit.pay()
    expect(visit.heading()).to_have_text(visit.say("Thank you for your order"))
    assert Order.objects.get().email == ADDRESS["email"]
    expect(page.locator("[data-basket-count]")).to_be_hidden()


def keeping_an_account(visit):
    page = visit.page
    page.goto("/account/register/")
    visit.fill({"email": ADDRESS["email"], "password1": PASSWORD, "password2": PASSWORD})
    visit.button("Create account").click()
    page.goto("/account/")
    expect(page.locator(".empty")).to_contain_text(visit.say("No orders yet."))
    visit.add(visit.shop[0])
    page.goto("/checkout/")
    visit.fill(ADDRESS)
    visit.pay()
    expect(visit.heading()).to_have_text(visit.say("Thank you for your order"))
    page.goto("/account/")
    reference = Order.objects.get().reference
    page.get_by_role("link", name=visit.say("Order %(reference)s", reference=reference)).click()
    expect(page.locator(".confirmation")).to_contain_text(reference)
    page.goto("/account/")
    visit.button("Log out").click()
    page.goto("/account/")
    expect(visit.heading()).to_have_text(visit.say("Log in"))


def logging_in_with_a_basket(visit):
    page = visit.page
    visit.add(visit.shop[0])
    page.goto("/accounts/login/?next=/basket/")
    visit.fill({"username": "grace@example.com", "password": "wrong"})
    page.locator(".form button").click()
    expect(page.locator(".notice--error")).to_be_visible()
    visit.fill({"username": "grace@example.com", "password": PASSWORD})
    page.locator(".form button").click()
    expect(visit.heading()).to_have_text(visit.say("Basket"))
    expect(page.locator(".line__title")).to_have_text(str(visit.shop[0]))
    page.goto("/account/")
    visit.button("Log out").click()


def seeing_what_is_known(visit):
    page = visit.page
    page.goto(visit.shop[0].get_absolute_url())
    page.goto("/about-you/")
    expect(visit.heading()).to_have_text(visit.say("What we know about you"))
    expect(page.locator(".taste").first).to_be_visible()
    with page.expect_download() as download:
        visit.link("Export as a file").click()
    events = json.loads(Path(download.value.path()).read_text())["events"]
    assert [event["kind"] for event in events] == ["view"]
    visit.button("Delete everything").click()
    visit.is_told("Everything we knew about your browsing is deleted.")
    assert not Interaction.objects.exists()


def refusing_to_be_remembered(visit):
    page = visit.page
    page.goto("/about-you/")
    visit.button("Stop remembering").click()
    visit.is_told("From now on we remember nothing.")
    page.goto(visit.shop[0].get_absolute_url())
    assert not Interaction.objects.exists()
    page.goto("/about-you/")
    visit.button("Remember again").click()
    page.goto(visit.shop[0].get_absolute_url())
    expect(visit.heading()).to_contain_text(visit.shop[0].family.name)
    assert Interaction.objects.count() == 1


def switching_language_and_theme(visit):
    page = visit.page
    page.goto("/products/?sort=price")
    visit.button("Switch to dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.url.endswith("/products/?sort=price")
    visit.language = "zh-hans" if visit.language == "en" else "en"
    page.locator(f".language__choice[value={visit.language}]").click()
    expect(visit.heading()).to_have_text(visit.say("All phones"))
    assert page.url.endswith("/products/?sort=price")
    page.goto("/basket/")
    expect(visit.heading()).to_have_text(visit.say("Basket"))
    assert page.locator("html").get_attribute("data-theme") == "dark"
    visit.button("Switch to light").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")


FLOWS = [
    home,
    browsing,
    choosing,
    comparing,
    filling_the_basket,
    ordering_as_a_guest,
    keeping_an_account,
    logging_in_with_a_basket,
    seeing_what_is_known,
    refusing_to_be_remembered,
    switching_language_and_theme,
]


@pytest.mark.parametrize("flow", FLOWS, ids=lambda flow: flow.__name__)
def test_flow(flow, visit, shop, subtests, monkeypatch, django_user_model):
    monkeypatch.setattr(listing, "PAGE_SIZE", 2)
    for script in (True, False):
        for language, locale in LANGUAGES.items():
            for model in (Interaction, Order, django_user_model):
                model.objects.all().delete()
            django_user_model.objects.create_user("grace@example.com", "grace@example.com", PASSWORD)
            with subtests.test(language=language, script=script):
                page = visit(script=script, language=locale)
                flow(Visit(page, list(shop), language, script))
                assert [fault for fault in page.faults if "422" not in fault] == []
