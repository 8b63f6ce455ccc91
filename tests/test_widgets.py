"""Placements in a page: rendered, named, loaded later, and never in the way of the page."""

import logging
import re

import pytest
from django.template import Context, Template
from django.test import override_settings
from django.urls import include, path

from recommender.models import Placement
from recommender.services import embedding, training
from tests.services.conftest import light  # noqa: F401 - the light encoder for these tests too
from tests.shop import make_product

pytestmark = pytest.mark.django_db

urlpatterns = [path("", include("catalog.urls"))]


@pytest.fixture
def shop(light):  # noqa: F811
    products = [make_product(f"phone-{number}", colour=("red", "blue")[number % 2]) for number in range(6)]
    embedding.embed([product.pk for product in products])
    training.train()
    return products


def render(rf, text, **values):
    request = rf.get("/")
    request.session = {}
    return Template("{% load recommender %}" + text).render(Context({"request": request, **values}))


def test_a_placement_shows_its_shelf_under_its_heading(rf, shop):
    html = render(rf, '{% placement "product-page" product=product %}', product=shop[0])
    assert html.count('class="rec-card"') == 5
    assert '<h2 class="rec-shelf__title" id="rec-product-page-title">Similar products</h2>' in html
    assert 'data-placement="product-page"' in html
    assert "style=" not in html


def test_length_and_heading_may_be_the_page_s(rf, shop):
    html = render(rf, '{% placement "product-page" product=product k=2 title="Like it" %}', product=shop[0])
    assert html.count('class="rec-card"') == 2
    assert ">Like it</h2>" in html


def test_a_card_does_not_say_again_what_the_heading_says(rf, shop):
    text = '{% placement "home" title=title %}'
    reasons = re.findall(r'class="rec-card__reason">([^<]+)<', render(rf, text, title="For you"))
    assert len(reasons) == 6
    assert len(set(reasons)) == 1
    html = render(rf, text, title=reasons[0])
    assert html.count('class="rec-card"') == 6
    assert "rec-card__reason" not in html


def test_products_or_keys_make_a_basket(rf, shop):
    text = '{% placement "basket" basket=basket %}'
    by_key = render(rf, text, basket=[shop[0].pk, shop[1].pk])
    assert by_key.count('class="rec-card"') == 4
    assert [f'data-product="{product.pk}"' in by_key for product in shop[:3]] == [False, False, True]
    assert render(rf, text, basket=shop[:2]).count('class="rec-card"') == 4


def test_an_unknown_placement_is_an_empty_shelf_and_one_line_in_the_log(rf, shop, caplog):
    with caplog.at_level(logging.ERROR, logger="recommender.widgets"):
        assert render(rf, '{% placement "nowhere" %}').strip() == ""
    assert len(caplog.records) == 1
    assert "Add it in the admin under Placements" in caplog.text


def test_one_that_is_switched_off_leaves_nothing(rf, shop):
    home = Placement.objects.get(slug="home")
    home.is_active = False
    home.save()
    assert render(rf, '{% placement "home" %}').strip() == ""


def test_a_placement_may_have_a_template_of_its_own(rf, shop, settings, tmp_path):
    own = tmp_path / "recommender" / "placements" / "home.html"
    own.parent.mkdir(parents=True)
    own.write_text("<p>{{ shelf.items|length }} of {{ shelf.placement }}</p>")
    settings.TEMPLATES = [settings.TEMPLATES[0] | {"DIRS": [tmp_path]}]
    assert render(rf, '{% placement "home" %}') == "<p>6 of home</p>"


class TestLater:
    @pytest.fixture
    def spot(self, shop):
        return Placement.objects.create(slug="spot", strategies=["similar"], context="product", lazy=True)

    def test_the_page_has_a_link_that_the_script_replaces(self, rf, shop, spot, client):
        html = render(rf, '{% placement "spot" product=product %}', product=shop[0])
        address = f"/shelves/spot/?product={shop[0].pk}&amp;language=en"
        assert html.count(address) == 2
        assert 'class="rec-card"' not in html
        piece = client.get(address.replace("&amp;", "&"), headers={"X-Requested-With": "recommender-shelf"})
        assert piece.content.decode().startswith('<section class="rec-shelf"')
        assert piece.content.decode().count('class="rec-card"') == 5
        assert {"private", "no-store"} <= set(piece["Cache-Control"].split(", "))

    def test_without_scripts_the_link_is_a_page(self, client, shop, spot):
        page = client.get(f"/shelves/spot/?product={shop[0].pk}&language=zh-hans").content.decode()
        assert "<html" in page
        assert page.count('class="rec-card"') == 5
        assert "相似商品" in page

    def test_where_the_address_is_not_mounted_it_is_shown_at_once(self, rf, shop, spot):
        with override_settings(ROOT_URLCONF=__name__):
            html = render(rf, '{% placement "spot" product=product %}', product=shop[0])
        assert html.count('class="rec-card"') == 5

    @pytest.mark.parametrize("address", ["nowhere/", "spot/?product=0", "spot/?product=x"])
    def test_what_there_is_not(self, client, shop, spot, address):
        assert client.get(f"/shelves/{address}").status_code == 404

    def test_a_basket_of_nonsense_is_an_empty_one(self, client, shop, spot):
        page = client.get("/shelves/spot/?basket=,x,%00,99999999999999999999999&category=%00&language=xx")
        assert page.status_code == 200
        assert "There is nothing to show here right now." in page.content.decode()
