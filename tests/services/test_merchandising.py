"""What rules do to real shelves, from the next request on, at no query."""

import uuid
from datetime import timedelta

import numpy as np
import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.models import Product
from recommender.core import hybrid
from recommender.models import Interaction, Rule, Visitor
from recommender.services import embedding, merchandising, placing, recommending, serving, training
from recommender.services.explaining import Source
from tests.shop import make_product

pytestmark = pytest.mark.django_db
HUES = 33
K = 8


@pytest.fixture
def shop(settings):
    """Phones from red to blue, so that each one's shelf begins with its neighbours; two places may be promoted."""
    settings.RECOMMENDER = settings.RECOMMENDER | {"SHELF_SIZE": K, "DIVERSITY": 0.0, "BRAND_SHARE": 1.0}
    products = [
        make_product(f"p{hue}", colour=f"#{240 - 7 * hue:02x}14{7 * hue:02x}", brand=("Orbis", "Lumen")[hue % 2])
        for hue in range(HUES)
    ]
    embedding.embed([product.pk for product in products])
    training.train()
    serving.reset()
    return products


def names(shelf):
    return [item.card.title for item in shelf.items]


def beside(product, **options):
    return recommending.similar(product, **options)


def see(*products):
    """A visitor who looked at these products."""
    visitor = Visitor.objects.create()
    Interaction.objects.bulk_create(
        Interaction(visitor=visitor, product_id=one.pk, kind="view", occurred_at=timezone.now(), client_id=uuid.uuid4())
        for one in products
    )
    return visitor


def count(call):
    call()
    with CaptureQueriesContext(connection) as queries:
        call()
    return len(queries)


def test_a_pin_takes_its_place_on_every_shelf_and_says_so(shop):
    before = names(beside(shop[0]))
    rule = merchandising.pin(shop[14], 3)
    found = beside(shop[0])
    assert names(found) == [*before[:2], "p14", *before[2 : K - 1]]
    pinned = found.items[2]
    assert (pinned.promoted, pinned.rule.pk, pinned.source) == (True, rule.pk, Source.PROMOTED)
    assert pinned.reason == "Picked by our shop"
    assert sum(pinned.parts.values()) == pytest.approx(pinned.score, abs=1e-5)
    assert pinned.score < found.items[1].score
    assert [item.promoted for item in found.items].count(True) == 1
    assert names(recommending.trending())[2] == "p14"
    rule.delete()
    assert names(beside(shop[0])) == before


@pytest.mark.once
def test_a_pinned_product_has_its_true_score_for_the_page(shop):
    merchandising.pin(shop[14], 3)
    view = serving.current()
    row = np.array([view.row(shop[14].pk)], np.int32)
    true = hybrid.similar(view.catalogue, view.row(shop[0].pk), row)
    assert beside(shop[0]).items[2].score == pytest.approx(float(true.scores[0]))
    assert beside(shop[0]).items[2].score < beside(shop[13]).items[2].score


@pytest.mark.parametrize("field", ["stock", "is_visible"])
def test_a_pin_of_what_cannot_be_bought_leaves_the_shelf_as_it_was(shop, field):
    before = names(beside(shop[0]))
    merchandising.pin(shop[14], 3)
    Product.objects.filter(pk=shop[14].pk).update(**{field: 0})
    assert names(beside(shop[0])) == before


@pytest.mark.once
def test_two_pins_for_one_place_stand_side_by_side_and_no_more_than_the_share(shop):
    before = names(beside(shop[0]))
    merchandising.pin(shop[14], 2)
    merchandising.pin(shop[15], 2)
    merchandising.pin(shop[16], 4)
    assert names(beside(shop[0])) == [before[0], "p14", "p15", *before[1 : K - 2]]
    Product.objects.filter(pk=shop[14].pk).update(stock=0)
    assert names(beside(shop[0]))[1] == "p15"


