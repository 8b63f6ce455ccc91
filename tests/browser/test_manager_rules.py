"""What a merchandiser does with rules, by keyboard alone: pin a product, see the effect, save, schedule it away."""

import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from catalog.models import Product
from recommender.models import Rule
from recommender.services import merchandising, recommending
from tests.browser.axe import violations

pytestmark = pytest.mark.browser
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def check(page, name):
    assert page.faults == [], name
    assert violations(page, "#content, #content-main") == [], name
    page.faults.clear()  # axe sets styles of its own, which the policy forbids


def shelf_of(page, product):
    page.goto(product.get_absolute_url())
    return [title.replace("\N{NO-BREAK SPACE}", " ") for title in page.locator(".rec-card__title").all_text_contents()]


def test_a_pin_from_the_form_to_the_shop_and_away_again_by_keyboard(office, shop):
    page = office("/admin/recommender/rule/add/")
    far = Product.objects.get(sku="nova-3-green-128")
    seed = shop[0]
    assert recommending.similar(seed).items[0].product != far
    page.locator("#id_action").focus()
    page.keyboard.type("pin")
    expect(page.locator(".field-strength")).to_be_hidden()
    expect(page.locator(".field-attribute")).to_be_hidden()
    page.locator("#id_product").focus()
    page.keyboard.type("nova-3-green-128")
    expect(page.locator(".rec-pick li")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.locator("#id_product")).to_have_value(f"{far.pk} · {far.title}")
    page.locator("#id_position").focus()
    page.keyboard.type("1")
    page.locator("#id_look_at").focus()
    page.keyboard.type(seed.sku)
    expect(page.locator(".rec-pick li")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.locator("[data-effect]")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator(".rec-diff")).to_have_count(1)
    expect(page.locator(".rec-diff h3")).to_contain_text(seed.title)
    after = page.locator(".rec-diff__row").nth(1).locator(".rec-diff__place")
    expect(after.first).to_contain_text(far.title)
    expect(after.first).to_have_class(re.compile("promoted"))
    expect(page.locator("[data-effect]")).to_be_focused()
    check(page, "form with the effect")
    assert Rule.objects.count() == 0
    page.locator("[name=_save]").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/recommender/rule/")
    expect(page.locator("#result_list .field-state")).to_contain_text("live")
    assert far.title in shelf_of(page, seed)[0]
    assert page.locator(".rec-card").first.get_attribute("data-source") == "promoted"

    page.goto(f"/admin/recommender/rule/{Rule.objects.get().pk}/change/")
    year = timezone.localtime().year + 1
    page.locator("#id_starts_at").focus()
    # The first of January reads the same whichever of day and month the machine's language puts first.
    for keys in ("", "", str(year), "", "", ""):
        page.keyboard.type(keys) if keys else page.keyboard.press("ArrowUp")
        page.keyboard.press("ArrowRight")
    expect(page.locator("#id_starts_at")).to_have_value(re.compile(f"^{year}-01-01T"))
    page.locator("[name=_save]").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/admin/recommender/rule/")
    expect(page.locator("#result_list .field-state")).to_contain_text("scheduled")
    assert far.title not in shelf_of(page, seed)[0]


def test_without_scripts_the_effect_is_a_page_of_its_own(office, shop):
    page = office("/admin/recommender/rule/add/", script=False)
    page.select_option("#id_action", "exclude")
    page.select_option("#id_target", "brand")
    page.fill("#id_value", "Orbis")
    page.get_by_role("button", name="Preview the effect").click()
    expect(page.locator(".rec-note")).to_contain_text("Nothing is saved yet")
    expect(page.locator(".rec-effect__sum")).to_contain_text("The rule is about 8 products")
    assert Rule.objects.count() == 0


@pytest.mark.parametrize(("width", "scheme"), [(360, "dark"), (1440, "light")])
@pytest.mark.parametrize("language", ["en-GB", "zh-CN"])
def test_the_pages_are_sound(office, shop, width, scheme, language):
    merchandising.pin(shop[0], 1)
    rule = merchandising.pin(shop[4], 1)
    merchandising.boost(brand="Orbis")
    page = office("/admin/recommender/rule/", width=width, scheme=scheme, language=language)
    check(page, "list")
    page.locator(".action-select").first.check()
    page.select_option("[name=action]", "deactivate")
    page.locator("[name=index]").click()
    page.locator(".rec-confirm").wait_for()
    check(page, "confirmation")
    page.goto(f"/admin/recommender/rule/{rule.pk}/change/")
    page.locator("[data-effect]").click()
    page.locator(".rec-diff").first.wait_for()
    check(page, "form")
    assert page.evaluate(OVERFLOW) == 0
