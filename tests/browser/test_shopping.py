"""What people do in the shop: with and without scripts, with the keyboard, on a phone and on a desk."""

import re

import pytest
from playwright.sync_api import expect

from catalog.models import Order
from recommender.models import Interaction

pytestmark = pytest.mark.browser

ADDRESS = {"email": "ada@example.com", "name": "Ada", "address": "Road 1", "postcode": "1815", "city": "Bonn"}


def fill_address(page):
    for name, text in ADDRESS.items():
        page.fill(f"[name={name}]", text)


def test_a_guest_shops_without_any_script(visit, shop):
    page = visit(width=360, script=False)
    page.goto("/")
    page.fill("[type=search]", "nova")
    page.locator(".search__button").click()
    expect(page.locator(".tile")).to_have_count(5)
    page.get_by_role("link", name="Filter and sort").click()
    page.get_by_role("checkbox", name=re.compile("^Lumen")).check()
    page.get_by_role("button", name="Show results").click()
    expect(page.locator(".tile")).to_have_count(3)
    page.locator(".tile__link").first.click()
    page.locator(".color-choice:not([aria-current])").first.click()
    page.locator(".box-choice:not([aria-current])").first.click()
    expect(page.locator(".box-choice[aria-current]")).to_contain_text("256 GB")
    page.get_by_role("link", name="Picture 2").or_(page.locator(".gallery__slide")).first.click()
    page.select_option("#quantity", "2")
    page.get_by_role("button", name="Add to basket").click()
    page.locator(".notice").get_by_role("link", name="Go to basket").click()
    page.get_by_role("link", name="To checkout").click()
    fill_address(page)
    page.get_by_role("button", name=re.compile("^Pay")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you for your order")
    assert [line.quantity for line in Order.objects.get().lines.all()] == [2]
    assert Interaction.objects.filter(kind="purchase").count() == 1


def test_adding_to_the_basket_stays_on_the_page(visit, shop):
    page = visit()
    page.goto(shop[0].get_absolute_url())
    page.evaluate("window.stayed = true")
    page.get_by_role("button", name="Add to basket").click()
    expect(page.locator("[data-toast]")).to_contain_text("is in your basket. Go to basket")
    expect(page.locator("[data-basket-count]")).to_have_text("1")
    assert page.evaluate("window.stayed") is True


def test_a_thumbnail_shows_its_picture(visit, shop):
    page = visit()
    page.goto(shop[0].get_absolute_url())
    page.get_by_role("link", name="Picture 2").click()
    expect(page.get_by_role("link", name="Picture 2")).to_have_attribute("aria-current", "true")
    expect(page.locator("#picture-2")).to_be_in_viewport()
    assert "#" not in page.url


def test_filters_work_at_once_and_back_leads_back(visit, shop):
    page = visit()
    page.goto("/products/")
    page.evaluate("window.stayed = true")
    page.get_by_role("checkbox", name=re.compile("^Lumen")).check()
    expect(page.locator(".tile")).to_have_count(3)
    expect(page.locator("[data-live]")).to_have_text("3 models")
    assert page.url.endswith("brand=Lumen")
    assert page.evaluate("window.stayed") is True
    page.go_back()
    expect(page.locator(".tile")).to_have_count(5)


def test_dark_and_light_switch_in_place_and_stay(visit, shop):
    page = visit(scheme="light")
    page.goto("/")
    page.get_by_role("button", name="Switch to dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(18, 18, 20)"
    page.goto("/products/")
    expect(page.get_by_role("button", name="Switch to light")).to_be_visible()
    assert page.locator("html").get_attribute("data-theme") == "dark"


def test_the_language_switches_and_stays(visit, shop):
    page = visit()
    page.goto("/products/")
    page.get_by_role("button", name="简体中文").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("全部手机")
    page.goto("/basket/")
    expect(page.get_by_role("heading", level=1)).to_have_text("购物车")


def test_a_double_click_on_pay_is_one_order(visit, shop):
    page = visit()
    page.goto(shop[0].get_absolute_url())
    page.get_by_role("button", name="Add to basket").click()
    page.locator("[data-toast][data-shown]").wait_for()
    page.goto("/checkout/")
    fill_address(page)
    page.get_by_role("button", name=re.compile("^Pay")).dblclick()
    page.wait_for_url("**/orders/**")
    assert Order.objects.count() == 1


def test_everything_can_be_reached_with_the_keyboard(visit, shop):
    page = visit()
    page.goto(shop[0].get_absolute_url())
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent").strip() == "Add to basket":
            break
    page.keyboard.press("Enter")
    expect(page.locator("[data-basket-count]")).to_have_text("1")


def test_shelves_lead_on_and_the_visitor_can_delete_the_trace(visit, shop):
    page = visit()
    page.goto(shop[0].get_absolute_url())
    shelf = page.locator(".rec-shelf").first
    expect(shelf.get_by_role("heading", level=2)).to_have_text("Similar products")
    page.wait_for_function("document.querySelectorAll('.rec-card').length >= 3")
    name = shelf.locator(".rec-card__link").first.text_content()
    shelf.locator(".rec-card__link").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    page.goto("/about-you/")
    expect(page.locator(".panel")).to_contain_text("3 events of yours")  # two views, and the click between them
    page.get_by_role("button", name="Delete everything").click()
    expect(page.locator(".panel")).to_contain_text("Nothing.")
    assert not Interaction.objects.exists()


def test_phones_are_compared_side_by_side(visit, shop):
    page = visit(width=360)
    page.goto("/products/")
    for number in range(2):
        page.locator(".tile__compare button").nth(number).click()
        expect(page.locator(".notice")).to_contain_text("is in your comparison.")
    page.locator(".site-nav").get_by_role("link", name=re.compile("Compare")).click()
    expect(page.locator(".compare__product")).to_have_count(2)
    page.get_by_role("link", name="Show only differences").click()
    expect(page.get_by_role("rowheader", name="Battery")).to_be_visible()
    expect(page.get_by_role("rowheader", name="Screen")).to_have_count(0)
    page.get_by_role("button", name=re.compile("^Take out")).first.click()
    expect(page.locator(".compare__product")).to_have_count(1)
