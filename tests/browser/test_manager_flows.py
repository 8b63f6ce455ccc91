"""What a manager does: upload a picture and see it embed, preview a shelf, roll back a model; own pages are sound."""

import re
import uuid

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from catalog.models import Order, OrderLine, Product
from recommender.models import ImageEmbedding, Interaction, Job, Snapshot, Visitor
from recommender.services import training
from tests.browser.axe import violations
from tests.eyes import TWO
from tests.shop import phone_picture

pytestmark = pytest.mark.browser
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def test_an_uploaded_picture_is_embedded_and_shows_what_it_is_a_copy_of(office, shop):
    product, other = shop[0], shop.get(sku="nova-2-blue-128")
    content = phone_picture("blue", lens=3, size=400)
    page = office(f"/admin/catalog/product/{product.pk}/change/")
    expect(page.locator(".field-likeness .rec-diff__place")).to_have_count(8)
    new = {"name": "new.png", "mimeType": "image/png", "buffer": content}
    page.locator("#id_images-2-file").set_input_files(new)
    page.locator("[name=_continue]").first.click()
    page.wait_for_load_state()
    expect(page.locator("#images-2 .field-embedding")).to_contain_text("embedded")
    expect(page.locator(".field-likeness .rec-remarks")).to_contain_text(str(other))
    assert ImageEmbedding.objects.filter(product=product, status="ready").count() == 3
    assert page.faults == []