@pytest.mark.once
def test_a_pin_on_its_own_page_or_of_a_product_that_was_seen_does_nothing(shop):
    merchandising.pin(shop[14], 1)
    assert "p14" not in names(beside(shop[14]))
    assert "p14" not in names(beside(shop[0], exclude=[shop[14].pk]))


@pytest.mark.once
def test_a_pin_of_a_product_without_a_picture_waits_for_nothing(shop):
    bare = make_product("bare", picture=False)
    merchandising.pin(bare, 1)
    first = beside(shop[0]).items[0]
    assert (first.card.title, first.source, first.score) == ("bare", Source.PROMOTED, 0.0)


@pytest.mark.once
def test_boosted_products_rise_within_the_share_even_from_beyond_the_candidates(shop, settings):
    settings.RECOMMENDER = settings.RECOMMENDER | {"NEIGHBOURS": 10}
    before = names(beside(shop[0]))
    merchandising.boost(attribute="brand", value="Lumen", strength=100, share=50)
    found = beside(shop[0])
    assert [item.card.brand for item in found.items[:2]] == ["Lumen", "Lumen"]
    assert [item.promoted for item in found.items] == [True, True] + [False] * (K - 2)
    others = [name for name in before if name not in names(found)[:2]]
    assert names(found)[2:] == others[: K - 2]
    Rule.objects.update(share=1)  # of 8 places that is one, the least there is
    merchandising.changed()
    assert [item.promoted for item in beside(shop[0]).items].count(True) == 1


@pytest.mark.once
def test_one_boosted_product_comes_from_far_away(shop, settings):
    settings.RECOMMENDER = settings.RECOMMENDER | {"NEIGHBOURS": 5}
    serving.reset()
    assert "p23" not in names(beside(shop[0], k=4))
    merchandising.boost(product=shop[23], strength=100)
    assert names(beside(shop[0], k=4))[0] == "p23"
    assert names(recommending.trending())[0] == "p23"


def test_what_is_excluded_is_never_shown_as_soon_as_it_is_so(shop):
    merchandising.exclude(brand="Lumen")
    for shelf in (beside(shop[0]), recommending.trending(), recommending.for_you(None)):
        assert {item.card.brand for item in shelf.items} == {"Orbis"}
        assert len(shelf.items) == K
    merchandising.exclude(attribute="color", value=shop[4].color)
    shop[2].family.brand = shop[1].family.brand  # what the snapshot does not know yet
    shop[2].family.save()
    assert "p2" not in names(beside(shop[0]))
    embedding.embed([make_product("late", colour="red", brand="Lumen").pk])
    assert "p4" not in names(beside(shop[5]))
    assert "late" not in names(beside(shop[0]))


@pytest.mark.once
def test_exclusion_goes_before_a_pin(shop):
    merchandising.pin(shop[15], 1)
    merchandising.exclude(brand="Lumen")
    assert "p15" not in names(beside(shop[0]))


@pytest.mark.once
def test_what_is_buried_comes_last_and_is_no_promotion_of_the_others(shop):
    before = beside(shop[0], k=HUES - 1)
    merchandising.bury(product=before.items[0].product, strength=100)
    after = beside(shop[0], k=HUES - 1)
    assert names(after) == [*names(before)[1:], names(before)[0]]
    assert after.items[-1].rule is not None
    assert not any(item.promoted for item in after.items)


def test_rules_keep_to_their_shelf_their_pages_and_their_time(shop):
    before = names(beside(shop[0]))
    now = timezone.now()
    merchandising.pin(shop[14], 1, placement="basket")
    merchandising.pin(shop[15], 1, seed_brand="Lumen")
    merchandising.pin(shop[16], 1, seed_category="tablet")
    merchandising.pin(shop[17], 1, starts_at=now + timedelta(hours=1))
    merchandising.pin(shop[18], 1, ends_at=now - timedelta(seconds=1))
    merchandising.pin(shop[19], 1, is_active=False)
    assert names(beside(shop[0])) == before
    assert names(placing.place("basket", placing.Context(basket=[shop[0].pk])))[0] == "p14"
    assert names(beside(shop[1]))[0] == "p15"
    assert names(recommending.similar_to(str(shop[1].pk)))[0] == "p15"
    assert "p15" not in names(recommending.trending())


