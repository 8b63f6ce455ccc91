import csv
import io
from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from catalog import roles
from recommender.admin import charts
from recommender.admin.measurement import safe_cell
from recommender.models import DailyFigures, Snapshot
from tests.shop import make_product

PAGE, FILE = "/admin/recommender/dailyfigures/", "/admin/recommender/dailyfigures/csv/"


@pytest.fixture
def analyst(client, django_user_model, settings):
    settings.RECOMMENDER = settings.RECOMMENDER | {"TASKS": "celery"}  # else the page sums up first
    user = django_user_model.objects.create_user("ann", password="x", is_staff=True)
    user.groups.add(Group.objects.get(name="analyst"))
    client.force_login(user)
    return client


def settled():
    """A day that no run sums again."""
    return timezone.localdate() - timedelta(days=5)


def row(day, **values):
    given = {"placement": "home", "strategy": "for_you", "snapshot": 1, "impressions": 100, "places": 400, "clicks": 20}
    return DailyFigures.objects.create(day=day, **given | {"carts": 5, "purchases": 2, "revenue": 300} | values)


@pytest.mark.django_db
def test_an_analyst_sees_the_figures_and_no_person(analyst):
    make_product("nova")
    Snapshot.objects.create(
        pk=1, kind="shelves", is_active=True, format_version=1, encoder_version="x", metrics={"pictured": 1}
    )
    row(settled())
    row(settled(), strategy="similar", placement="product-page", clicks=4)
    page = analyst.get(PAGE).content.decode()
    for text in ("3.0 %", "product-page", "Similar products", "For you", "<svg", "600"):
        assert text in page
    assert " style=" not in page
    assert "<script>" not in page
    assert "nova" not in page
    assert "view_visitor" not in roles.ANALYST
    assert "view_interaction" not in roles.ANALYST


@pytest.mark.django_db
def test_an_empty_page_says_what_is_missing(analyst):
    assert "recommender_beacon" in analyst.get(PAGE).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "query",
    [
        "from=x&to=y",
        "from=2026-13-01",
        "from=2999-01-01",
        "from=0001-01-01&to=9999-12-31",
        "placement=%00&strategy=%27",
        "from=&to=",
    ],
)
def test_whatever_is_asked_there_is_a_page_and_a_file(analyst, query):
    assert analyst.get(f"{PAGE}?{query}").status_code == 200
    assert b"".join(analyst.get(f"{FILE}?{query}").streaming_content).startswith(b"\xef\xbb\xbfday,")


@pytest.mark.django_db
def test_one_placement_alone(analyst):
    row(settled())
    row(settled(), placement="basket", impressions=7)
    page = analyst.get(f"{PAGE}?placement=basket")
    assert page.context["report"].totals.impressions == 7
    assert 'value="basket" selected' in page.content.decode() or "<option selected>basket" in page.content.decode()


@pytest.mark.django_db
def test_the_file_holds_the_days_that_were_asked_for_and_no_formula(analyst):
    today = settled()
    row(today, placement="-2+3")
    row(today - timedelta(days=3))
    text = b"".join(analyst.get(f"{FILE}?from={today}&to={today}").streaming_content).decode("utf-8-sig")
    lines = list(csv.DictReader(io.StringIO(text)))
    assert [(line["day"], line["placement"], line["clicks"]) for line in lines] == [(str(today), "'-2+3", "20")]


@given(st.text())
def test_no_cell_is_a_formula(text):
    assert safe_cell(text)[:1] not in ("=", "+", "-", "@", "\t", "\r", "\n")
    assert safe_cell(text).removeprefix("'") == text.removeprefix("'") or safe_cell(text) == f"'{text}"


@given(st.lists(st.floats(0, 1e9), max_size=60))
def test_a_line_stays_within_its_drawing(values):
    labels = [str(number) for number in range(len(values))]
    drawn = charts.line(labels, values, labels)
    assert len(drawn.marks) == len(values)
    for mark in drawn.marks:
        assert charts.LEFT <= mark.x <= charts.WIDTH
        assert charts.TOP - 1e-6 <= mark.y <= charts.HEIGHT - charts.BOTTOM


@given(st.floats(1e-6, 1e12))
def test_an_axis_ends_at_the_next_round_number(value):
    top = charts.nice(value)
    assert value <= top * (1 + 1e-9)
    assert top <= 2.5 * value * (1 + 1e-9)


def test_round_numbers_are_known():
    assert [charts.nice(value) for value in (0, 1, 3, 25, 26, 700)] == [1, 1, 5, 25, 50, 1000]