def test_a_shelf_is_previewed_with_the_keyboard(office, shop):
    page = office("/admin/recommender/snapshot/preview/")
    page.locator("#rec-q").focus()
    page.keyboard.type(shop[0].sku)
    expect(page.locator(".rec-pick li")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(page.locator(".rec-seed h2")).to_have_text(shop[0].title)
    expect(page.locator(".rec-item").first).to_be_visible()
    assert page.faults == []


@pytest.mark.parametrize("eyes", [TWO])
def test_a_slider_shows_other_look_alikes_at_once(office, shop):
    page = office("/admin/recommender/snapshot/weighing/")
    expect(page.locator("#rec-weighed h3")).to_have_count(0)
    page.get_by_label("Colour").focus()
    page.keyboard.press("End")
    expect(page.get_by_role("heading", name="With these weights").first).to_be_visible()
    assert "weight-colour=100" in page.url
    assert page.faults == []


def test_a_model_is_rolled_back(office, shop):
    first = Snapshot.objects.get(is_active=True)
    training.train()
    page = office("/admin/recommender/snapshot/")
    page.get_by_role("link", name="Roll back").press("Enter")
    expect(page.locator("h1")).to_have_text(f"Serve {first}?")
    page.get_by_role("button", name="Yes, serve it").press("Enter")
    expect(page.locator(".messagelist")).to_contain_text(re.compile(f"{first} is served from now on.", re.IGNORECASE))
    assert Snapshot.objects.get(is_active=True) == first
    assert page.faults == []


def choose(page, action, address):
    """Choose a bulk action for the first two rows, with the keyboard alone."""
    page.goto(address)
    for place in (0, 1):
        page.locator(".action-select").nth(place).press("Space")
    page.locator("select[name=action]").select_option(action)
    page.locator("#changelist-form button[name=index]").first.press("Enter")
    expect(page.locator(".rec-confirm")).to_be_visible()


def test_products_are_hidden_and_restocked_without_scripts_after_a_question(office, shop):
    page = office("/admin/catalog/product/", script=False)
    choose(page, "hide", "/admin/catalog/product/")
    expect(page.locator(".rec-confirm li")).to_have_count(2)
    page.get_by_role("link", name="No, take me back").press("Enter")
    page.wait_for_url("**/admin/catalog/product/")
    assert not Product.objects.filter(is_visible=False).exists()
    choose(page, "hide", "/admin/catalog/product/")
    page.get_by_role("button", name="Yes, hide them").press("Enter")
    expect(page.locator(".messagelist")).to_contain_text("2 products were changed.")
    assert Product.objects.filter(is_visible=False).count() == 2
    choose(page, "restock", "/admin/catalog/product/")
    page.locator("#id_pieces").focus()
    page.keyboard.type("7")
    page.keyboard.press("Enter")
    expect(page.locator(".messagelist")).to_contain_text("2 products were changed.")
    assert Product.objects.filter(stock__in=(7, 27)).count() == 2


def test_embedding_again_asks_and_leads_to_its_progress(office, shop):
    page = office("/admin/catalog/product/")
    choose(page, "embed_again", "/admin/catalog/product/")
    expect(page.locator("h1")).to_have_text("Embed the pictures of 2 products again?")
    page.get_by_role("button", name="Yes, embed them again").press("Enter")
    expect(page.locator(".messagelist")).to_contain_text("2 products are looked at again.")
    page.get_by_role("link", name="See how far it is").press("Enter")
    expect(page.locator("#rec-live-pictures")).to_be_visible()
    assert page.faults == []


@pytest.mark.parametrize(
    ("width", "scheme", "language"), [(1440, "light", "en-GB"), (360, "dark", "zh-CN"), (1440, "dark", "zh-CN")]
)
def test_every_page_of_our_own_is_sound(office, shop, width, scheme, language):
    visitor = Visitor.objects.create()
    event = Interaction.objects.create(
        visitor=visitor, product_id=shop[0].pk, kind="view", occurred_at=timezone.now(), client_id=uuid.uuid4()
    )
    order = Order.objects.create(name="Ada", address="Road 1", city="Bonn", country="DE", email="a@b.org")
    OrderLine.objects.create(
        order=order, product=shop[0], sku="a", title=str(shop[0]), quantity=1, unit_price=450, position=1
    )
    ImageEmbedding.objects.filter(pk=ImageEmbedding.objects.first().pk).update(
        status="failed", error="The file is no picture.", attempts=3
    )
    recommender = "/admin/recommender"
    addresses = [
        f"{recommender}/snapshot/overview/",
        f"{recommender}/snapshot/preview/?product={shop[0].pk}",
        f"{recommender}/snapshot/preview/?visitor={visitor.pk}",
        f"{recommender}/snapshot/weighing/?weight-semantic=5&weight-colour=95",
        f"{recommender}/snapshot/",
        f"{recommender}/snapshot/{Snapshot.objects.get().pk}/change/",
        f"{recommender}/snapshot/{Snapshot.objects.get().pk}/activate/",
        f"{recommender}/snapshot/train/",
        f"{recommender}/imageembedding/",
        f"{recommender}/imageembedding/{ImageEmbedding.objects.first().pk}/change/",
        f"{recommender}/interaction/",
        f"{recommender}/interaction/{event.pk}/change/",
        f"{recommender}/visitor/",
        f"{recommender}/visitor/{visitor.pk}/change/",
        f"{recommender}/job/",
        f"{recommender}/job/{Job.objects.first().pk}/change/",
        "/admin/catalog/product/",
        f"/admin/catalog/product/{shop[0].pk}/change/",
        "/admin/catalog/brand/",
        "/admin/catalog/family/",
        f"/admin/catalog/family/{shop[0].family_id}/change/",
        "/admin/catalog/order/",
        f"/admin/catalog/order/{order.pk}/change/",
    ]
    page = office("/admin/recommender/", width=width, scheme=scheme, language=language)
    faults = {}
    for address in [*addresses, "the question before a bulk action"]:
        if address in addresses:
            assert page.goto(address).status == 200, address
        else:
            choose(page, "restock", "/admin/catalog/product/")
        for rule, nodes in violations(page, "#content"):
            faults[address, rule] = nodes[:3]
        if overflow := page.evaluate(OVERFLOW):
            faults[address, "overflow"] = overflow
    assert [f"{address} {rule}: {nodes}" for (address, rule), nodes in faults.items()] == []
