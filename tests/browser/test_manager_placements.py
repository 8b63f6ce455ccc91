"""What a shop manager does with placements: change one, see what that changes, save, see it live, take it off again."""

import pytest
from playwright.sync_api import expect

from recommender.models import Placement
from tests.browser.axe import violations
from tests.browser.test_every_page import OVERFLOW, SHIFTS

pytestmark = pytest.mark.browser

EDIT = "/admin/recommender/placement/product-page/change/"


def test_a_change_is_seen_before_it_is_saved_and_lives_after_with_the_keyboard_alone(office, shop):
    page = office(EDIT)
    result = page.locator("[data-result]")
    expect(result.get_by_text("as it is now")).to_be_visible()
    expect(result.locator(".rec-move")).to_have_count(4)
    page.locator("#id_strategies_0").focus()
    page.keyboard.type("New arr")
    expect(result.locator("h3")).to_contain_text("New in the shop")
    expect(result.locator("h3 del")).to_have_text("Similar products")
    assert Placement.objects.get(slug="product-page").strategies == ["similar"]
    page.locator("#id_length").focus()
    page.keyboard.press("Control+A")
    page.keyboard.type("2")
    expect(result.get_by_text("2 of 2 places")).to_be_visible()
    expect(result.get_by_text("3 out")).to_be_visible()
    page.locator("[name=_save]").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/recommender/placement/")
    page.goto(shop[0].get_absolute_url())
    shelf = page.locator('[data-placement="product-page"]')
    expect(shelf.get_by_role("heading", level=2)).to_have_text("New in the shop")
    expect(shelf.locator(".rec-card")).to_have_count(2)
    page.goto(EDIT)
    page.get_by_label("Shown until").fill("2026-01-31T12:00")
    expect(page.get_by_text("Visitors do not see it now")).to_be_visible()
    page.locator("[name=_save]").press("Enter")
    page.wait_for_url("**/admin/recommender/placement/")
    expect(page.locator("tr", has_text="product-page").get_by_text("over")).to_be_visible()
    page.goto(shop[0].get_absolute_url())
    expect(page.locator('[data-placement="product-page"]')).to_have_count(0)
    assert page.faults == []


def test_faults_show_at_once_and_strategies_change_places(office):
    page = office("/admin/recommender/placement/home/change/")
    result = page.locator("[data-result]")
    page.locator("#id_strategies_1").select_option("similar")
    expect(result.get_by_text("starts from products of the page")).to_be_visible()
    page.locator("#id_strategies_1").select_option("trending")
    page.locator("#id_fallbacks_0").select_option("")
    page.get_by_role("button", name="Choice 2 ↑").first.press("Enter")
    expect(page.locator("#id_strategies_0")).to_have_value("trending")
    expect(page.locator("#id_strategies_1")).to_have_value("for_you")
    expect(result.locator(".rec-move")).to_have_count(5)
    page.get_by_label("Product of the page").fill("Nova 3 128 GB gr")
    expect(page.locator("#rec-products option")).to_have_count(1)
    assert page.faults == []


@pytest.mark.parametrize(
    ("language", "scheme", "width"), [("en-GB", "light", 1440), ("zh-CN", "dark", 360), ("zh-CN", "light", 1440)]
)
def test_the_pages_of_placements_are_sound(office, language, scheme, width):
    page = office("/admin/recommender/placement/", language=language, scheme=scheme, width=width)
    for address in ("/admin/recommender/placement/", "/admin/recommender/placement/add/", EDIT):
        page.goto(address)
        page.wait_for_load_state("networkidle")
        if "change" in address:
            page.locator(".rec-move").first.wait_for()
        assert page.evaluate(OVERFLOW) == 0, address
        assert page.faults == [], address
        assert violations(page) == [], address
        page.faults.clear()  # axe lays out its own frames, which the policy refuses


def test_without_scripts_a_button_opens_the_preview(office):
    page = office(EDIT, script=False)
    page.locator("#id_strategies_0").select_option("new_arrivals")
    with page.context.expect_page() as opened:
        page.get_by_role("button", name="Look at it").click()
    look = opened.value
    look.wait_for_load_state()
    expect(look.locator("h3")).to_contain_text("New in the shop")
    expect(look.locator(".rec-move:not(.rec-move--out)")).to_have_count(4)


def test_a_shelf_that_loads_later_moves_nothing_and_is_a_link_without_scripts(visit, shop):
    page = visit()
    for product in (shop[0], shop[4], shop[9]):
        page.goto(product.get_absolute_url())
    place = page.locator('[data-placement="recently-viewed"]')
    expect(place).to_have_count(1)
    place.scroll_into_view_if_needed()
    expect(place.locator(".rec-card[data-product]")).to_have_count(2)
    expect(place.get_by_role("heading", level=2)).to_have_text("Recently viewed")
    assert page.evaluate(SHIFTS) < 0.01
    assert violations(page) == []
    plain = visit(script=False)
    for product in (shop[0], shop[4], shop[9]):
        plain.goto(product.get_absolute_url())
    plain.locator('[data-placement="recently-viewed"] a').click()
    expect(plain.locator(".rec-card[data-product]")).to_have_count(2)
