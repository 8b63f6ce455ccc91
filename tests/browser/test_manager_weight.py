"""What a page weighs before its pictures, and that those are sized and light, measured as a browser gets them."""

import pytest

from catalog.models.pictures import RENDITION_WIDTHS
from tests.browser.test_every_page import addresses

pytestmark = pytest.mark.browser

LIMIT_BYTES = 300_000
KINDS = {"document", "stylesheet", "script"}
PICTURES = """() => [...document.querySelectorAll("main img[src]")].map(image => ({
  source: image.getAttribute("src"),
  sized: image.hasAttribute("width") && image.hasAttribute("height"),
  set: image.getAttribute("srcset") || "",
  shown: image.clientWidth,
  onShelf: Boolean(image.closest(".rec-shelf")),
}))"""
SMALL = 96
"""CSS pixels up to which the narrowest rendition is the right one on any screen."""


def test_no_page_is_heavy_before_its_pictures(visit, shop):
    asked = {}
    for name, address in addresses(shop).items():
        page = visit()
        parts = {}
        page.on(
            "requestfinished",
            lambda request, parts=parts: (
                request.resource_type in KINDS and parts.setdefault(request.url, len(request.response().body()))
            ),
        )
        page.goto(address)
        asked[name] = page, parts
    for name, (page, parts) in asked.items():
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(1)  # lets the last answers be counted
        assert any(url.endswith(".css") for url in parts), name
        assert any(url.endswith(".js") for url in parts), name
        assert sum(parts.values()) <= LIMIT_BYTES, (name, parts)
        page.context.close()


def test_pictures_are_sized_and_come_as_webp_in_several_widths(visit, shop):
    page = visit(width=1440)
    for name, address in addresses(shop).items():
        page.goto(address)
        for picture in page.evaluate(PICTURES):
            assert picture["sized"], (name, picture)
            assert picture["source"].endswith((".webp", "no-picture.svg")), (name, picture)
            if picture["onShelf"]:  # the plugin knows one address a product: the shop gives it a rendition that fits
                assert picture["shown"] <= RENDITION_WIDTHS[0], (name, picture)
            elif picture["shown"] > SMALL:
                candidates = [candidate.split()[0] for candidate in picture["set"].split(", ") if candidate]
                assert candidates, (name, picture)
                assert all(url.endswith(".webp") for url in candidates), (name, picture)
