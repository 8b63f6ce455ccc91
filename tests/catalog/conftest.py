import itertools

import pytest
from django.test import Client

from catalog.models import Brand, Family, Product
from recommender.services import serving
from tests.shop import LIGHT, add_picture, phone_picture


@pytest.fixture(autouse=True)
def folders(settings, tmp_path):
    """Folders of its own for each test, and an encoder that needs no network."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.RECOMMENDER = settings.RECOMMENDER | {"ENCODER": LIGHT, "CACHE_DIR": tmp_path / "cache", "POLL_SECONDS": 0}
    serving.reset()
    yield
    serving.reset()


@pytest.fixture
def phone(db):
    """Makes products: `phone(stock=3, family="nova", storage_gb=128)`."""
    numbers = itertools.count(1)

    def make(*, family=None, brand="Orbis", picture=False, released_on=None, category="phone", specs=None, **fields):
        number = next(numbers)
        maker = Brand.objects.get_or_create(name=brand)[0] if brand else None
        model, _ = Family.objects.get_or_create(
            key=family or f"family-{number}",
            defaults={"name": family or f"Phone {number}", "brand": maker, "category": category}
            | {"released_on": released_on}
            | (specs or {}),
        )
        fields = {"sku": f"sku-{number}", "title": f"Phone {number}", "price": "199.00", "stock": 5} | fields
        product = Product.objects.create(family=model, **fields)
        product.refresh_from_db()
        if picture:
            add_picture(product, phone_picture(lens=number % 4 + 1))
        return product

    return make


@pytest.fixture
def customer(django_user_model):
    return django_user_model.objects.create_user("ada@example.com", "ada@example.com", "correct horse battery")


def basket_lines(client):
    """The visitor's basket as (title, quantity), read from the page's own data."""
    summary = client.get("/basket/").context["summary"]
    return [(line.title, line.quantity) for line in summary.lines]


@pytest.fixture
def client_factory():
    """Another visitor's browser."""
    return Client
