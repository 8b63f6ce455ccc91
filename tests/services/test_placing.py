"""What each strategy brings, what terms and exclusions keep out, and when a placement is shown."""

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from django.utils import timezone, translation

from catalog.models import Product
from recommender.exceptions import UnknownPlacementError, UnknownProductError
from recommender.models import Interaction, Placement, Strategy, Visitor
from recommender.services import placing, serving, training
from recommender.services.explaining import Source
from recommender.services.placing import Context
from recommender.services.placing.defaults import DEFAULTS
from recommender.services.placing.strategies import STRATEGIES
from recommender.services.placing.wording import HEADINGS
from tests.shop import make_product

pytestmark = pytest.mark.django_db(transaction=True)

COLOURS = ("red", "blue")
KNOWN = {"leave_out_bought": False, "leave_out_basket": False}


def visit(visitor, *products, kind="view", ago=0, **values):
    """The visitor did this with the products, the last one last."""
    now = timezone.now() - timedelta(hours=ago)
    for second, product in enumerate(products):
        Interaction.objects.create(
            visitor=visitor,
            product_id=product.pk,
            kind=kind,
            occurred_at=now + timedelta(seconds=second),
            client_id=uuid.uuid4(),
            **values,
        )


@pytest.fixture
@transaction.atomic  # then all pictures are embedded in one go
def shop():
    """Six families in red and blue, of two brands; the price grows with the family."""
    return {
        f"f{number}-{colour}": make_product(
            f"f{number}-{colour}",
            colour=colour,
            family=f"f{number}",
            brand=("Ada", "Bob")[number % 2],
            price=100 * (number + 1),
            corner=5 * number,
        )
        for number in range(6)
        for colour in COLOURS
    }


