"""Overload: a process works on few requests at once, lets a few more wait, and sends the rest away at once.

A queue without an end answers everybody too late. Threads beyond the cores only make each request slower, so that
`MAX_REQUESTS` of them work and `MAX_WAITING` wait; the server's remaining threads say 503.
"""

import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from shopsite.unavailable import unavailable

logger = logging.getLogger(__name__)

WAIT_SECONDS = 10.0
"""The longest that a request waits for its turn; `MAX_WAITING` bounds the line, this only what stands still."""

RETRY_SECONDS = 2

NEVER_SHED = ("/healthz", "/readyz", "/metrics")
"""Who asks these decides whether the process lives, and wants to know most when it is busy."""


class Gate:
    """Lets `at_once` in, lets `waiting` more wait up to `seconds`, and refuses the others."""

    def __init__(self, at_once: int, waiting: int, seconds: float) -> None:
        self._places = threading.BoundedSemaphore(at_once + waiting)
        self._slots = threading.BoundedSemaphore(at_once)
        self._seconds = seconds

    @contextmanager
    def passing(self) -> Iterator[bool]:
        """Whether the caller may go on; held until the block ends."""
        if not self._places.acquire(blocking=False):
            yield False
            return
        try:
            if not self._slots.acquire(timeout=self._seconds):
                yield False
                return
            try:
                yield True
            finally:
                self._slots.release()
        finally:
            self._places.release()


class SheddingMiddleware:
    """Answers 503 with `Retry-After` beyond `MAX_REQUESTS` + `MAX_WAITING`. Put it around all that costs anything."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        most = settings.MAX_REQUESTS
        self._gate = Gate(most, settings.MAX_WAITING, WAIT_SECONDS) if most else None

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The shop's answer, or that there are too many visitors."""
        if self._gate is None or request.path_info in NEVER_SHED:
            return self.get_response(request)
        with self._gate.passing() as may:
            if may:
                return self.get_response(request)
        logger.warning("Too many requests at once: one was sent away")
        return unavailable(request, RETRY_SECONDS)
