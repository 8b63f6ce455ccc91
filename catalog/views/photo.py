"""Search by photo: a form that works by itself, results below it. The picture is looked at in memory and not kept."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods

from catalog import photos
from recommender.conf import settings
from recommender.exceptions import (
    EngineUnavailableError,
    ImageRefusedError,
    RecommenderError,
    SearchBusyError,
    SnapshotError,
    UnknownFilterError,
)
from recommender.services import refusals, searching
from recommender.services.searching import Filters, receiving

_TEMPLATE = "catalog/photo.html"
_OURS = (SearchBusyError, SnapshotError, EngineUnavailableError)
"""What is no fault of the visitor's, and may be over in a moment."""


@csrf_exempt  # the token is checked in `_answer`: reading it reads the body, which must be bound for memory first
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def photo(request: HttpRequest) -> HttpResponse:
    """The form; with a picture or a query id, also what it shows."""
    try:
        receiving.receive_in_memory(request)
    except ImageRefusedError as error:
        # The body stays unread, and with it the token; nothing is done for whoever sent it.
        return _page(request, {"problem": refusals.explain(error)}, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    response: HttpResponse = _answer(request)
    return response


@csrf_protect
def _answer(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request, {})
    try:
        glance, query_id = receiving.receive(
            request.FILES, request.POST.get("query", ""), request.POST.get("region", "")
        )
        wish = photos.Wish.parse(request.POST)
        found = searching.search(glance, Filters.parse(wish.filters), page=wish.page, anyway=wish.anyway)
    except UnknownFilterError:
        return _page(request, {"problem": photos.wrong_filter()}, HTTPStatus.BAD_REQUEST)
    except refusals.PHOTO_SEARCH_ERRORS as error:
        return _refusal(request, error)
    return _page(request, photos.results(found, wish, query_id))


def _refusal(request: HttpRequest, error: RecommenderError) -> HttpResponse:
    is_ours = isinstance(error, _OURS)
    status = HTTPStatus.SERVICE_UNAVAILABLE if is_ours else HTTPStatus.BAD_REQUEST
    response = _page(request, {"problem": refusals.explain_search(error)}, status)
    if is_ours:
        response["Retry-After"] = str(SearchBusyError.wait_seconds)
    return response


def _page(request: HttpRequest, shown: Mapping[str, Any], status: HTTPStatus = HTTPStatus.OK) -> HttpResponse:
    about = {"megabytes": settings.IMAGE_MAX_BYTES >> 20, "max_bytes": settings.IMAGE_MAX_BYTES}
    return render(request, _TEMPLATE, {**about, **shown}, status=status)
