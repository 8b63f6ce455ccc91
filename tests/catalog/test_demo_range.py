"""The invented range: how many there are, and that their words and numbers make sense."""

from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from catalog.demo.brands import BRANDS
from catalog.demo.catalogue import records
from catalog.demo.designing import body, look
from catalog.demo.drawing.cameras import arrange
from catalog.demo.drawing.lettering import width
from catalog.demo.drawing.logos import MARKS
from catalog.demo.drawing.views import VIEWS
from catalog.demo.families import FAMILIES, small_range
from catalog.demo.specs import specs
from catalog.demo.variants import price_after, released_on, variants

END = date(2026, 3, 1)


@pytest.fixture(scope="module")
def rows():
    return records(Path("range"), variants(FAMILIES), VIEWS, END)


def test_the_range_is_large_enough(rows):
    assert len(BRANDS) >= 10
    assert len(FAMILIES) >= 62
    assert len(rows) >= 260
    assert len({row.product_id for row in rows}) == len(rows)
    assert {row.brand for row in rows} == {brand.name for brand in BRANDS}
    assert {row.family for row in rows} == {row.attributes["model"] for row in rows}
    assert len({row.family for row in rows}) == len(FAMILIES)


def test_the_small_range_is_a_part_of_the_full_one():
    small = small_range()
    assert len(small) == 24
    assert len({family.brand.name for family in small}) == 6
    assert len(variants(small)) >= 80
    assert all(family in FAMILIES for family in small)


def test_the_colours_of_a_family_are_told_apart_by_their_plain_names():
    for family in FAMILIES:
        groups = [family.brand.colours[key].group for key in family.colours]
        assert len(set(groups)) == len(groups), family.title


def test_storage_sizes_share_pictures_and_colours_do_not(rows):
    owners = {}
    for row in rows:
        assert len(row.images) == 3
        for image in row.images:
            owners.setdefault(image, set()).add((row.family, row.color))
    assert {len(owner) for owner in owners.values()} == {1}
    assert len(owners) == 3 * sum(len(family.colours) for family in FAMILIES)


def test_prices_are_those_of_a_shop(rows):
    prices = [row.price for row in rows]
    assert min(prices) == Decimal(129)
    assert Decimal(1400) < max(prices) <= Decimal(1599)
    assert {price % 10 for price in prices} == {Decimal(9)}
    by_colour = {}
    for row in rows:
        by_colour.setdefault((row.family, row.color), []).append((int(row.attributes["storage_gb"]), row.price))
    for sizes in by_colour.values():
        ordered = [price for _, price in sorted(sizes)]
        assert ordered == sorted(ordered)


def test_a_price_falls_with_age_and_never_below_the_cheapest():
    falling = [price_after(999, month) for month in range(36)]
    assert falling == sorted(falling, reverse=True)
    assert falling[0] == 999
    assert price_after(139, 24) == 129


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.title)
def test_specifications_fit_a_real_phone(family):
    facts = specs(family)
    density = facts.weight_g / (facts.width_mm * facts.height_mm * facts.thickness_mm / 1000)
    assert 5.4 <= facts.screen_inches <= 7.8
    assert 2000 <= facts.battery_mah <= 10_000
    assert 1.9 <= density <= 2.3
    assert facts.ram_gb in (4, 8, 12, 16)
    assert facts.refresh_hz in (60, 90, 120, 135, 165)
    assert len(facts.cameras.split(" + ")) == family.lenses
    assert facts.cameras.count("MP") == family.lenses
    # The lit area has the diagonal that is announced.
    slab = body(family)
    border = 2 * slab.bezel
    diagonal = ((slab.width - border) ** 2 + (slab.height - border) ** 2) ** 0.5 / 25.4
    assert diagonal == pytest.approx(facts.screen_inches, abs=0.2)


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.title)
def test_cameras_stay_on_the_back_and_apart(family):
    design = look(family, family.colours[0])
    slab = design.body
    if family.fold == "book":
        return
    lenses = arrange(design.cameras, slab).lenses
    assert len(lenses) == family.lenses
    for lens in lenses:
        assert abs(lens.x) + lens.radius < slab.width / 2 - 2
        assert abs(lens.y) + lens.radius < slab.height / 2 - 2
    for number, lens in enumerate(lenses):
        for other in lenses[:number]:
            assert ((lens.x - other.x) ** 2 + (lens.y - other.y) ** 2) ** 0.5 > lens.radius + other.radius


def test_newer_phones_were_launched_later_and_none_after_the_end(rows):
    launches = {row.family: date.fromisoformat(row.attributes["released_on"]) for row in rows}
    assert max(launches.values()) < END
    assert sum(launch > date(2025, 3, 1) for launch in launches.values()) > 20
    for older, newer in (("Halo 8", "Halo 9"), ("Blade 5", "Blade 6"), ("Fjord 5", "Fjord 6")):
        named = {family.name: released_on(family, END) for family in FAMILIES}
        assert named[older] < named[newer]


def test_every_product_is_described_in_both_languages(rows):
    texts = {row.family: (row.attributes["description"], row.attributes["description_zh"]) for row in rows}
    assert len(set(texts.values())) == len(FAMILIES)
    for english, chinese in texts.values():
        assert english.isascii()
        assert english.endswith(".")
        assert sum("\u4e00" <= letter <= "\u9fff" for letter in chinese) > 30
        assert chinese.endswith("\u3002")


def test_some_products_are_sold_out_but_few(rows):
    sold_out = Counter(row.attributes["stock"] == "0" for row in rows)
    assert 3 <= sold_out[True] <= len(rows) // 10


def test_every_maker_has_a_mark_and_letters():
    assert set(MARKS) == {brand.name for brand in BRANDS}
    for brand in BRANDS:
        assert width(brand.name.upper(), 2.0) > 5