@pytest.mark.once
def test_a_rule_begins_and_ends_without_anybody_saving_it(shop):
    begins = timezone.now() + timedelta(seconds=1)
    merchandising.pin(shop[14], 1, starts_at=begins, ends_at=begins + timedelta(days=1))
    view = serving.current()
    assert view.rules.applying("", 0, 0) == ()
    assert len(view.rules.applying("", 0, 0, begins)) == 1
    assert view.rules.applying("", 0, 0, begins + timedelta(days=1)) == ()


@pytest.mark.once
def test_only_one_of_a_family_is_shown_and_a_pinned_variant_is_it(shop):
    variant = make_product("p1-gold", colour="gold", family="p1")
    embedding.embed([variant.pk])
    assert "p1" in names(beside(shop[0]))
    merchandising.pin(variant, 5)
    found = names(beside(shop[0]))
    assert found[4] == "p1-gold"
    assert "p1" not in found


@pytest.mark.once
def test_a_visitor_s_shelf_is_steered_too(shop):
    visitor = see(shop[0])
    before = names(recommending.for_you(visitor))
    merchandising.boost(product=shop[23], strength=100)
    merchandising.pin(shop[14], 2)
    found = recommending.for_you(visitor)
    assert names(found)[:3] == ["p23", "p14", before[0]]
    assert 0 < found.items[0].score < 1
    assert sum(found.items[0].parts.values()) == pytest.approx(found.items[0].score, abs=1e-5)


@pytest.mark.parametrize("k", [1, 30])
def test_rules_cost_no_query(shop, k):
    visitor = see(shop[0])
    see(*shop)
    training.train()
    calls = {
        "similar": lambda: beside(shop[0], k=k),
        "by key": lambda: recommending.similar_to(str(shop[0].pk), k=k),
        "for you": lambda: recommending.for_you(visitor, k=k),
        "trending": lambda: recommending.trending(k=k),
    }
    before = {name: count(call) for name, call in calls.items()}
    merchandising.pin(shop[14], 1)
    merchandising.boost(brand="Lumen", strength=90)
    merchandising.boost(attribute="color", value=shop[4].color, strength=90)
    merchandising.bury(product=shop[1])
    merchandising.exclude(product=shop[2])
    assert {name: count(call) for name, call in calls.items()} == before
    assert before == {
        "similar": 3,
        "by key": 3,
        "for you": 4,
        "trending": 3,
    }  # each with the poll, POLL_SECONDS being 0


@pytest.mark.django_db(transaction=True)
def test_the_process_that_saved_a_rule_has_it_at_its_next_request(shop, settings):
    settings.RECOMMENDER = settings.RECOMMENDER | {"POLL_SECONDS": 3600}
    before = names(beside(shop[0]))
    with transaction.atomic():
        rule = merchandising.pin(shop[14], 1)
        assert names(beside(shop[0]))[0] != "p14"  # nothing is promised before the commit
    assert names(beside(shop[0]))[0] == "p14"
    assert merchandising.switch([rule], on=False) == [rule]
    assert names(beside(shop[0])) == before
    assert merchandising.switch([rule], on=False) == []
    merchandising.switch([rule], on=True)
    assert names(beside(shop[0]))[0] == "p14"
    Rule.objects.all().delete()
    assert names(beside(shop[0])) == before


