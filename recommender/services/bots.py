"""Whether a program that reads the web is asking: what it looks at says nothing about people.

By what such programs say of themselves in their User-Agent: a word for what they do, or an address where to complain.
Browsers do neither. Programming libraries fetch pages only for programs, but shops' own apps are made with them too, so
they count as bots only where no token says who asks. A bot that says it is a browser is not found, by lists neither.
"""

from __future__ import annotations

import re
from functools import lru_cache

from django.http import HttpRequest

_BOT = re.compile(
    r"(?<!cu)bot|crawl|spider|slurp|scrap|archiv|https?:|www\.|\(\+|@|link-?check|checklink|preview|monitor|uptime|pingdom|"
    r"lighthouse|pagespeed|feed|rss|reader|proxy|fetch|facebookexternal|whatsapp|compatible; (?!msie|konqueror)",
    re.IGNORECASE,
)
_LIBRARY = re.compile(
    r"^(?!mozilla|opera|ucweb)|python|perl|php|ruby|java/|go-http|http-?client|okhttp|curl|wget|aiohttp|axios|node",
    re.IGNORECASE,
)
_TOKENS = ("X-Visitor-Token", "Authorization")
_LONGEST = 400


def is_bot(request: HttpRequest) -> bool:
    """Whether the request's User-Agent names a crawler, a monitor or a fetching tool; who sends none is no bot."""
    has_token = any(request.headers.get(name) for name in _TOKENS)
    return _names_a_bot(request.headers.get("User-Agent", "")[:_LONGEST], has_token)


@lru_cache(maxsize=2048)
def _names_a_bot(agent: str, has_token: bool) -> bool:
    if not agent:
        return False
    return _BOT.search(agent) is not None or (not has_token and _LIBRARY.search(agent) is not None)
