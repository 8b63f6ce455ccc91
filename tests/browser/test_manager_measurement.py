"""The page of figures is sound, empty and full, whatever the language, the scheme and the width."""

import itertools
from datetime import timedelta

import pytest
from django.utils import timezone

from recommender.models import DailyFigures
from tests.browser.axe import violations
from tests.browser.test_every_page import CELLS, OVERFLOW

pytestmark = pytest.mark.browser
PAGE = "/admin/recommender/dailyfigures/"


def sell(days=28):
    """Figures of two shelves on each of these days, before the days that are summed again."""
    last = timezone.localdate() - timedelta(days=3)
    shelves = (("home", "for_you"), ("product-page", "similar"))
    for days_ago, (number, (placement, strategy)) in itertools.product(range(days), enumerate(shelves)):
        DailyFigures.objects.create(
            day=last - timedelta(days=days_ago),
            placement=placement,
            strategy=strategy,
            snapshot=1,
            impressions=900 + 37 * (days_ago % 7) + number,
            places=7000,
            clicks=40 + days_ago % 5,
            carts=9,
            purchases=3,
            units=4,
            revenue=1996,
        )


def faults(page):
    """What axe objects to in the page that is open, and how far it scrolls sideways."""
    return violations(page, "#content"), page.evaluate(OVERFLOW)


@pytest.mark.parametrize(("language", "scheme", "width"), CELLS)
def test_the_figures_are_sound(office, language, scheme, width):
    page = office(PAGE, width=width, language=language, scheme=scheme)
    assert faults(page) == ([], 0)
    sell()
    page.faults.clear()
    assert page.goto(f"{PAGE}?days=28").status == 200
    assert page.locator("svg").count() > 0
    assert page.faults == []
    assert faults(page) == ([], 0)