@pytest.mark.parametrize(
    "wrong",
    [
        {"brand": ""},
        {"attribute": "color"},
        {"brand": "Lumen", "strength": 0},
        {"brand": "Lumen", "share": 101},
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(wrong):
    with pytest.raises(ValidationError):
        merchandising.boost(**wrong)


def told(rules):
    return {
        Rule.objects.get(pk=pk).name: [one.text for one in about]
        for pk, about in merchandising.conflicts(rules).items()
    }


@pytest.mark.once
def test_rules_that_agree_have_no_conflict(shop):
    merchandising.pin(shop[14], 1)
    merchandising.boost(brand="Lumen")
    merchandising.exclude(product=shop[2])
    assert told(Rule.objects.order_by("pk")) == {}


def test_conflicts_are_told_to_both_rules(shop):
    merchandising.pin(shop[15], 1, name="A")
    merchandising.pin(shop[14], 1, name="B")
    merchandising.exclude(brand="Lumen", name="C")
    merchandising.boost(attribute="brand", value="lumen", name="D")
    merchandising.bury(product=shop[17], name="E")
    merchandising.boost(brand="Nobody", name="F")
    Product.objects.filter(pk=shop[14].pk).update(stock=0)
    assert count(lambda: merchandising.conflicts(list(Rule.objects.all()))) == 4  # the poll, rules, products, stock
    assert told(Rule.objects.order_by("pk")) == {
        "A": [
            "“B” pins to the same place: the older rule has it, the other takes the next one.",
            "“C” excludes the product: it is not shown.",
        ],
        "B": [
            "The product cannot be bought now: the rule waits until it can.",
            "“A” pins to the same place: the older rule has it, the other takes the next one.",
        ],
        "C": ["It excludes what “A” pins.", "It excludes products that “D” boosts."],
        "D": [
            "“C” excludes products of it: they are not shown.",
            "“E” buries products of it, which goes before boosting.",
        ],
        "E": ["It buries products that “D” boosts."],
        "F": ["No product is meant by it."],
    }


@pytest.mark.once
def test_rules_for_other_shelves_and_times_do_not_meet(shop):
    now = timezone.now()
    merchandising.pin(shop[1], 1, placement="basket", ends_at=now + timedelta(days=1))
    merchandising.pin(shop[2], 1, placement="home")
    merchandising.pin(shop[3], 1, placement="basket", starts_at=now + timedelta(days=1))
    merchandising.pin(shop[4], 1, seed_brand="Orbis", placement="product-page")
    merchandising.pin(shop[5], 1, seed_brand="Lumen", placement="product-page")
    assert merchandising.conflicts(Rule.objects.all()) == {}


def test_an_effect_is_seen_before_it_is_saved(shop):
    draft = Rule(action="pin", target="product", product=shop[14], position=1, name="new")
    found = merchandising.effect(draft, [shop[0]])
    assert (found.n_meant, found.n_looked, found.n_changed) == (
        1,
        HUES,
        HUES - 2,
    )  # its own page, and one where it is the first
    (shelf,) = found.shelves
    assert shelf.seed.title == "p0"
    assert shelf.after[0].recommended.card.title == "p14"
    assert shelf.after[0].moved == "new"
    assert shelf.after[1].moved == "down"
    assert shelf.before[-1].other is None
    assert names(beside(shop[0]))[0] != "p14"
    assert Rule.objects.count() == 0


def test_the_effect_of_an_edit_is_compared_with_the_shop_without_the_rule(shop):
    rule = merchandising.pin(shop[14], 1)
    rule.position = 2
    found = merchandising.effect(rule)
    assert [place.recommended.card.title for place in found.shelves[0].after][1] == "p14"
    assert "p14" not in [place.recommended.card.title for place in found.shelves[0].before]


def test_a_rule_for_some_pages_is_tried_on_those(shop):
    draft = Rule(action="pin", target="product", product=shop[14], position=1, seed_brand="Lumen", name="new")
    found = merchandising.effect(draft)
    assert found.n_looked == HUES // 2
    assert all(shelf.seed.brand == "Lumen" for shelf in found.shelves)
