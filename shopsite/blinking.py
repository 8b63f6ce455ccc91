"""A database that blinks: who only looks does not notice, who sends something is told to send it again."""

from __future__ import annotations

import sys
from collections.abc import Callable
from http import HTTPStatus

from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.views import defaults

from shopsite.unavailable import unavailable

RETRY_SECONDS = 2
SAFE = ("GET", "HEAD")


class BlinkMiddleware:
    """Makes the answer to a safe request anew, once, when the database hung up in its middle.

    What was sent is not repeated here: its sender knows better whether it is wanted twice. Put it inside of what counts
    requests, around everything that asks the database.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The shop's answer."""
        response = self.get_response(request)
        is_away = response.status_code == HTTPStatus.SERVICE_UNAVAILABLE
        if is_away and request.method in SAFE and _connected_anew():
            return self.get_response(request)
        return response


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's `handler500`: 503 when the database was away, else the page that says sorry."""
    if was_cut(sys.exception()):
        return unavailable(request, RETRY_SECONDS)
    return defaults.server_error(request)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's `handler400`, which also gets sessions that a lost connection kept from being saved."""
    if was_cut(exception):
        return unavailable(request, RETRY_SECONDS)
    return defaults.bad_request(request, exception)


def was_cut(error: BaseException | None) -> bool:
    """Whether this error, or one that it came from, is a connection's end."""
    while error is not None:
        if isinstance(error, OperationalError | InterfaceError):
            return True
        error = error.__cause__ or error.__context__
    return False


def _connected_anew() -> bool:
    """Whether the database answers on a new connection."""
    if connection.in_atomic_block:
        return False
    connection.close()
    try:
        connection.ensure_connection()
    except (OperationalError, InterfaceError):
        return False
    return True
