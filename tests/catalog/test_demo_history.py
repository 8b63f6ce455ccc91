"""The simulated year: enough of it, in order, after each launch, and shaped by taste."""

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest

from catalog.demo.families import FAMILIES, small_range
from catalog.demo.shoppers import history
from catalog.demo.variants import released_on, variants

END = date(2026, 3, 1)
PHONES = variants(small_range())
BY_ID = {phone.product_id: phone for phone in PHONES}


@pytest.fixture(scope="module")
def events():
    return history(PHONES, shoppers=500, seed=0, end=END)


@pytest.fixture(scope="module")
def purchases(events):
    return [event for event in events if event.kind == "purchase"]


def test_the_small_history_is_large_enough(events):
    assert len(events) >= 15_000
    kinds = Counter(event.kind for event in events)
    assert set(kinds) == {"view", "cart", "purchase"}
    assert kinds["view"] > 8 * kinds["cart"] > 8 * kinds["purchase"] > 8 * 300


def test_the_full_history_is_large_enough():
    events = history(variants(FAMILIES), shoppers=2400, seed=0, end=END)
    assert len(events) >= 60_000
    assert len({event.user_id for event in events} - {""}) >= 1_900
    seen = Counter(event.product_id for event in events)
    assert len(seen) > 260
    assert max(seen.values()) < 0.03 * len(events)


def test_the_same_seed_gives_the_same_history_and_another_does_not(events):
    assert history(PHONES, shoppers=500, seed=0, end=END) == events
    assert history(PHONES, shoppers=500, seed=1, end=END) != events


def test_events_are_in_order_within_the_year(events):
    times = [event.occurred_at for event in events]
    assert times == sorted(times)
    assert times[0] >= datetime(2025, 3, 1, tzinfo=UTC)
    assert times[-1] < datetime(2026, 3, 1, tzinfo=UTC)
    assert [event.line for event in events] == list(range(2, len(events) + 2))


def test_the_end_moves_everything_with_it(events):
    later = history(PHONES, shoppers=500, seed=0, end=END + timedelta(days=364))
    assert {event.occurred_at.year for event in later} == {2026, 2027}
    assert len(later) == pytest.approx(len(events), rel=0.05)


def test_nothing_happens_before_the_launch(events):
    for event in events:
        assert event.occurred_at.date() >= released_on(BY_ID[event.product_id].family, END)


def test_orders_belong_to_purchases_and_to_one_shopper(events, purchases):
    assert all(bool(event.order_id) == (event.kind == "purchase") for event in events)
    owners = defaultdict(set)
    for event in purchases:
        owners[event.order_id].add((event.user_id, event.occurred_at))
    assert {len(owner) for owner in owners.values()} == {1}
    assert sum(len(lines) > 1 for lines in _orders(purchases).values()) > 20
    assert {event.quantity for event in purchases} == {1, 2}


def test_guests_leave_only_orders(events, purchases):
    guests = [event for event in events if not event.user_id]
    assert {event.kind for event in guests} == {"purchase"}
    assert 0.08 < len(guests) / len(purchases) < 0.3


def test_prices_are_paid_and_fall_with_time(purchases):
    assert all(129 <= event.price <= 1599 for event in purchases)
    halo = [event.price for event in purchases if event.product_id == "vellorin-halo-7-glacier-128"]
    assert halo == sorted(halo, reverse=True)


@pytest.mark.parametrize(
    ("aspect", "times"),
    [
        (lambda phone: phone.colour.group, 1.6),
        (lambda phone: phone.family.brand.name, 1.4),
        (lambda phone: phone.family.tier, 1.1),
    ],
    ids=["colour", "brand", "tier"],
)
def test_people_stay_with_what_they_like(purchases, aspect, times):
    """Two phones of one shopper and different families share an aspect more often than phones of two shoppers do."""
    bought = [(event.user_id, BY_ID[event.product_id]) for event in purchases if event.user_id]
    own, strangers = [], []
    for number, (user, phone) in enumerate(bought):
        for other, second in bought[:number]:
            if phone.family is not second.family:
                (own if user == other else strangers).append(aspect(phone) == aspect(second))
    assert np.mean(own) > times * np.mean(strangers)


def test_people_see_what_they_buy_and_the_upper_places_more(events, purchases):
    viewed = {(event.user_id, event.product_id) for event in events if event.kind == "view"}
    known = [(event.user_id, event.product_id) in viewed for event in purchases if event.user_id]
    assert all(known)


def test_weeks_before_christmas_are_the_busiest():
    events = history(PHONES, shoppers=500, seed=3, end=date(2026, 2, 1))
    by_month = Counter(event.occurred_at.month for event in events if event.kind == "view")
    assert by_month[12] > 1.3 * by_month[2]


def _orders(purchases):
    lines = defaultdict(list)
    for event in purchases:
        lines[event.order_id].append(event)
    return lines
