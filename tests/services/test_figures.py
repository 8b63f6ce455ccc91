"""The figures of days: summed once however often, and what the report says of them."""

import uuid
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from recommender.models import DailyFigures, Impression, Interaction, Search, ShownProduct, Visitor
from recommender.services.figures import summing
from recommender.services.figures.report import report
from tests.shop import make_product

pytestmark = pytest.mark.django_db


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def phone():
    return make_product("nova", picture=False)


def noon(day):
    return datetime.combine(day, time(0, 5), timezone.get_current_timezone())


def acted(phone, kind, day, *, placement="home", strategy="for_you", n=1, **values):
    visitor = Visitor.objects.create()
    for _ in range(n):
        Interaction.objects.create(
            visitor=visitor,
            product=phone,
            kind=kind,
            occurred_at=noon(day),
            client_id=uuid.uuid4(),
            placement=placement,
            strategy=strategy,
            snapshot=7 if strategy else None,
            **values,
        )


def saw(day, runs="for_you.3", *, placement="home", milliseconds=4, n=1):
    for _ in range(n):
        Impression.objects.create(
            id=uuid.uuid4(),
            occurred_at=noon(day),
            placement=placement,
            runs=runs,
            snapshot=7,
            milliseconds=milliseconds,
            places=3,
        )


def figures(day):
    rows = DailyFigures.objects.filter(day=day).order_by("placement", "strategy")
    return {(row.placement, row.strategy, row.snapshot): row for row in rows}


def test_a_day_is_summed_by_placement_strategy_and_snapshot(phone, today):
    saw(today, n=2)
    saw(today, "similar.2.-trending.1", placement="product-page", milliseconds=40)
    acted(phone, "click", today, position=2, n=3)
    acted(phone, "cart", today)
    acted(phone, "purchase", today, quantity=2, price=Decimal("10.50"))
    acted(phone, "purchase", today, placement="", strategy="", price=Decimal(5))
    acted(phone, "refund", today, price=Decimal(5))
    Search.objects.create(id=uuid.uuid4(), occurred_at=noon(today), results=0)
    Search.objects.create(id=uuid.uuid4(), occurred_at=noon(today), results=3)
    summing.sum_up()
    found = figures(today)
    assert found.keys() == {
        ("", "", 0),
        ("home", "for_you", 7),
        ("product-page", "similar", 7),
        ("product-page", "trending", 7),
    }
    home, similar, filler = (
        found["home", "for_you", 7],
        found["product-page", "similar", 7],
        found["product-page", "trending", 7],
    )
    assert (home.impressions, home.places, home.fallbacks, home.latency) == (2, 6, 0, {"5": 2})
    assert (home.clicks, home.positions, home.carts, home.purchases, home.units) == (3, {"2": 3}, 1, 1, 2)
    assert home.revenue == 21
    assert (similar.impressions, similar.places, similar.latency) == (1, 2, {"50": 1})
    assert (filler.impressions, filler.places, filler.fallbacks) == (0, 1, 1)
    nobody = found["", "", 0]
    assert (nobody.searches, nobody.empty_searches, nobody.revenue) == (2, 1, 5)


def test_summing_again_changes_nothing_and_a_late_event_its_day_alone(phone, today):
    late = today - timedelta(days=40)
    saw(today)
    acted(phone, "click", late)
    acted(phone, "click", today)

    def all_rows():
        return sorted(DailyFigures.objects.values_list("day", "placement", "clicks", "impressions"))

    summing.sum_up()
    once = all_rows()
    assert once == [(late, "home", 1, 0), (today, "home", 1, 1)]
    assert summing.sum_up()
    assert all_rows() == once
    acted(phone, "click", late)
    assert late in summing.sum_up()
    assert all_rows() == [(late, "home", 2, 0), (today, "home", 1, 1)]


def test_figures_outlive_the_impressions_they_were_summed_from(phone, today, settings):
    old = today - timedelta(days=100)
    saw(old)
    settings.RECOMMENDER = settings.RECOMMENDER | {"IMPRESSION_RETENTION_DAYS": 200}
    summing.sum_up()
    Impression.objects.all().delete()
    settings.RECOMMENDER = settings.RECOMMENDER | {"IMPRESSION_RETENTION_DAYS": 90}
    acted(phone, "click", old)
    summing.sum_up()
    row = DailyFigures.objects.get(day=old)
    assert (row.impressions, row.clicks) == (1, 1)


def test_a_day_is_a_day_of_the_shops_time_zone(phone, settings):
    settings.TIME_ZONE = "Asia/Shanghai"
    day = timezone.localdate() - timedelta(days=1)
    begin, end = summing.bounds(day)
    assert (end - begin, begin.utcoffset()) == (timedelta(days=1), timedelta(hours=8))
    for moment in (begin, end - timedelta(seconds=1), end):
        Impression.objects.create(
            id=uuid.uuid4(), occurred_at=moment, runs="similar.1", milliseconds=1, places=1, snapshot=0
        )
    summing.sum_up()
    assert DailyFigures.objects.get(day=day).impressions == 2


def test_the_report_says_rates_shares_and_what_was_before(phone, today):
    yesterday = today - timedelta(days=1)
    saw(yesterday, n=5)
    saw(today, n=10)
    saw(today, "similar.3", placement="product-page", milliseconds=150, n=10)
    acted(phone, "click", today, position=1, n=3)
    acted(phone, "cart", today)
    acted(phone, "purchase", today, price=Decimal(30))
    acted(phone, "purchase", today, placement="", strategy="", price=Decimal(90))
    ShownProduct.objects.create(day=today, product=phone)
    make_product("ruby", picture=False)
    summing.sum_up()
    found = report(today, today)
    assert (found.totals.impressions, found.before.impressions) == (20, 5)
    assert found.totals.click_rate == pytest.approx(3 / 60)
    assert found.totals.basket_rate == pytest.approx(1 / 3)
    assert found.revenue_share == pytest.approx(0.25)
    assert found.coverage == pytest.approx(0.5)
    assert [name for name, _totals in found.placements] == ["home", "product-page"]
    assert found.positions == [(1, 3)]
    assert (found.percentile(0.5), found.percentile(0.95)) == (5, 200)
    assert [model.number for model in found.models] == [7]
    one = report(today, today, placement="product-page", strategy="similar")
    assert (one.totals.impressions, one.totals.clicks, one.totals.click_rate) == (10, 0, 0)
    assert one.choices == (["home", "product-page"], ["for_you", "similar"])


def test_an_empty_time_has_no_rates(db):
    found = report(date(2020, 1, 1), date(2020, 1, 3))
    assert [day for day, _totals in found.days] == [date(2020, 1, day) for day in (1, 2, 3)]
    assert (found.totals.click_rate, found.revenue_share, found.coverage, found.percentile(0.5)) == (None,) * 4


@pytest.mark.parametrize("n", [1, 30])
def test_the_report_takes_as_many_queries_for_many_days_as_for_one(phone, today, django_assert_num_queries, n):
    for number in range(n):
        saw(today - timedelta(days=number % 30))
        acted(phone, "click", today - timedelta(days=number))
    summing.sum_up()
    with django_assert_num_queries(6):
        report(today - timedelta(days=n - 1), today)
