"""Search by photo: a picture or a query id in, products and a query id out."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions
from rest_framework.exceptions import ErrorDetail, ValidationError
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from recommender.api import documentation, photo_shapes
from recommender.api.base import ApiView
from recommender.api.problems import BodyTooLargeError
from recommender.exceptions import (
    ImageRefusedError,
    PhotoMissingError,
    PhotoQueryError,
    PhotosTooManyError,
    RecommenderError,
    RegionRefusedError,
    SearchBusyError,
    UnknownFilterError,
)
from recommender.imaging.refusals import Refusal
from recommender.services import refusals, searching
from recommender.services.searching import Filters, receiving

_OWN = ("photo", "query", "region", "k", "page", "anyway", "csrfmiddlewaretoken")
_REFUSALS = (
    ImageRefusedError,
    PhotoMissingError,
    PhotosTooManyError,
    PhotoQueryError,
    RegionRefusedError,
    SearchBusyError,
)
_ERRORS = (
    HTTPStatus.BAD_REQUEST,
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
)
_FILTERS = OpenApiParameter(
    "filters",
    OpenApiTypes.OBJECT,
    style="form",
    explode=True,
    description=(
        "The shop's own filters by name, for example `brand`, `color` (each may be repeated), `price_min` and "
        "`price_max`. One that the shop has not is answered 400 `unknown_filter`, which names those that it has."
    ),
)
_DESCRIPTION = (
    "Send a picture (JPEG, PNG or WebP, at most 10 MB) and perhaps the region of it that is meant, or a query id from "
    "an earlier answer, which lives ten minutes and spares sending the picture again for filters and pages. A new "
    "region needs the picture. The picture is looked at in memory and not kept; the query id is encrypted and holds "
    "what was seen in numbers."
)


class _RefusedError(exceptions.APIException):
    """A photo that cannot be searched with; `wait` becomes Retry-After."""

    def __init__(self, error: RecommenderError) -> None:
        self.status_code = _status(error)
        self.wait = SearchBusyError.wait_seconds if isinstance(error, SearchBusyError) else None
        super().__init__(refusals.explain_search(error), getattr(error, "reason", error.code))


def _status(error: RecommenderError) -> HTTPStatus:
    if isinstance(error, SearchBusyError):
        return HTTPStatus.SERVICE_UNAVAILABLE
    reason = getattr(error, "reason", "")
    if reason in (Refusal.TOO_LARGE, Refusal.TOO_MANY_PIXELS, Refusal.TOO_MANY_PIXELS_OF_ITS_KIND):
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    return HTTPStatus.UNSUPPORTED_MEDIA_TYPE if reason == Refusal.UNSUPPORTED_FORMAT else HTTPStatus.BAD_REQUEST


class VisualSearch(ApiView):
    """Products that look like a photo."""

    parser_classes = [MultiPartParser, FormParser]
    scope = "photos"

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        """The request, its files bound for memory alone."""
        self._too_large = False
        try:
            receiving.receive_in_memory(request)
        except ImageRefusedError:
            self._too_large = True
        return super().initialize_request(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse what announces itself as too large, unread."""
        super().initial(request, *args, **kwargs)
        if self._too_large:
            raise BodyTooLargeError(refusals.explain_reason(Refusal.TOO_LARGE))

    @extend_schema(
        operation_id="visual_search",
        summary="Products that look like a photo",
        description=_DESCRIPTION,
        parameters=[*documentation.HEADERS],
        request={"multipart/form-data": photo_shapes.PhotoSearchSerializer},
        responses=documentation.answers(
            HTTPStatus.OK, photo_shapes.PhotoResultSerializer, "What the photo shows.", *_ERRORS
        ),
        examples=[photo_shapes.REQUEST_EXAMPLE, photo_shapes.EXAMPLE],
    )
    def post(self, request: Request) -> Response:
        """What the photo shows."""
        request.data  # noqa: B018 - reads the body
        return _answer(request, request._request.POST)

    @extend_schema(
        operation_id="visual_search_continue",
        summary="The same photo with other filters, or another page",
        description="With the query id of an earlier answer; `next` leads here.",
        parameters=[photo_shapes.PhotoPageQuery, _FILTERS, *documentation.HEADERS],
        responses=documentation.answers(
            HTTPStatus.OK, photo_shapes.PhotoResultSerializer, "What the photo shows.", HTTPStatus.BAD_REQUEST
        ),
        examples=[photo_shapes.EXAMPLE],
    )
    def get(self, request: Request) -> Response:
        """What the photo shows."""
        return _answer(request, request.query_params)


def _answer(request: Request, data: QueryDict) -> Response:
    options = photo_shapes.PhotoPageQuery(data=data)
    options.is_valid(raise_exception=True)
    values = options.validated_data
    try:
        filters = Filters.parse({name: _texts(data, name) for name in data if name not in _OWN})
        glance, query_id = receiving.receive(
            request._request.FILES, values.get("query", ""), str(data.get("region", ""))
        )
        found = searching.search(glance, filters, k=values["k"], page=values["page"], anyway=values["anyway"])
    except _REFUSALS as error:
        raise _RefusedError(error) from None
    except UnknownFilterError as error:
        detail = _("There is no such filter, or no such value of it. Filters: %(known)s.")
        known = ", ".join(searching.known_filters())
        raise ValidationError({error.name: ErrorDetail(detail % {"known": known}, error.code)}) from None
    link = None
    if found.has_more:
        again = {"query": query_id, **filters.chosen, "k": values["k"], "page": values["page"] + 1}
        again |= {"anyway": "true"} if values["anyway"] else {}
        link = request.build_absolute_uri(f"{request.path}?{urlencode(again, doseq=True)}")
    return Response(photo_shapes.photo_result(found, query_id, link, request))


def _texts(data: QueryDict, name: str) -> list[str]:
    return [str(value) for value in data.getlist(name)]
