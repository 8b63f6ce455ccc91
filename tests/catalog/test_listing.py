"""Search, filters, sorting and pages; nonsense in the address is never an error."""

import json
import os
from datetime import date
from pathlib import Path

import pytest
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from catalog import listing, wording
from catalog.listing import Query

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(phone):
    """Three families: nova in two colours and two sizes, luna, and a sold-out terra."""
    phone(family="nova", title="Nova Red 128", color="red", storage_gb=128, price="500", released_on=date(2026, 1, 1))
    phone(family="nova", title="Nova Red 256", color="red", storage_gb=256, price="600")
    phone(family="nova", title="Nova Blue 128", color="blue", storage_gb=128, price="510")
    phone(family="luna", title="Luna", brand="Selen", color="blue", storage_gb=256, price="300", category="tablet")
    phone(family="terra", title="Terra", color="green", price="100", stock=0, released_on=date(2026, 5, 1))
    phone(family="ghost", title="Ghost", is_visible=False)


def found(address=""):
    return [str(tile.product) for tile in listing.build(Query.parse(QueryDict(address)), None).tiles]


def options(address, name):
    page = listing.build(Query.parse(QueryDict(address)), None)
    return {option.value: option.count for facet in page.facets if facet.name == name for option in facet.options}


@pytest.mark.parametrize(
    ("address", "titles"),
    [
        ("", ["Terra", "Nova Red 128", "Luna"]),
        ("sort=price", ["Terra", "Luna", "Nova Red 128"]),
        ("sort=-price", ["Nova Red 256", "Luna", "Terra"]),
        ("sort=name", ["Luna", "Nova Red 128", "Terra"]),
        ("q=nova", ["Nova Red 128"]),
        ("q=blue+nova", ["Nova Blue 128"]),
        ("q=SELEN", ["Luna"]),
        ("q=nothing", []),
        ("color=blue", ["Nova Blue 128", "Luna"]),
        ("color=blue&color=green", ["Terra", "Nova Blue 128", "Luna"]),
        ("brand=Selen", ["Luna"]),
        ("category=tablet", ["Luna"]),
        ("storage=256", ["Nova Red 256", "Luna"]),
        ("color=red&storage=256", ["Nova Red 256"]),
        ("price_min=400", ["Nova Red 128"]),
        ("price_min=99,5&price_max=300", ["Terra", "Luna"]),
        ("in_stock=1", ["Nova Red 128", "Luna"]),
    ],
)
def test_finds_one_product_a_family(shop, address, titles):
    assert found(address) == titles


def test_facets_count_what_each_option_would_give(shop):
    assert options("", "color") == {"red": 1, "blue": 2, "green": 1}
    assert options("color=red", "color") == {"red": 1, "blue": 2, "green": 1}
    assert options("color=red", "storage") == {"128": 1, "256": 1}
    assert options("brand=Selen", "color") == {}


def test_a_search_understands_colours_in_the_reader_s_language(shop, client):
    assert [
        str(tile.product)
        for tile in client.get("/products/?q=蓝色", HTTP_ACCEPT_LANGUAGE="zh-hans").context["listing"].tiles
    ] == [
        "Nova Blue 128",
        "Luna",
    ]


@pytest.mark.parametrize(
    "address",
    [
        "sort=;drop table",
        "storage=abc&storage=99999999999999999999",
        "storage=²",
        "price_min=NaN&price_max=Infinity",
        "price_min=1e999",
        "price_min=-5",
        "page=0&q=%00",
        "color=%00",
        "in_stock=maybe",
    ],
)
def test_nonsense_is_left_out(shop, client, address):
    response = client.get(f"/products/?{address}")
    assert response.status_code == 200
    assert len(response.context["listing"].tiles) in (0, 3)


@given(
    st.dictionaries(st.sampled_from(["q", "sort", "price_min", "price_max", "storage", "color"]), st.text(max_size=30))
)
def test_an_address_that_was_understood_reads_the_same_again(given_fields):
    data = QueryDict(mutable=True)
    data.update(given_fields)
    query = Query.parse(data)
    assert Query.parse(QueryDict(query.address()[1:])) == query


@pytest.mark.data
def test_naughty_strings_find_nothing_and_break_nothing(shop, client):
    path = Path(os.environ["RECOMMENDER_DATA_DIR"]) / "naughty-strings" / "blns.json"
    for text in json.loads(path.read_text()):
        assert client.get("/products/", {"q": text, "color": text, "price_min": text}).status_code == 200


def test_pages_hold_twenty_four_and_a_page_beyond_is_the_last(phone, client):
    for _ in range(30):
        phone()
    first, beyond = (client.get(f"/products/?page={number}").context["listing"] for number in (1, 99))
    assert (len(first.tiles), len(beyond.tiles), beyond.page.number) == (24, 6, 2)
    titles = [str(tile.product) for page in (first, beyond) for tile in page.tiles]
    assert len(set(titles)) == 30


def test_nothing_found_suggests_near_names_and_new_phones(client, shop, phone):
    phone(family="Vellorin Halo 9", brand="Vellorin")
    answer = client.get("/products/?q=velorin")
    context = answer.context
    assert context["close_names"] == ["Vellorin", "Vellorin Halo 9"]
    assert answer.content.decode().count('class="rec-card"') == 3
    page = client.get("/products/?q=velorin halo&color=pink").content.decode()
    assert 'href="/products/?q=Vellorin%20Halo%209"' in page
    assert 'href="/products/?q=velorin%20halo"' in page
    assert client.get("/products/?q=qqqqqqqq").context["close_names"] == []


def test_a_filter_in_force_can_be_taken_back_one_by_one(shop):
    page = listing.build(Query.parse(QueryDict("q=nova&color=red&storage=128&price_max=900")), None)
    assert [(chip.label, chip.address) for chip in page.chips] == [
        ("red", "?q=nova&storage=128&price_max=900.00"),
        ("128 GB", "?q=nova&color=red&price_max=900.00"),
        ("≤ 900.00 €", "?q=nova&color=red&storage=128"),
    ]


def test_tiles_show_the_colours_of_the_whole_family(shop):
    tiles = {str(tile.product): tile for tile in listing.build(Query.parse(QueryDict("color=red")), None).tiles}
    assert tiles["Nova Red 128"].colors == [wording.color_hex("blue"), wording.color_hex("red")]
    assert tiles["Nova Red 128"].has_more is True


def test_a_filter_that_leaves_nothing_can_be_unticked_where_it_was_ticked(client, shop):
    facets = client.get("/products/?q=qqqq&color=pink&storage=128").context["listing"].facets
    options = [(facet.name, option.value, option.count, option.chosen) for facet in facets for option in facet.options]
    assert options == [("color", "pink", 0, True), ("storage", "128", 0, True)]
