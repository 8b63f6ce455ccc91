"""Errors as RFC 9457 problem details: one shape for whatever goes wrong, and nothing internal in it."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator
from http import HTTPStatus
from typing import Any, TypedDict

from django.conf import settings
from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.signals import got_request_exception
from django.db import DataError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, JsonResponse
from django.utils.log import log_response
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.views import set_rollback

from recommender.exceptions import EngineUnavailableError, SnapshotError, UnknownPlacementError, UnknownProductError

logger = logging.getLogger("django.request")

MEDIA_TYPE = "application/problem+json"


class FieldError(TypedDict, total=False):
    """One value that was not accepted; `index` is its place in a batch."""

    index: int
    field: str
    code: str
    detail: str


class InvalidRequestError(exceptions.APIException):
    """A request of which nothing can be used, with what is wrong in it."""

    status_code = HTTPStatus.BAD_REQUEST
    default_code = "invalid"
    default_detail = _("Some values are not accepted; `errors` names them.")

    def __init__(self, errors: list[FieldError], detail: Any = None, code: str | None = None) -> None:
        super().__init__(detail, code)
        self.errors = errors


class BodyTooLargeError(exceptions.APIException):
    """A body longer than the API reads."""

    status_code = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"
    default_detail = _("The request body is too large.")


class _UnavailableError(exceptions.APIException):
    status_code = HTTPStatus.SERVICE_UNAVAILABLE
    default_code = "unavailable"
    default_detail = _("This is not available right now. Try again later.")
    wait = 5


class _UnexpectedError(exceptions.APIException):
    default_detail = _("Something went wrong on our side. It has been logged.")


def exception_handler(exc: Exception, context: dict[str, Any]) -> JsonResponse | None:
    """The problem details of an exception, for DRF's `EXCEPTION_HANDLER`.

    Returns:
        None for an unexpected exception while `DEBUG` is on, so that Django shows where it happened.
    """
    error = _as_api_exception(exc)
    if error is None and settings.DEBUG:
        return None
    set_rollback()
    if error is not None:
        return answer(error)
    response = answer(_UnexpectedError())
    _report(exc, context["request"]._request, response)
    return response


def _as_api_exception(exc: Exception) -> exceptions.APIException | None:
    """The API's error for whatever a view raises; None for what nobody expected."""
    match exc:
        case exceptions.APIException():
            return exc
        case UnknownPlacementError():
            return exceptions.NotFound(_("There is no such placement. GET placements/ lists those there are."))
        case Http404() | UnknownProductError():
            return exceptions.NotFound(str(exc) or None)
        case PermissionDenied():
            return exceptions.PermissionDenied(str(exc) or None)
        case RequestDataTooBig():
            return BodyTooLargeError()
        case SuspiciousOperation() | BadRequest() | DataError():  # a value that the database cannot hold, such as NUL
            return exceptions.ParseError()
        case SnapshotError() | EngineUnavailableError() | OperationalError() | InterfaceError():
            logger.warning("The API answers 503: %s", exc)
            return _UnavailableError()
    return None


def answer(error: exceptions.APIException) -> JsonResponse:
    """The problem details of an error of the API."""
    status = HTTPStatus(error.status_code)
    detail = error.detail
    problem: dict[str, Any] = {"type": "about:blank", "title": status.phrase, "status": status.value}
    if isinstance(error, exceptions.ValidationError):
        problem |= {"detail": InvalidRequestError.default_detail, "code": InvalidRequestError.default_code}
        problem["errors"] = list(_flatten(error.get_full_details()))
    elif isinstance(detail, dict) and "code" in detail:  # as Simple JWT writes it
        problem |= {"detail": detail["detail"], "code": detail["code"]}
    else:
        problem |= {"detail": detail, "code": getattr(detail, "code", error.default_code)}
    if isinstance(error, InvalidRequestError):
        problem["errors"] = error.errors
    response = JsonResponse(problem, status=status, content_type=MEDIA_TYPE)
    if scheme := getattr(error, "auth_header", None):
        response["WWW-Authenticate"] = scheme
    if (wait := getattr(error, "wait", None)) is not None:
        response["Retry-After"] = str(max(1, math.ceil(wait)))
    return response


def _flatten(details: Any, path: str = "") -> Iterator[FieldError]:
    """DRF's nested details as a list; nested fields are joined by dots."""
    if isinstance(details, list):
        for item in details:
            yield from _flatten(item, path)
    elif set(details) == {"message", "code"}:
        yield {"field": path.removesuffix("non_field_errors"), "code": details["code"], "detail": details["message"]}
    else:
        for name, item in details.items():
            yield from _flatten(item, f"{path}.{name}" if path else str(name))


def _report(exc: Exception, request: HttpRequest, response: JsonResponse) -> None:
    """Tell the log, error mails and monitoring, as Django does when nobody catches the exception."""
    got_request_exception.send(sender=None, request=request)
    log_response("Internal Server Error: %s", request.path, response=response, request=request, exception=exc)
