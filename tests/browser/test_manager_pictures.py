"""What a shop manager does with pictures: drop several, see them, save, and find them in the shop."""

import base64

import pytest
from playwright.sync_api import expect

from catalog.models import Product
from tests.shop import phone_picture

pytestmark = pytest.mark.browser

DROP = """(zone, files) => {
  const carrier = new DataTransfer();
  for (const {name, type, content} of files) {
    const bytes = Uint8Array.from(atob(content), letter => letter.charCodeAt(0));
    carrier.items.add(new File([bytes], name, {type}));
  }
  for (const kind of ["dragenter", "dragover", "drop"])
    zone.dispatchEvent(new DragEvent(kind, {dataTransfer: carrier, bubbles: true, cancelable: true}));
}"""


def dropped(name, content, kind="image/png"):
    return {"name": name, "type": kind, "content": base64.b64encode(content).decode()}


@pytest.fixture
def form(visit, shop, django_user_model):
    """Opens the form of a product that has two pictures, as an admin."""
    django_user_model.objects.create_superuser("boss", password="correct horse")

    def open_form(**window):
        page = visit(**window)
        page.goto(f"/admin/login/?next=/admin/catalog/product/{shop[0].pk}/change/")
        page.fill("[name=username]", "boss")
        page.fill("[name=password]", "correct horse")
        page.locator("[type=submit]").click()
        page.locator("#images-group").wait_for()
        page.wait_for_load_state()
        return page

    return open_form


def test_dropped_pictures_are_shown_at_once_and_saved_in_their_order(form, shop):
    page = form()
    files = [
        dropped("gold.png", phone_picture("gold", lens=3)),
        dropped("notes.txt", b"no picture", "text/plain"),
        dropped("green.png", phone_picture("green", lens=2)),
    ]
    page.locator(".picture-drop").evaluate(DROP, files)
    previews = page.locator(".picture-preview")
    expect(previews).to_have_count(2)
    assert previews.evaluate_all("all => all.map(one => [one.alt, one.naturalWidth])") == [
        ["gold.png", 160],
        ["green.png", 160],
    ]
    status = page.locator(".picture-drop [role=status]")
    expect(status).to_have_text("Added, to be kept when you save: 2 · Left out, being no JPEG, PNG or WebP: 1")
    page.locator("[name=_save]").first.click()
    page.wait_for_url("**/admin/catalog/product/")
    assert [image.position for image in Product.objects.get(pk=shop[0].pk).images.all()] == [0, 1, 2, 3]
    page.goto(shop[0].get_absolute_url())
    expect(page.locator(".gallery__thumb")).to_have_count(4)
    assert page.locator(".gallery__thumb img").last.evaluate("one => one.decode().then(() => one.naturalWidth)") == 160
    assert page.faults == []


def test_pictures_are_chosen_with_the_keyboard(form):
    page = form()
    with page.expect_file_chooser() as asked:
        page.get_by_role("button", name="choose pictures").press("Enter")
    assert asked.value.is_multiple()
    asked.value.set_files(
        [
            {"name": f"{colour}.png", "mimeType": "image/png", "buffer": phone_picture(colour, lens=3)}
            for colour in ("gold", "green", "black")
        ]
    )
    expect(page.locator(".picture-preview")).to_have_count(3)


def test_one_picture_in_a_row_of_its_own_is_shown_too(form):
    page = form()
    gold = {"name": "gold.png", "mimeType": "image/png", "buffer": phone_picture("gold", lens=3)}
    page.locator("#id_images-2-file").set_input_files(gold)
    expect(page.locator(".picture-preview")).to_have_attribute("alt", "gold.png")
    page.locator("#id_images-2-file").set_input_files({"name": "x.png", "mimeType": "image/png", "buffer": b"broken"})
    expect(page.locator(".picture-preview")).to_have_count(0)


def test_a_picture_that_misses_the_zone_does_not_replace_the_page(form):
    page = form()
    is_kept = """() => !document.body.dispatchEvent(new DragEvent("drop", {
      dataTransfer: Object.assign(new DataTransfer(), {}), bubbles: true, cancelable: true}))"""
    assert page.evaluate(is_kept) is False  # a dragged text is the browser's
    with_file = is_kept.replace(
        "Object.assign(new DataTransfer(), {})",
        '(() => { const all = new DataTransfer(); all.items.add(new File(["x"], "x.png")); return all; })()',
    )
    assert page.evaluate(with_file) is True


def test_without_scripts_the_rows_own_fields_do_it(form, shop):
    page = form(script=False)
    expect(page.locator(".picture-drop")).to_have_count(0)
    gold = {"name": "gold.png", "mimeType": "image/png", "buffer": phone_picture("gold", lens=3)}
    page.locator("#id_images-2-file").set_input_files(gold)
    page.locator("[name=_save]").first.click()
    page.wait_for_url("**/admin/catalog/product/")
    assert Product.objects.get(pk=shop[0].pk).images.count() == 3
