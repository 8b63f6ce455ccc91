"""The page that describes the API: readable by everybody, on every screen, in light and dark."""

import pytest

from tests.browser.axe import violations

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_the_api_page_is_sound(chromium, live_server, scheme, width):
    context = chromium.new_context(color_scheme=scheme, viewport={"width": width, "height": 900})
    page = context.new_page()
    faults = []
    page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
    page.goto(f"{live_server.url}/api/docs/")
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert violations(page) == []
    page.get_by_role("link", name="Products like this one").click()
    assert page.get_by_role("heading", name="Products like this one").is_visible()
    assert faults == []
    context.close()
