"""What a page's script reports, and what it never does."""

import pytest

from recommender.models import Impression, Interaction, Visitor

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SHELF = ".rec-shelf"


def settle(page):
    """Long enough for a list in view to count, and sent."""
    page.wait_for_timeout(1300)
    page.evaluate("dispatchEvent(new Event('pagehide'))")
    page.wait_for_timeout(300)


def test_a_list_counts_when_it_was_in_view_for_a_second_and_once(visit, shop):
    page = visit()
    page.goto(shop[0].get_absolute_url())
    settle(page)
    assert not Impression.objects.exists()  # below the fold
    page.locator(f"{SHELF} li").first.scroll_into_view_if_needed()
    settle(page)
    page.evaluate("scrollTo(0, 0)")
    settle(page)
    page.locator(f"{SHELF} li").first.scroll_into_view_if_needed()
    settle(page)
    seen = Impression.objects.get()
    assert seen.runs.startswith("similar.")
    assert seen.places >= 3
    assert page.faults == []


def test_a_click_and_the_basket_after_it_are_counted_to_the_shelf(visit, shop):
    page = visit()
    page.goto(shop[0].get_absolute_url())
    card = page.locator(f"{SHELF} li").nth(1)
    key = int(card.get_attribute("data-product"))
    card.locator("a").click()
    page.wait_for_url(f"**/products/{key}/**")
    page.get_by_role("button", name="Add to basket").first.click()
    page.wait_for_timeout(500)
    rows = Interaction.objects.filter(product_id=key).order_by("pk").values_list("kind", "strategy", "position")
    assert {("click", "similar", 2), ("cart", "similar", 2)} <= set(rows)
    assert Interaction.objects.filter(kind="click").count() == 1


def test_a_card_is_dismissed_and_brought_back_with_the_keyboard(visit, shop):
    page = visit(width=360)
    page.goto(shop[0].get_absolute_url())
    card = page.locator(f"{SHELF} li").first
    key = int(card.get_attribute("data-product"))
    button = card.get_by_role("button")
    button.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(f"{SHELF} li[data-dismissed]")
    shelf = page.locator(SHELF).filter(has=page.locator("li[data-dismissed]"))
    assert "You will not be shown" in shelf.locator("[role=status]").inner_text()
    assert [(row.kind, row.position) for row in Interaction.objects.filter(product_id=key)] == [("dismiss", 1)]
    other = visit()
    other.context.add_cookies(page.context.cookies())
    other.goto(shop[0].get_absolute_url())
    assert str(key) not in other.locator(f"{SHELF} li").evaluate_all("cards => cards.map(card => card.dataset.product)")
    page.keyboard.press("Enter")  # the focus stayed on the button, which now undoes
    page.wait_for_selector(f"{SHELF} li[data-dismissed]", state="detached")
    assert not Interaction.objects.filter(kind="dismiss").exists()
    assert page.faults == []


def test_without_scripts_the_button_sends_its_form(visit, shop):
    page = visit(script=False)
    page.goto(shop[0].get_absolute_url())
    card = page.locator(f"{SHELF} li").first
    key = card.get_attribute("data-product")
    card.get_by_role("button").click()
    page.wait_for_selector(".notice--success")
    assert page.url.endswith(shop[0].get_absolute_url())
    assert page.locator(f'{SHELF} li[data-product="{key}"]').count() == 0


def test_global_privacy_control_is_obeyed_and_the_shelf_stays(visit, shop):
    page = visit()
    page.context.set_extra_http_headers({"Sec-GPC": "1"})
    page.goto(shop[0].get_absolute_url())
    page.locator(f"{SHELF} li").first.scroll_into_view_if_needed()
    settle(page)
    assert page.locator(f"{SHELF} li").count() >= 3
    assert page.locator(f"{SHELF} button").count() == 0
    page.locator(f"{SHELF} a").first.click()
    page.wait_for_timeout(500)
    assert not Impression.objects.exists()
    assert not Interaction.objects.exists()
    assert not Visitor.objects.exists()
