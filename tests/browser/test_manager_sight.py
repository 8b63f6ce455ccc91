"""What a manager does with suggestions and findings, by keyboard alone; and nothing that axe objects to."""

import pytest
from playwright.sync_api import expect

from catalog.models import Product
from recommender.models import Suggestion
from recommender.services import inspecting
from recommender.storage import findings
from tests.browser.axe import violations

pytestmark = pytest.mark.browser


@pytest.fixture
def bare(shop):
    """Three phones of which nobody wrote down the colour."""
    chosen = list(Product.objects.filter(storage_gb=128).order_by("pk")[:3])
    for product, value in zip(chosen, ("red", "blue", "green"), strict=True):
        Product.objects.filter(pk=product.pk).update(color="")
        Suggestion.objects.create(
            product=product, attribute="color", value=value, confidence=0.9, others=["gold"], origin="neighbours"
        )
    return chosen


def test_the_queue_is_worked_through_by_keyboard_alone(office, bare):
    page = office("/admin/recommender/suggestion/review/")
    cards = page.locator(".rec-proposal")
    expect(cards).to_have_count(3)
    cards.first.get_by_role("button", name="Accept").focus()
    page.keyboard.press("a")
    expect(cards).to_have_count(2)
    expect(cards.first.get_by_role("button", name="Accept")).to_be_focused()
    page.keyboard.press("c")
    page.keyboard.type("gold")  # letters in a field are letters
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(cards).to_have_count(1)
    page.keyboard.press("r")
    expect(page.get_by_text("Nothing to review.")).to_be_visible()
    assert [Product.objects.get(pk=product.pk).color for product in bare] == ["red", "gold", ""]


@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_both_pages_fit_and_axe_objects_to_nothing(office, bare, width, scheme):
    inspecting.inspect()
    page = office("/admin/recommender/suggestion/review/", width=width, scheme=scheme)
    for path in ("suggestion/review/", "finding/health/"):
        page.goto(f"/admin/recommender/{path}")
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_finding_is_found_fine(office, shop):
    inspecting.inspect()
    before = findings.waiting().count()
    assert before > 0
    page = office("/admin/recommender/finding/health/")
    page.get_by_role("button", name="It is fine").first.press("Enter")
    expect(page.get_by_text("Noted: it is fine, and not listed again.")).to_be_visible()
    assert (findings.waiting().count(), findings.dismissed().count()) == (before - 1, 1)
