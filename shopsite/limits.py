"""How often an address or an account may log in, register, ask for a link or send a photo: what invites or costs."""

from __future__ import annotations

import math
from collections.abc import Callable
from http import HTTPStatus
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers

from recommender.services import limiting

DOORS = {
    "login": ("login", "username"),
    "admin:login": ("login", "username"),
    "password_reset": ("mail", "email"),
    "catalog:register": ("register", "email"),
    "catalog:photo": ("photo", ""),
    "recommender-beacon:events": ("events", ""),
    "recommender-beacon:dismiss": ("events", ""),
}
"""Name of an address -> its limits' name in `LIMITS`, and the form's field that names an account.

Without such a field the body stays unread: a photo's view decides how it is read.
"""


class LimitMiddleware:
    """Refuses a form beyond its limits with 429, before a password is looked at. Put it last.

    An address has a limit, and an account has one wherever the tries come from.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The shop's answer."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        """The refusal, or None to go on."""
        if wait := _upload_wait(request):
            return _refused(request, wait)
        match = request.resolver_match
        door = DOORS.get(match.view_name) if match is not None and request.method == "POST" else None
        wait = _wait(request, *door) if door else 0.0
        return _refused(request, wait) if wait else None


def client_address(request: HttpRequest) -> str:
    """Who asks: the address that our own proxy saw, or the one that the connection has; of IPv6 the network.

    A customer of any provider has a whole IPv6 network of addresses.
    """
    given: str = request.META.get("REMOTE_ADDR", "")
    if settings.BEHIND_PROXY:
        given = request.META.get("HTTP_X_FORWARDED_FOR", given).rpartition(",")[2].strip()
    try:
        address = ip_address(given)
    except ValueError:
        return given
    return str(ip_network((address, 64), strict=False)) if isinstance(address, IPv6Address) else str(address)


def _wait(request: HttpRequest, what: str, field: str) -> float:
    account = request.POST.get(field, "").casefold() if field else ""
    asked = {f"{what} address": client_address(request), f"{what} account": account}
    rates: dict[str, str | None] = settings.LIMITS
    return max(
        (limiting.take(limit, who, rate) for limit, who in asked.items() if who and (rate := rates[limit])), default=0.0
    )


def _upload_wait(request: HttpRequest) -> float:
    """The wait of a member of staff who sent more bytes than one may, by the sizes that the requests announced."""
    rate: str | None = settings.LIMITS["upload bytes"]
    if not (rate and request.method == "POST" and request.content_type == "multipart/form-data"):
        return 0.0
    user: Any = request.user
    if not (user.is_authenticated and user.is_staff):
        return 0.0  # visitors store no file
    announced = request.META.get("CONTENT_LENGTH") or ""
    size = int(announced) if announced.isascii() and announced.isdecimal() else 0
    return limiting.take("upload bytes", str(user.pk), rate, cost=max(size, 1))


def _refused(request: HttpRequest, wait: float) -> HttpResponse:
    seconds = math.ceil(wait)
    response = render(request, "429.html", {"seconds": seconds}, status=HTTPStatus.TOO_MANY_REQUESTS)
    response["Retry-After"] = str(seconds)
    add_never_cache_headers(response)
    return response
