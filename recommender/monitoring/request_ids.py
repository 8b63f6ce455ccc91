"""The id of the request that is being served, for every log line and for the tasks that the request sends out."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from contextvars import ContextVar, Token
from typing import Any

from celery.signals import before_task_publish, task_postrun, task_prerun
from django.http import HttpRequest, HttpResponse

HEADER = "X-Request-ID"

_HEADER_OF_TASKS = "request_id"
_ACCEPTED = re.compile(r"[A-Za-z0-9._-]{8,64}")
_current: ContextVar[str] = ContextVar("recommender_request_id", default="")
_of_task: ContextVar[Token[str] | None] = ContextVar("recommender_request_id_token", default=None)


def current() -> str:
    """The id of the request, or of the request that sent the task; empty outside of both."""
    return _current.get()


class RequestIdMiddleware:
    """Gives each request an id, and the answer a header with it. Put it first.

    An id that a proxy in front has given is kept, when it looks like one.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer, with its header."""
        given = request.headers.get(HEADER, "")
        request_id = given if _ACCEPTED.fullmatch(given) else uuid.uuid4().hex
        token = _current.set(request_id)
        try:
            response = self.get_response(request)
        finally:
            _current.reset(token)
        response.headers[HEADER] = request_id
        return response


def follow_into_tasks() -> None:
    """Let tasks log under the id of the request that sent them. Call it once, where the Celery app is made."""
    before_task_publish.connect(_attach, weak=False, dispatch_uid="recommender.request_ids.attach")
    task_prerun.connect(_adopt, weak=False, dispatch_uid="recommender.request_ids.adopt")
    task_postrun.connect(_drop, weak=False, dispatch_uid="recommender.request_ids.drop")


def _attach(headers: dict[str, Any] | None = None, **_: Any) -> None:
    if headers is not None and current():
        headers[_HEADER_OF_TASKS] = current()


def _adopt(task: Any = None, **_: Any) -> None:
    given = getattr(task.request, _HEADER_OF_TASKS, None) or ""
    _of_task.set(_current.set(given if _ACCEPTED.fullmatch(given) else ""))


def _drop(**_: Any) -> None:
    if (token := _of_task.get()) is not None:
        _current.reset(token)
        _of_task.set(None)
