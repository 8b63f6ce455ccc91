"""The catalogue's health: each finding has a picture drawn to have it, and a healthy shop has none."""

from io import BytesIO

import numpy as np
import pytest
from django.contrib.auth import get_user_model
from django.db import transaction
from PIL import Image, ImageFilter

from catalog.models import Product, ProductImage
from recommender.models import Finding, PictureMeasure
from recommender.services.inspecting import inspect
from recommender.services.reviewing import shown_findings
from recommender.storage import findings
from tests.shop import add_picture, make_product, phone_picture

pytestmark = pytest.mark.django_db(transaction=True)
Kind = Finding.Kind
COLOURS = ("red", "blue", "green", "gold")
BRANDS = ("Orbis", "Ciel", "Nami")


@pytest.fixture
@transaction.atomic  # then all pictures are embedded in one go
def shop():
    """Twelve families in two or three colours, each with one sharp picture of its own."""
    for family in range(12):
        for colour in COLOURS if family < 9 else COLOURS[:2]:
            make_product(
                f"f{family}-{colour}",
                colour=colour,
                family=f"f{family}",
                brand=BRANDS[family % 3],
                corner=4 + 5 * family,
                lens=1 + family % 4,
                size=420,
            )


def product(sku):
    return Product.objects.get(sku=sku)


def replace_picture(sku, content):
    """The product with another main picture."""
    chosen = product(sku)
    ProductImage.objects.filter(product=chosen).delete()
    add_picture(chosen, content)
    return chosen


def file_of(image, **options):
    out = BytesIO()
    image.save(out, "PNG", **options)
    return out.getvalue()


def listed(kind):
    return {row.product.sku: row for row in findings.waiting(kind).select_related("product")}


@pytest.mark.once
def test_a_healthy_shop_has_no_findings(shop):
    inspection = inspect()
    assert inspection.pictures == 42
    assert inspection.waiting == dict.fromkeys(Kind.values, 0)
    assert PictureMeasure.objects.count() == 42


@pytest.mark.once
def test_each_trouble_is_found_where_it_is_and_nowhere_else(shop):
    large = phone_picture("red", corner=9, lens=2, size=420)
    replace_picture("f1-red", file_of(Image.open(BytesIO(large)).filter(ImageFilter.GaussianBlur(6))))
    replace_picture("f2-blue", phone_picture("blue", corner=14, lens=3, size=200))
    replace_picture("f3-gold", file_of(Image.new("RGB", (420, 420), (250, 250, 250))))
    ProductImage.objects.filter(product=product("f4-green")).delete()
    Product.objects.filter(sku="f5-blue").update(color="red")
    replace_picture("f6-red", phone_picture("red", corner=39, lens=4, size=420))  # as f7-red
    inspect()
    assert list(listed(Kind.BLURRED)) == ["f1-red"]
    assert list(listed(Kind.SMALL)) == ["f2-blue"]
    assert listed(Kind.SMALL)["f2-blue"].detail == {"width": 200, "height": 200}
    assert listed(Kind.NO_PRODUCT)["f3-gold"].detail == {"why": "empty"}
    assert list(listed(Kind.VIEWS)) == ["f4-green"]
    assert listed(Kind.COLOR)["f5-blue"].detail["seen"] == "blue"
    assert {row.product.sku for row in findings.waiting(Kind.SHARED).select_related("product")} <= {"f6-red", "f7-red"}
    assert findings.waiting(Kind.SHARED).count() == 1
    assert findings.waiting(Kind.DUPLICATE).count() == 0


@pytest.mark.once
def test_the_same_picture_twice_on_a_product_is_found_also_as_another_file(shop):
    chosen = product("f1-red")
    again = Image.open(BytesIO(phone_picture("red", corner=9, lens=2, size=420)))
    add_picture(chosen, file_of(again.resize((500, 500))))
    inspect()
    (row,) = findings.waiting(Kind.DUPLICATE)
    assert (row.product_id, row.other_id, row.detail["exact"]) == (chosen.pk, chosen.pk, False)


@pytest.mark.once
def test_storage_sizes_may_share_a_picture(shop):
    twin = make_product("f1-red-large", colour="red", family="f1", brand="Ciel", corner=9, lens=2, size=420)
    inspect()
    assert not Finding.objects.filter(kind=Kind.SHARED).exists()
    assert twin.images.count() == 1


@pytest.mark.once
def test_what_looks_like_nothing_else_is_no_product(shop):
    noise = np.random.default_rng(0).integers(0, 256, (420, 420, 3), dtype=np.uint8)
    replace_picture("f8-gold", file_of(Image.fromarray(noise)))
    inspect()
    assert listed(Kind.NO_PRODUCT)["f8-gold"].detail["why"] == "strange"


def test_what_was_found_fine_stays_silent_until_its_picture_changes(shop):
    boss = get_user_model().objects.create_superuser("boss", "b@example.com", "secret")
    replace_picture("f2-blue", phone_picture("blue", corner=14, lens=3, size=200))
    inspect()
    (row,) = findings.waiting(Kind.SMALL)
    assert findings.dismiss(row.pk, boss)
    assert inspect().waiting[Kind.SMALL] == 0
    assert [one.pk for one in findings.dismissed()] == [row.pk]
    replace_picture("f2-blue", phone_picture("blue", corner=14, lens=3, size=210))
    assert inspect().waiting[Kind.SMALL] == 1
    assert not findings.dismissed().exists()


def test_a_finding_that_is_mended_goes(shop):
    replace_picture("f2-blue", phone_picture("blue", corner=14, lens=3, size=200))
    assert inspect().waiting[Kind.SMALL] == 1
    replace_picture("f2-blue", phone_picture("blue", corner=14, lens=3, size=420))
    assert inspect().waiting[Kind.SMALL] == 0
    assert not Finding.objects.exists()


@pytest.mark.parametrize("n", [1, 4])
def test_a_page_of_findings_needs_the_same_queries_for_one_as_for_many(shop, n, django_assert_num_queries):
    for family in range(n):
        replace_picture(f"f{family}-blue", phone_picture("blue", corner=4 + 5 * family, lens=1, size=200))
    inspect()
    with django_assert_num_queries(4):
        shown = shown_findings(findings.waiting(Kind.SMALL))
    assert len(shown) == n
    assert all(one.picture is not None and "enlarged, it shows nothing more" in one.sentence for one in shown)
