from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.contrib.auth import get_user_model
from django.test import RequestFactory
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from recommender.models import Interaction, Visitor
from recommender.services import backfilling, identifying, tracking
from recommender.services.backfilling import LineNumbers
from recommender.services.identifying import Owner
from recommender.sources import ProductSource, PurchaseRecord
from tests.shop import make_product

MOMENT = datetime(2026, 5, 1, tzinfo=UTC)


class Orders(ProductSource):
    """A shop whose orders are whatever a test puts into `lines`."""

    lines: list[PurchaseRecord] = []

    def purchases(self):
        return iter(self.lines)


@pytest.fixture
def orders(settings):
    settings.RECOMMENDER = settings.RECOMMENDER | {"PRODUCT_SOURCE": "tests.services.test_backfilling.Orders"}
    Orders.lines = []
    return Orders.lines


@pytest.fixture
def phone(db):
    return make_product("nova", picture=False)


@pytest.mark.django_db
class TestBackfill:
    def test_each_line_is_an_event_of_its_buyer(self, orders, phone):
        ada = get_user_model().objects.create_user("ada")
        orders += [
            PurchaseRecord("A1", str(phone.pk), MOMENT, user_id=str(ada.pk), quantity=2, price=Decimal("9.5")),
            PurchaseRecord("A1", str(phone.pk), MOMENT, user_id=str(ada.pk), quantity=-1),
            PurchaseRecord("A2", str(phone.pk), MOMENT),
            PurchaseRecord("A3", str(phone.pk), MOMENT, external_user="u7"),
        ]
        report = backfilling.backfill()
        assert (report.lines, report.added, report.known) == (4, 4, 0)
        rows = Interaction.objects.values_list("order_id", "kind", "quantity", "price", "visitor__user__username")
        assert sorted(rows, key=str) == [
            ("A1", "purchase", 2, Decimal("9.5"), "ada"),
            ("A1", "refund", -1, None, "ada"),
            ("A2", "purchase", 1, None, None),
            ("A3", "purchase", 1, None, None),
        ]
        assert Interaction.objects.get(order_id="A3").visitor.external_id == "u7"

    def test_reading_again_adds_nothing(self, orders, phone):
        orders += [PurchaseRecord("A1", str(phone.pk), MOMENT)] * 3
        assert backfilling.backfill().added == 3
        again = backfilling.backfill()
        assert (again.added, again.known, Interaction.objects.count()) == (0, 3, 3)

    def test_a_purchase_tracked_at_the_checkout_is_known(self, orders, phone):
        request = RequestFactory().get("/")
        request.user = get_user_model().objects.create_user("ada")
        tracking.track(request, "purchase", phone, order_id="A1")
        orders += [PurchaseRecord("A1", str(phone.pk), MOMENT, user_id=str(request.user.pk))]
        assert backfilling.backfill().known == 1

    def test_a_guests_tracked_purchase_is_known_although_the_order_names_nobody(self, orders, phone, rf):
        request = rf.get("/")
        request.session = {}
        tracking.track(request, "purchase", phone, order_id="A1")
        orders += [PurchaseRecord("A1", str(phone.pk), MOMENT)]
        assert backfilling.backfill().known == 1
        assert Visitor.objects.count() == 1

    def test_lines_of_products_that_are_gone_are_counted(self, orders, phone):
        orders += [PurchaseRecord("A1", "999999", MOMENT), PurchaseRecord("A1", "no key", MOMENT)]
        report = backfilling.backfill()
        assert (report.added, report.unknown_products, Interaction.objects.count()) == (0, 2, 0)

    def test_users_who_are_gone_count_as_guests(self, orders, phone):
        orders += [PurchaseRecord("A1", str(phone.pk), MOMENT, user_id="4711")]
        assert backfilling.backfill().added == 1
        assert Visitor.objects.get().user is None

    def test_a_dry_run_counts_only(self, orders, phone):
        orders += [PurchaseRecord("A1", str(phone.pk), MOMENT)]
        assert backfilling.backfill(dry_run=True).added == 1
        assert (Interaction.objects.count(), Visitor.objects.count()) == (0, 0)

    def test_times_without_sense_become_now(self, orders, phone):
        before = timezone.now()
        orders += [
            PurchaseRecord("A1", str(phone.pk), None),
            PurchaseRecord("A2", str(phone.pk), before + timedelta(days=9)),
        ]
        backfilling.backfill()
        assert all(before <= row.occurred_at <= timezone.now() for row in Interaction.objects.all())

    def test_lines_of_nothing_are_no_events(self, orders, phone):
        orders += [PurchaseRecord("A1", str(phone.pk), MOMENT, quantity=0)]
        assert backfilling.backfill().added == 0

    def test_prices_beyond_what_an_event_holds_are_left_out(self, orders, phone):
        orders += [PurchaseRecord("A1", str(phone.pk), MOMENT, price=Decimal(10) ** 9)]
        backfilling.backfill()
        assert Interaction.objects.get().price is None

    def test_queries_do_not_grow_with_lines(self, orders, phone, django_assert_max_num_queries):
        orders += [PurchaseRecord(f"A{n}", str(phone.pk), MOMENT, external_user=f"u{n % 50}") for n in range(500)]
        with django_assert_max_num_queries(22):
            assert backfilling.backfill().added == 500


