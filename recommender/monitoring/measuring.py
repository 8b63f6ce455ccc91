"""Times every request by the name of its address, and logs one line about it that names nobody."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from http import HTTPMethod

from django.http import HttpRequest, HttpResponse

from recommender.services import measuring

logger = logging.getLogger(__name__)

_METHODS = frozenset(HTTPMethod)


class MeasuringMiddleware:
    """Put it second, after `RequestIdMiddleware`, so that nothing escapes it.

    The name of an address is logged and counted, never the address itself: it may hold a secret or somebody's name.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer, unchanged."""
        start = time.perf_counter()
        response = self.get_response(request)
        seconds = time.perf_counter() - start
        match = request.resolver_match
        route = match.view_name if match is not None else "unknown"
        method = str(request.method) if request.method in _METHODS else "OTHER"
        measuring.request_served(route, method, response.status_code, seconds)
        found = {"method": method, "route": route, "status": response.status_code, "milliseconds": round(seconds * 1e3)}
        logger.info("%(method)s %(route)s %(status)d in %(milliseconds)d ms", found, extra=found)
        return response
