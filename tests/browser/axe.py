"""What axe objects to in a page. Only the violations leave the browser: of what is in order, axe has much to tell."""

from axe_playwright_python.base import AXE_SCRIPT

RUN = """place => axe.run(place || document, {resultTypes: ["violations"]}).then(({violations}) =>
  violations.map(({id, nodes}) => [id, nodes.map(({target, html}) => `${target.join(" ")}: ${html.slice(0, 200)}`)]))"""


def violations(page, place=None):
    """Rule and offending nodes of each violation.

    Args:
        page: the open page.
        place: a CSS selector; only what is within is looked at. None for the whole page.
    """
    page.evaluate(AXE_SCRIPT)
    return page.evaluate(RUN, place)