def test_equal_lines_of_an_order_are_numbered_and_lines_of_others_are_not():
    numbers = LineNumbers()
    first, second = numbers.event_id("A1", "7", "purchase"), numbers.event_id("A1", "7", "purchase")
    assert first == tracking.order_line_id("A1", "7", "purchase", 0)
    assert second == tracking.order_line_id("A1", "7", "purchase", 1)
    assert numbers.event_id("A2", "7", "purchase") == tracking.order_line_id("A2", "7", "purchase", 0)
    assert numbers.event_id("A1", "7", "refund") == tracking.order_line_id("A1", "7", "refund", 0)


def test_numbering_remembers_a_bounded_number_of_orders(monkeypatch):
    monkeypatch.setattr(backfilling, "_ORDERS_REMEMBERED", 2)
    numbers = LineNumbers()
    first = numbers.event_id("A1", "7", "purchase")
    for order in ("A2", "A1", "A3"):
        numbers.event_id(order, "7", "purchase")
    assert numbers.event_id("A1", "7", "purchase") == tracking.order_line_id("A1", "7", "purchase", 2)
    for order in ("A4", "A5"):
        numbers.event_id(order, "7", "purchase")
    assert numbers.event_id("A1", "7", "purchase") == first


@given(
    st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from("12"), st.sampled_from(["purchase", "refund"]))),
    st.randoms(),
)
def test_ids_are_distinct_and_do_not_depend_on_the_order_of_lines(lines, random):
    shuffled = list(lines)
    random.shuffle(shuffled)
    ids = [LineNumbers.event_id(numbers, *line) for numbers in [LineNumbers()] for line in lines]
    others = [LineNumbers.event_id(numbers, *line) for numbers in [LineNumbers()] for line in shuffled]
    assert len(set(ids)) == len(lines)
    assert set(ids) == set(others)


@pytest.mark.django_db
class TestIdentify:
    def test_the_same_owner_is_the_same_visitor_for_ever(self):
        ada = get_user_model().objects.create_user("ada")
        owners = {Owner(user=str(ada.pk)), Owner(external="u1"), Owner(guest="order\nA1"), Owner(guest="order\nA2")}
        first = identifying.identify(owners)
        assert len(set(first.values())) == 4
        assert identifying.identify(owners) == first
        assert Visitor.objects.count() == 4

    def test_a_users_visitor_is_the_one_that_tracks(self):
        from recommender.services import visitors

        ada = get_user_model().objects.create_user("ada")
        known = visitors.of_user(ada)
        assert identifying.identify([Owner(user=str(ada.pk), external="u1")]) == {
            Owner(user=str(ada.pk), external="u1"): known.pk
        }
