"""Search by photo as shoppers do it: with the mouse, the keyboard, a finger, and without any script."""

import io
import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from recommender.imaging.decode import decode
from recommender.imaging.degrading import badly_photographed
from recommender.models import Snapshot
from recommender.services import serving
from tests.browser.axe import violations
from tests.shop import phone_picture

pytestmark = pytest.mark.browser

FIRST = ".photo__grid .tile__link >> nth=0"


@pytest.fixture
def photo(tmp_path):
    """The file of a photo that a shopper took of a green phone, in poor light."""
    taken = badly_photographed(decode(phone_picture("green", size=400)), np.random.default_rng(3))
    path = tmp_path / "photo.jpg"
    Image.fromarray(taken.pixels).save(path, quality=80)
    return path


@pytest.fixture
def pair(tmp_path):
    """The file of a picture with a red phone on the left and a blue one on the right."""
    both = Image.new("RGB", (800, 400), "white")
    for place, colour in enumerate(("red", "blue")):
        both.paste(Image.open(io.BytesIO(phone_picture(colour, size=400))), (400 * place, 0))
    path = tmp_path / "pair.png"
    both.save(path)
    return path


def choose(page, path):
    page.locator("[data-photo-file]").last.set_input_files(path)
    page.locator("[data-photo-results]:not([aria-busy]) .photo__grid").wait_for()
    # The shop can answer before the browser has read the file: until then the frame has no size.
    page.locator("[data-photo-picture]").evaluate("picture => picture.decode()")


def colours_shown(page):
    links = page.locator(".photo__grid .tile__link").evaluate_all("links => links.map(link => link.pathname)")
    return [link.strip("/").rsplit("-", 1)[1] for link in links]


def answered(page, act):
    """Do something that asks the shop, and wait for what it shows."""
    with page.expect_response(lambda response: response.request.method == "POST"):
        act()
    page.locator("[data-photo-results]:not([aria-busy])").wait_for()


def test_a_bad_photo_finds_its_phone_first(visit, shop, photo):
    page = visit()
    page.goto("/")
    page.get_by_role("link", name="Search by photo").click()
    choose(page, photo)
    expect(page.locator(FIRST)).to_have_attribute("href", re.compile("nova-.*-green"))
    expect(page.get_by_text("Your photo is not kept")).to_be_visible()
    answered(page, lambda: page.get_by_role("button", name=re.compile("^Cheaper than")).click())
    expect(page.locator("#photo-price")).not_to_have_value("")
    answered(page, lambda: page.select_option("#photo-color", "red"))
    assert set(colours_shown(page)) == {"red"}
    assert page.faults == []


def test_the_keyboard_marks_the_phone_that_is_meant(visit, shop, pair):
    page = visit()
    page.goto("/search-by-photo/")
    choose(page, pair)
    page.locator("[data-photo-region]").focus()
    for _ in range(25):
        page.keyboard.press("Shift+ArrowLeft")
    answered(page, lambda: page.keyboard.press("ArrowUp"))
    expect(page.locator(FIRST)).to_have_attribute("href", re.compile("red"))
    expect(page.locator("[data-photo-region-field]")).to_have_value("0.0000,0.0000,0.5000,1.0000")
    for _ in range(24):
        page.keyboard.press("ArrowRight")
    answered(page, lambda: page.keyboard.press("ArrowRight"))
    expect(page.locator(FIRST)).to_have_attribute("href", re.compile("blue"))
    assert page.faults == []


def test_the_mouse_drags_the_frame_by_its_corner(visit, shop, pair):
    page = visit()
    page.goto("/search-by-photo/")
    choose(page, pair)
    frame = page.locator("[data-photo-frame]").bounding_box()
    page.mouse.move(frame["x"] + frame["width"] - 12, frame["y"] + frame["height"] - 12)
    page.mouse.down()
    page.mouse.move(frame["x"] + frame["width"] / 2, frame["y"] + frame["height"] - 12, steps=5)
    answered(page, page.mouse.up)
    expect(page.locator(FIRST)).to_have_attribute("href", re.compile("red"))


def test_a_picture_is_dropped_or_pasted(visit, shop, photo):
    page = visit()
    page.goto("/search-by-photo/")
    for name, target in (("drop", "document.querySelector('[data-photo-drop]')"), ("paste", "document.body")):
        page.goto("/search-by-photo/")
        page.evaluate(
            """([name, bytes]) => {
              const carrier = new DataTransfer();
              carrier.items.add(new File([new Uint8Array(bytes)], "photo.jpg", {type: "image/jpeg"}));
              const event = name === "drop"
                ? new DragEvent("drop", {dataTransfer: carrier, bubbles: true, cancelable: true})
                : new ClipboardEvent("paste", {clipboardData: carrier, bubbles: true});
              TARGET.dispatchEvent(event);
            }""".replace("TARGET", target),
            [name, list(photo.read_bytes())],
        )
        page.locator(".photo__grid").wait_for()
        expect(page.locator(FIRST)).to_have_attribute("href", re.compile("green"))


def test_it_works_without_any_script(visit, shop, photo):
    page = visit(width=360, script=False)
    page.goto("/search-by-photo/")
    page.get_by_role("button", name="Search").last.click()
    expect(page.get_by_role("alert")).to_have_text("Choose a picture first, or take one.")
    page.locator("[data-photo-file]").last.set_input_files(photo)
    page.locator("[data-photo-send]").click()
    expect(page.locator(FIRST)).to_have_attribute("href", re.compile("green"))
    page.select_option("#photo-color", "blue")
    page.get_by_role("button", name="Apply").click()
    assert set(colours_shown(page)) == {"blue"}


def test_nothing_like_it_is_said_and_the_nearest_shown_when_asked(visit, shop, tmp_path):
    Snapshot.objects.update(metrics={"photos": {"similar": 0.99, "exact": 0.999}})
    serving.reset()
    path = tmp_path / "violet.png"
    path.write_bytes(phone_picture((150, 40, 200)))
    page = visit()
    page.goto("/search-by-photo/")
    page.locator("[data-photo-file]").last.set_input_files(path)
    expect(page.locator("#photo-results")).to_have_text("Nothing like this here.")
    assert violations(page) == []
    page.get_by_role("button", name="Show the nearest anyway").click()
    expect(page.locator("#photo-results")).to_have_text("The nearest in our range")
    assert page.locator(".photo__grid .tile").count() > 0


def test_what_is_no_picture_is_refused_before_it_is_sent(visit, shop, tmp_path):
    path = tmp_path / "letter.txt"
    path.write_text("hello")
    page = visit()
    page.goto("/search-by-photo/")
    page.locator("[data-photo-file]").last.set_input_files(path)
    expect(page.get_by_role("alert")).to_have_text("This is no JPEG, PNG or WebP. Choose another picture.")


@pytest.mark.parametrize(("language", "scheme", "width"), [("en-GB", "light", 1440), ("zh-CN", "dark", 360)])
def test_the_page_is_sound_with_results(visit, shop, photo, language, scheme, width):
    page = visit(width=width, language=language, scheme=scheme)
    page.goto("/search-by-photo/")
    choose(page, photo)
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(overflow) == 0
    assert violations(page) == []
    assert page.faults == []
