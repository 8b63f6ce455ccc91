"""Every page of the whole demo range, read in Chinese: no English word is left but names and units."""

import re
from dataclasses import replace
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.test import Client

from catalog import importing
from catalog.demo.catalogue import records
from catalog.demo.families import FAMILIES
from catalog.demo.specs import specs
from catalog.demo.variants import variants
from catalog.models import Order, Product
from recommender.services import serving, training

pytestmark = pytest.mark.django_db

UNITS = {"GB", "TB", "MP", "Hz", "mAh", "mm", "W", "g"}
OWN_NAMES = {"Mobilum", "English", "EUR"}
READ_OUT = {"alt", "title", "aria-label", "placeholder", "content", "value"}
ADDRESS = {
    "email": "ada@example.com",
    "name": "Ada",
    "address": "1815",
    "postcode": "1815",
    "city": "Ada",
    "country": "DE",
    "card": "approved",
}


class Words(HTMLParser):
    """The Latin words that a visitor reads or hears on a page."""

    def __init__(self):
        super().__init__()
        self.texts = []
        self._silent = False

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self._silent = tag in {"script", "style"} or found.get("lang") == "en"
        if tag == "meta" and found.get("name") != "description":
            return
        if tag == "input" and found.get("type") in {"hidden", "checkbox", "radio"}:
            return
        names = READ_OUT - ({"value"} if tag in {"option", "button", "meter", "input"} else set())
        self.texts += [value for name, value in attrs if name in names and value]

    def handle_endtag(self, tag):
        self._silent = False

    def handle_data(self, data):
        if not self._silent:
            self.texts.append(data)

    @classmethod
    def of(cls, response):
        """The words of a page, as a set."""
        reader = cls()
        reader.feed(response.content.decode())
        return set(re.findall(r"[A-Za-z]{2,}", " ".join(reader.texts)))


def name_words():
    """The words of invented names: makers, models, chips and systems."""
    names = [text for family in FAMILIES for text in (family.title, specs(family).chip, specs(family).operating_system)]
    return set(re.findall(r"[A-Za-z]+", " ".join(names)))


@pytest.fixture
def range_in_the_shop():
    """One product of every family and colour of the full range, without its pictures."""
    chosen = {(variant.family.title, variant.colour_key): variant for variant in variants(FAMILIES)}
    for record in records(Path(), chosen.values(), (), date(2026, 11, 1)):
        importing.upsert_product(replace(record, images=()))
    Product.objects.update(stock=9)
    Product.objects.filter(pk=Product.objects.last().pk).update(stock=0)
    training.train()
    serving.reset()
    return list(Product.objects.order_by("pk"))


@pytest.mark.once
def test_no_english_is_left_in_the_whole_range(range_in_the_shop, customer):
    client = Client(headers={"accept-language": "zh-hans"})
    allowed = name_words() | UNITS | OWN_NAMES
    faults = {}

    def read(address, response=None):
        response = response or client.get(address)
        if left := Words.of(response) - allowed:
            faults[address] = left
        return response

    shown = {product.family_id: product for product in range_in_the_shop}.values()
    for product in [*shown, range_in_the_shop[-1]]:
        allowed |= set(re.findall(r"[A-Za-z]+", product.sku))
        read(product.get_absolute_url())
        allowed -= set(re.findall(r"[A-Za-z]+", product.sku)) - name_words()
    for address in ("/", "/products/", "/products/?page=3", "/products/?color=red&category=flagship&price_max=900"):
        read(address)
    read("/products/?q=zzz", client.get("/products/?q=0000"))
    pairs = [range_in_the_shop[i : i + 4] for i in range(0, len(range_in_the_shop), 4)]
    for four in pairs:
        read("/compare/?ids=" + ",".join(str(product.pk) for product in four))
    read("/compare/")
    read("/basket/")
    for product in range_in_the_shop[:3]:
        client.post(f"/compare/{product.pk}/add/")
        client.post(f"/basket/add/{product.pk}/", {"quantity": 2})
    for address in ("/compare/", "/basket/", "/accounts/login/", "/account/register/", "/accounts/password_reset/"):
        read(address)
    Product.objects.filter(pk=range_in_the_shop[0].pk).update(stock=1)
    Product.objects.filter(pk=range_in_the_shop[1].pk).update(price="1.00")
    Product.objects.filter(pk=range_in_the_shop[2].pk).update(is_visible=False)
    read("basket with changes", client.get("/basket/"))
    client.force_login(customer)
    allowed |= {"ada", "example", "com"}
    checkout = read("/checkout/")
    hidden = checkout.context["hidden"]
    read("checkout with errors", client.post("/checkout/", hidden))
    read("card refused", client.post("/checkout/", hidden | ADDRESS | {"card": "refused"}))
    order = client.post("/checkout/", hidden | ADDRESS)
    allowed |= {"Ada", *re.findall(r"[A-Z]+", Order.objects.get().reference)}
    read(order["Location"])
    for address in ("/account/", "/about-you/", "/accounts/password_change/", "/nothing/"):
        read(address)
    client.post("/about-you/forget/")
    read("forgotten", client.get("/about-you/"))
    assert faults == {}