@pytest.fixture
def history(shop):
    """Shoppers who look at f0, f1, f2 together, and others who look at f3, f4, f5; two bought f0-red with f4-blue."""
    for number in range(24):
        families = range(3) if number % 2 else range(3, 6)
        liked = [shop[f"f{family}-{colour}"] for family in families for colour in COLOURS]
        visit(Visitor.objects.create(), *(product for i, product in enumerate(liked) if (i + number // 2) % 3))
    for _ in range(2):
        visit(Visitor.objects.create(), shop["f0-red"], shop["f4-blue"], kind="purchase")
    training.train()
    return shop


def make(*strategies, **values):
    return Placement(slug="spot", strategies=list(strategies), **values)


def names(found):
    return [item.card.title for item in found.items]


def show(placement, k=None, **context):
    return placing.show(placement, Context(**context), k=k)


class TestStrategies:
    def test_there_is_one_function_and_one_heading_for_each(self):
        assert set(STRATEGIES) == set(Strategy) == set(HEADINGS)

    def test_similar(self, history):
        found = show(make("similar"), product=history["f0-red"])
        assert found.title == "Similar products"
        assert {item.strategy for item in found.items} == {"similar"}
        assert [item.position for item in found.items] == list(range(1, len(found.items) + 1))
        assert not {"f0-red", "f0-blue"} & set(names(found))
        with pytest.raises(UnknownProductError):
            show(make("similar"), product_key=0)
        assert names(show(make("similar"), product_key=history["f0-red"].pk)) == names(found)

    def test_also_viewed_is_what_the_same_people_look_at(self, history):
        found = show(make("also_viewed"), product=history["f3-red"])
        assert {name[:2] for name in names(found)[:2]} == {"f4", "f5"}
        assert {item.source for item in found.items} == {Source.ALSO_VIEWED}

    def test_bought_together_needs_two_common_buyers(self, history):
        found = show(make("bought_together"), product=history["f0-red"])
        assert names(found) == ["f4-blue"]
        assert found.items[0].reason == "Shoppers who bought this also bought it"
        assert show(make("bought_together"), product=history["f1-red"]).items == []

    def test_beside_a_basket_each_product_says_what_it_goes_with(self, history):
        found = show(make("bought_together"), basket=[history["f1-red"].pk, history["f0-red"].pk])
        assert [(item.card.title, item.reason) for item in found.items] == [
            ("f4-blue", "Often bought together with f0-red")
        ]
        both = names(show(make("similar"), basket=[history["f1-red"].pk, history["f0-red"].pk]))
        assert both
        assert not {name[:2] for name in both} & {"f0", "f1"}

    def test_for_you(self, history):
        ada = Visitor.objects.create()
        visit(ada, history["f3-red"], history["f4-red"])
        found = show(make("for_you"), visitor=ada, k=3)
        assert names(found)[0][:2] == "f5"
        assert not {"f3-red", "f4-red"} & set(names(found))
        assert found.is_personal
        assert show(make("for_you")).items == []

    def test_because_viewed_starts_from_the_last_look_and_names_it(self, history):
        ada = Visitor.objects.create()
        visit(ada, history["f1-red"], history["f3-blue"])
        found = show(make("because_viewed"), visitor=ada)
        assert found.title == "Because you viewed f3-blue"
        assert {item.reason for item in found.items} == {"Because you viewed f3-blue"}
        assert not {"f3-red", "f3-blue"} & set(names(found)[:1])
        elsewhere = show(make("because_viewed"), visitor=ada, product=history["f3-blue"])
        assert elsewhere.title == "Because you viewed f1-red"

    def test_recently_viewed_is_newest_first_and_without_the_page_s_own(self, history):
        ada = Visitor.objects.create()
        visit(ada, history["f1-red"], history["f3-blue"], history["f1-blue"], history["f1-red"], history["f5-red"])
        found = show(make("recently_viewed"), visitor=ada, product=history["f5-red"])
        assert names(found) == ["f1-red", "f1-blue", "f3-blue"]
        assert {item.reason for item in found.items} == {"You looked at it recently"}

    def test_buy_again_is_most_often_bought_first_and_without_what_came_back(self, history):
        ada = Visitor.objects.create()
        visit(ada, history["f1-red"], history["f2-red"], history["f3-red"], kind="purchase", ago=2)
        visit(ada, history["f2-red"], kind="purchase", ago=1)
        visit(ada, history["f3-red"], kind="refund", quantity=-1)
        assert names(show(make("buy_again", **KNOWN), visitor=ada)) == ["f2-red", "f1-red"]

    def test_trending_keeps_to_the_category_first(self, history):
        tablet = make_product("tablet", category="tablet", picture=False)
        visit(Visitor.objects.create(), tablet, kind="purchase")
        training.train()
        assert names(show(make("trending"), category="tablet"))[0] == "tablet"
        found = show(make("trending"))
        assert names(found)[0] != "tablet"
        assert {item.source for item in found.items} == {Source.TRENDING}
        assert not any(item.is_fallback for item in found.items)

    def test_new_arrivals(self, history):
        make_product("latest", picture=False)
        found = show(make("new_arrivals"))
        assert names(found)[:2] == ["latest", "f5-blue"]
        assert {item.strategy for item in found.items} == {"new_arrivals"}

    def test_substitutes_are_variants_then_look_alikes_and_only_for_what_is_sold_out(self, history):
        assert show(make("substitutes"), product=history["f2-red"]).items == []
        Product.objects.filter(title="f2-red").update(stock=0)
        found = show(make("substitutes"), product=history["f2-red"])
        assert names(found)[0] == "f2-blue"
        assert found.items[0].reason == "Another version of it, available now"
        assert len(found.items) == 6
        assert found.title == "Available now instead"
        assert {item.strategy for item in found.items} == {"substitutes"}


class TestOrder:
    def test_a_strategy_takes_what_the_one_before_it_leaves(self, history):
        found = show(make("bought_together", "similar", fallbacks=["new_arrivals"]), product=history["f0-red"], k=4)
        assert [item.strategy for item in found.items] == ["bought_together", "similar", "similar", "similar"]
        assert len(set(names(found))) == 4
        assert found.title == "Often bought together"

    def test_fallbacks_fill_what_is_left_and_say_so(self, history):
        found = show(make("bought_together", fallbacks=["trending", "new_arrivals"]), product=history["f0-red"])
        assert [item.is_fallback for item in found.items] == [False, True, True, True, True]
        assert show(make("bought_together"), product=history["f0-red"]).items[1:] == []

    def test_a_stranger_s_shelf_is_called_what_it_holds(self, history):
        assert show(make("for_you", fallbacks=["trending"])).title == "Popular right now"
        with translation.override("zh-hans"):
            assert show(make("for_you", fallbacks=["trending"])).title == "近期热门"


class TestTerms:
    @pytest.mark.parametrize(("match", "brands"), [("same", {"Ada"}), ("other", {"Bob"})])
    def test_brand(self, history, match, brands):
        found = show(make("similar", brand=match, fallbacks=["trending", "new_arrivals"]), product=history["f0-red"])
        assert {item.card.brand for item in found.items} == brands

    def test_the_brand_is_that_of_this_moment(self, history):
        family = history["f2-red"].family
        family.brand = history["f1-red"].family.brand
        family.save()
        assert "f2" not in {n[:2] for n in names(show(make("similar", brand="same"), product=history["f0-red"]))}

    @pytest.mark.parametrize("match", ["same", "other"])
    def test_category(self, history, match):
        make_product("tablet", category="tablet", colour="red")
        found = show(make("similar", category=match, fallbacks=["new_arrivals"]), product=history["f0-red"])
        assert ("tablet" in names(found)) == (match == "other")
        assert len(found.items) == (1 if match == "other" else 5)

    def test_a_band_of_prices_around_the_page_s_product(self, history):
        band = {"price_from_percent": 70, "price_to_percent": 130, "fallbacks": ["trending", "new_arrivals"]}
        found = show(make("similar", **band), product=history["f3-red"])
        assert {item.card.price.amount for item in found.items} == {Decimal(300), Decimal(500)}
        assert show(make("similar", **band)).items, "without a product there is no band"

    def test_in_stock_only_unless_told_otherwise(self, history):
        Product.objects.exclude(title="f0-red").update(stock=0)
        assert show(make("similar", fallbacks=["new_arrivals"]), product=history["f0-red"]).items == []
        assert len(show(make("similar", in_stock=False), product=history["f0-red"]).items) == 5
        Product.objects.update(is_visible=False)
        assert show(make("similar", in_stock=False), product=history["f0-red"]).items == []


class TestExclusions:
    @pytest.mark.parametrize(
        ("kind", "field", "left"),
        [
            ("view", "leave_out_seen", {"f1-red"}),
            ("purchase", "leave_out_bought", set()),
            ("cart", "leave_out_basket", set()),
        ],
    )
    def test_each_can_be_left_out_or_shown(self, history, kind, field, left):
        ada = Visitor.objects.create()
        visit(ada, history["f1-blue"], kind=kind)
        for wanted in (True, False):
            found = show(make("new_arrivals", **{field: wanted}), visitor=ada)
            assert {name for name in names(found) if name.startswith("f1")} == (left if wanted else {"f1-blue"})

    def test_what_was_put_into_the_basket_and_bought_counts_as_bought(self, history):
        ada = Visitor.objects.create()
        visit(ada, history["f1-red"], kind="cart", ago=2)
        visit(ada, history["f1-red"], kind="purchase", ago=1)
        assert "f1" in {n[:2] for n in names(show(make("new_arrivals", leave_out_bought=False), visitor=ada))}

    def test_the_basket_that_the_page_names_is_left_out_with_its_variants(self, history):
        found = show(make("new_arrivals"), basket=[history["f1-red"].pk])
        assert "f1" not in {name[:2] for name in names(found)}
        assert len(found.items) == 5


class TestSwitches:
    def test_a_fresh_install_has_placements_that_work(self, history):
        assert set(Placement.objects.values_list("slug", flat=True)) == set(DEFAULTS)
        found = placing.place("product-page", Context(product=history["f0-red"]))
        assert (found.placement, found.title, len(found.items)) == ("product-page", "Similar products", 5)

    def test_an_unknown_one_says_which_there_are(self, db):
        with pytest.raises(UnknownPlacementError, match=r"app-home.*product-page"):
            placing.place("nowhere")

    def test_a_change_is_in_force_at_once(self, history, settings):
        settings.RECOMMENDER = settings.RECOMMENDER | {"POLL_SECONDS": 60}
        serving.current()
        home = Placement.objects.get(slug="home")
        assert len(placing.place("home").items) == 6
        home.length = 2
        home.save()
        assert len(placing.place("home").items) == 2
        home.delete()
        with pytest.raises(UnknownPlacementError):
            placing.place("home")

    def test_dates_and_the_switch(self, history):
        now = timezone.now()
        day = timedelta(days=1)
        spot = make("new_arrivals")
        for values, is_shown in [
            ({}, True),
            ({"is_active": False}, False),
            ({"starts_at": now + day}, False),
            ({"starts_at": now - day, "ends_at": now + day}, True),
            ({"starts_at": now - 2 * day, "ends_at": now - day}, False),
        ]:
            Placement.objects.filter(slug="spot").delete()
            spot = make("new_arrivals", **values)
            spot.save()
            assert bool(placing.place("spot").items) == is_shown, values
            assert ("spot" in [one.slug for one in placing.shown()]) == is_shown

    def test_headings_of_the_shop_s_own(self):
        spot = make("similar", titles={"en": "Look at these", "zh-hans": "看看这些"})
        assert show(spot).title == "Look at these"
        for language, title in (("zh-hans", "看看这些"), ("en-gb", "Look at these"), ("de", "")):
            assert spot.title_in(language) == title


@pytest.mark.parametrize("k", [1, 30])
def test_query_counts(shop, k, settings, django_assert_num_queries):
    for number in range(6, 36):
        make_product(f"f{number}-red", colour="red", family=f"f{number}", corner=number)
    ada = Visitor.objects.create()
    visit(ada, *shop.values())
    training.train()
    settings.RECOMMENDER = settings.RECOMMENDER | {"POLL_SECONDS": 60}
    placing.place("home")
    seed, keys = shop["f3-red"], [shop["f0-red"].pk, shop["f1-red"].pk]
    for slug, context, n_queries in (
        ("product-page", Context(product=seed), 2),  # cards and their pictures
        ("product-page", Context(product_key=seed.pk), 2),
        ("product-page", Context(product=seed, visitor=ada), 3),  # and the visitor's events
        ("home", Context(visitor=ada), 3),
        ("recently-viewed", Context(visitor=ada), 3),
    ):
        with django_assert_num_queries(n_queries):
            assert placing.place(slug, context, k=k).items
    assert len(placing.place("basket", Context(basket=keys, visitor=ada), k=k).items) == k
