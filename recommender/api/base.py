"""What all views of the API share: JSON in and out, problems for errors, limits, and headers that caches understand."""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from functools import lru_cache
from http import HTTPStatus
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from recommender.api.parsers import JsonParser
from recommender.api.problems import exception_handler
from recommender.api.throttles import ScopeThrottle, told


class ApiView(APIView):
    """Open to all: who may do what depends on the visitor, which `recommender.api.identity` tells.

    Authentication and the general throttles are the host's DRF defaults.
    """

    parser_classes = [JsonParser]
    renderer_classes = [JSONRenderer]
    permission_classes = [AllowAny]
    throttle_classes = [*APIView.throttle_classes, ScopeThrottle]

    def initialize_request(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Request:
        """The DRF request, its query string read as UTF-8 whatever charset the client names for the body."""
        with suppress(SuspiciousOperation):  # a query string of too many fields is refused when the view reads it
            request.encoding = "utf-8"
        return super().initialize_request(request, *args, **kwargs)

    def get_exception_handler(self) -> Any:
        """Problem details, also in a host that has another handler for its own API."""
        return exception_handler

    def get_authenticate_header(self, request: Request) -> str:
        """Every way to authenticate that the host offers; DRF names the first alone."""
        challenges = [way.authenticate_header(request) for way in self.get_authenticators()]
        return ", ".join(challenge for challenge in challenges if challenge)

    def get_throttles(self) -> list[Any]:
        """The request's throttles, made once, so that the answer can tell what they counted."""
        if not hasattr(self, "_throttles"):
            self._throttles = super().get_throttles()
        return self._throttles

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        """The response, kept by nobody unless the view says otherwise, with where the client stands with its limits."""
        response = super().finalize_response(request, response, *args, **kwargs)
        for name, value in told(self.get_throttles()).items():
            response[name] = value
        response.headers.setdefault("Cache-Control", "private, no-store")
        patch_vary_headers(response, ["Accept-Language"])
        return response

    def query(self, serializer: type[Serializer[Any]]) -> dict[str, Any]:
        """The query string's parameters, checked.

        Raises:
            rest_framework.exceptions.ValidationError: naming the parameters that are not accepted.
        """
        values: dict[str, Any] = _checker(serializer, get_language()).run_validation(self.request.query_params)
        return values

    def cacheable(self, data: dict[str, Any], *, private: bool = False) -> Response:
        """An answer that a client may keep as long as it asks each time whether it still holds; 304 when it does.

        The tag covers what is shown. The id of a recommended list, new each time, does not count. A private
        answer depends on who asks: only their own client may keep it.
        """
        shown = {name: value for name, value in data.items() if name != "recommendation_id"}
        tag = f'"{hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()[:32]}"'
        held = {etag.removeprefix("W/") for etag in parse_etags(self.request.headers.get("If-None-Match", ""))}
        headers = {"Cache-Control": "private, no-cache" if private else "no-cache", "ETag": tag}
        if held & {tag, "*"}:
            return Response(status=HTTPStatus.NOT_MODIFIED, headers=headers)
        return Response(data, headers=headers)


@lru_cache(maxsize=128)
def _checker(serializer: type[Serializer[Any]], language: str | None) -> Serializer[Any]:
    """One for all requests of a language, whose words its validators keep: making it costs more than using it."""
    checker = serializer()
    for field in checker.fields.values():
        for validator in field.validators:
            if hasattr(validator, "message"):
                validator.message = str(validator.message)  # DRF's lazy text changes itself when it is first read
    return checker


@extend_schema(exclude=True)
class UnknownAddress(ApiView):
    """Whatever the API does not have."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse every method alike."""
        super().initial(request, *args, **kwargs)
        raise NotFound(_("The API has no such address. All addresses end with a slash."))
