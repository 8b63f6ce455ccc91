"""Numbers from strangers that no database column holds."""

import logging
from collections.abc import Callable

from django.db import DataError
from django.http import HttpRequest, HttpResponse
from django.views.defaults import bad_request

logger = logging.getLogger(__name__)


class HugeNumberMiddleware:
    """Answers 400 where a form's number is beyond 64 bits.

    Django's forms ask the database whether there is such a row: SQLite's driver raises `OverflowError`, PostgreSQL says
    that the value is out of range.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The shop's answer."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The refusal; None for any other exception, which goes its way."""
        if not isinstance(exception, OverflowError | DataError):
            return None
        logger.warning("A value is out of the database's range", exc_info=exception)
        response: HttpResponse = bad_request(request, exception)
        return response
