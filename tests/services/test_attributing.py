"""Which shelf a basket or a purchase is counted to."""

import random
import uuid
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from recommender.models import Interaction, Visitor
from recommender.services import backfilling, reading_events, recommendation_ids, tracking
from recommender.services.recommendation_ids import Run, Served
from recommender.sources import ProductSource, PurchaseRecord
from recommender.storage import interactions
from tests.services.test_tracking import request_of
from tests.shop import make_product

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def product():
    return make_product("nova", picture=False)


@pytest.fixture
def visitor():
    return Visitor.objects.create()


def served(placement="product-page", strategy="similar", snapshot=7):
    return recommendation_ids.write(Served(placement, (Run(strategy, 12),), snapshot, NOW))


def event(product, kind, days=0.0, **values):
    moment = NOW + timedelta(days=days)
    given = {"id": str(uuid.uuid4()), "kind": kind, "product": str(product.pk), "occurred_at": moment.isoformat()}
    return given | values


def record(visitor, *events, staff=False):
    kinds = reading_events.KINDS if staff else tracking.PUBLIC_KINDS
    result = tracking.record_batch(visitor, events, kinds=kinds)
    assert result.errors == []


def origins(kind):
    rows = Interaction.objects.filter(kind=kind).order_by("pk")
    return list(rows.values_list("placement", "strategy", "position", "snapshot"))


PAGE = ("product-page", "similar", 3, 7)
NOWHERE = ("", "", None, None)


def test_a_click_says_its_shelf_place_and_snapshot(visitor, product):
    record(visitor, event(product, "click", recommendation_id=served(), position=3), event(product, "click"))
    assert origins("click") == [PAGE, NOWHERE]


def test_a_basket_and_a_purchase_belong_to_the_click_before(visitor, product):
    record(visitor, event(product, "click", recommendation_id=served(), position=3))
    record(visitor, event(product, "cart", 1))
    record(visitor, event(product, "purchase", 2), staff=True)
    assert origins("cart") == origins("purchase") == [PAGE]


def test_the_last_touch_counts_also_within_one_batch_in_any_order(visitor, product):
    record(visitor, event(product, "click", -2, recommendation_id=served("home", "for_you"), position=1))
    record(visitor, event(product, "cart", 1), event(product, "click", recommendation_id=served(), position=3))
    assert origins("cart") == [PAGE]


def test_a_touch_after_the_basket_does_not_count(visitor, product):
    record(visitor, event(product, "click", 1, recommendation_id=served(), position=3), event(product, "cart"))
    assert origins("cart") == [NOWHERE]


@pytest.mark.parametrize(("days", "found"), [(7.0, [PAGE]), (7.001, [NOWHERE])])
def test_the_window_is_seven_days(visitor, product, days, found):
    record(visitor, event(product, "click", recommendation_id=served(), position=3))
    record(visitor, event(product, "cart", days))
    assert origins("cart") == found


def test_a_basket_does_not_make_the_window_longer(visitor, product):
    record(visitor, event(product, "click", recommendation_id=served(), position=3))
    record(visitor, event(product, "cart", 6))
    record(visitor, event(product, "purchase", 8), staff=True)
    assert origins("purchase") == [NOWHERE]


def test_a_basket_straight_from_a_card_is_a_touch(visitor, product):
    record(visitor, event(product, "cart", recommendation_id=served(), position=3))
    record(visitor, event(product, "purchase", 1), staff=True)
    assert origins("cart") == origins("purchase") == [PAGE]


def test_each_event_of_a_batch_finds_the_last_touch_before_it(visitor):
    """Against the rule in its simplest words, whatever the order of touches and events."""
    rng = random.Random(5)
    products = [make_product(sku, picture=False) for sku in ("nova", "ruby", "opal")]
    clicks = [(rng.choice(products), rng.uniform(-9, 9), position) for position in range(1, 81)]
    asked = [(rng.choice(products), rng.uniform(-9, 9)) for _ in range(60)]
    early, late = clicks[:50], clicks[50:]
    record(visitor, *(event(p, "click", days, recommendation_id=served(), position=n) for p, days, n in early))
    carts = [event(p, "cart", days) for p, days in asked]
    record(visitor, *carts, *(event(p, "click", days, recommendation_id=served(), position=n) for p, days, n in late))
    expected = [
        max(((when, n) for p, when, n in clicks if p == product and days - 7 <= when <= days), default=(0, None))[1]
        for product, days in asked
    ]
    assert [position for _, _, position, _ in origins("cart")] == expected


def test_of_many_earlier_touches_the_last_is_read(visitor, product):
    record(visitor, *(event(product, "click", -n / 24, recommendation_id=served(), position=n) for n in range(1, 50)))
    span = {"since": NOW - timedelta(days=7), "first": NOW, "last": NOW}
    assert [touch.position for touch in interactions.touches([visitor.pk], [product.pk], **span)] == [1]


def test_other_visitors_and_products_have_their_own_touches(visitor, product):
    other = make_product("ruby", picture=False)
    record(visitor, event(product, "click", recommendation_id=served(), position=3))
    record(visitor, event(other, "cart", 1))
    record(Visitor.objects.create(), event(product, "cart", 1))
    assert origins("cart") == [NOWHERE, NOWHERE]


def test_the_shops_own_code_is_attributed_as_apps_are(product):
    request = request_of()
    tracking.track(request, "click", product, recommendation_id=served(), position=3)
    tracking.track(request_of(session=request.session), "purchase", product, price=Decimal(5), order_id="A-1")
    assert origins("purchase") == [PAGE]


def test_a_foreign_id_costs_the_shops_own_event_its_origin_only(product):
    tracking.track(request_of(), "click", product, recommendation_id="forged", position=3)
    assert origins("click") == [NOWHERE]


class Orders(ProductSource):
    """A shop whose orders come later, by a backfill."""

    def purchases(self):
        user, product, moment = Orders.order
        yield PurchaseRecord(
            user_id=str(user), product_id=str(product), order_id="A-1", occurred_at=moment, quantity=1, price=Decimal(5)
        )


def test_orders_read_later_are_attributed(product, django_user_model, settings):
    settings.RECOMMENDER = settings.RECOMMENDER | {"PRODUCT_SOURCE": f"{__name__}.Orders"}
    ada = django_user_model.objects.create_user("ada")
    tracking.track(request_of(user=ada), "click", product, recommendation_id=served(), position=3)
    Orders.order = (ada.pk, product.pk, timezone.now())
    backfilling.backfill()
    assert origins("purchase") == [PAGE]


def test_views_cost_no_query_for_touches(visitor, product, django_assert_num_queries):
    with django_assert_num_queries(2):  # the products, the insert
        record(visitor, *(event(product, "view") for _ in range(20)))
    with django_assert_num_queries(3):
        record(visitor, *(event(product, "cart") for _ in range(20)))
