"""Copies of a product's pictures, and what looks like it."""

from io import BytesIO

import pytest
from PIL import Image

from recommender.models import ImageEmbedding
from recommender.services import embedding
from recommender.services.likenesses import likenesses
from tests.shop import add_picture, make_product, phone_picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    """Three red families with phones of their own, and a blue one."""
    products = {
        "nova": make_product("nova", lens=1),
        "ruby": make_product("ruby", lens=3),
        "rose": make_product("rose", lens=2, corner=60),
        "azur": make_product("azur", colour="blue"),
    }
    embedding.embed([product.pk for product in products.values()])
    return products


def with_a_speck(content):
    """The picture in other bytes."""
    image = Image.open(BytesIO(content))
    image.putpixel((0, 0), (250, 250, 250))
    out = BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def told(product):
    found = likenesses(product)
    return [(copy.card.title, copy.exact) for copy in found.copies], [one.card.title for one in found.alike]


def test_what_looks_most_like_it_comes_first(shop):
    copies, alike = told(shop["nova"])
    assert copies == []
    assert set(alike[:2]) == {"ruby", "rose"}
    assert alike[2] == "azur"
    matches = [one.match for one in likenesses(shop["nova"]).alike]
    assert matches == sorted(matches, reverse=True)
    assert all(0 <= match <= 1 for match in matches)


def test_the_same_file_and_the_same_picture_elsewhere_are_found(shop):
    file = make_product("file", picture=False)
    add_picture(file, phone_picture("red", lens=1))
    touched = make_product("touched", picture=False)
    add_picture(touched, with_a_speck(phone_picture("red", lens=1)))
    embedding.embed([file.pk, touched.pk])
    copies, _ = told(shop["nova"])
    assert copies == [("file", True), ("touched", False)]
    assert ("nova", True) in told(file)[0]


def test_variants_may_share_pictures(shop):
    variant = make_product("nova 256", family="nova", picture=False)
    add_picture(variant, phone_picture("red", lens=1))
    embedding.embed([variant.pk])
    copies, alike = told(shop["nova"])
    assert copies == []
    assert alike[0] == "nova 256"
    assert likenesses(shop["nova"]).alike[0].is_variant


def test_a_product_that_was_not_looked_at_says_so(shop):
    new = make_product("new", picture=False)
    add_picture(new, phone_picture("gold"))
    embedding.request([new.pk])
    found = likenesses(new)
    assert (found.is_known, found.waiting, found.failed, found.copies, found.alike) == (False, 1, 0, (), ())
    ImageEmbedding.objects.filter(product=new).update(status="failed")
    assert (likenesses(new).waiting, likenesses(new).failed) == (0, 1)
