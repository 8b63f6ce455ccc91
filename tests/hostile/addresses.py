"""Every address of the shop, from its URLconf, with holes to fill."""

import re
from dataclasses import dataclass
from urllib.parse import quote

from django.urls import URLResolver, get_resolver

from tests.hostile.strings import utf8

HOLE = re.compile(r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>|\(\?P<(?P<group>\w+)>[^)]*\)")


@dataclass(frozen=True)
class Address:
    """One address.

    Attributes:
        name: what `reverse` calls it, namespaces included; the route itself when it has none.
        route: with holes such as <int:pk>.
    """

    name: str
    route: str

    @property
    def holes(self):
        """The kinds of the holes: "int", "str", "path", "" ..."""
        return [match["kind"] or "" for match in HOLE.finditer(self.route)]

    def filled(self, text, number=1):
        """The path with the text in every hole that takes one."""

        def fill(match):
            return str(number) if match["kind"] == "int" else quote(utf8(text), safe="")

        return "/" + HOLE.sub(fill, self.route)


def walk(resolver=None, prefix="", space=""):
    """All addresses."""
    for item in (resolver or get_resolver()).url_patterns:
        route = prefix + str(item.pattern).lstrip("^").removesuffix("$")
        if isinstance(item, URLResolver):
            inner = f"{space}{item.namespace}:" if item.namespace else space
            yield from walk(item, route, inner)
        else:
            yield Address(space + item.name if item.name else route, route)
