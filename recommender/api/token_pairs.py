"""Signed tokens for users of apps, in pairs; mounted where the host has installed Simple JWT's `token_blacklist`."""

from __future__ import annotations

from http import HTTPStatus

from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from recommender.api import documentation, problems, rotation, shapes
from recommender.api.base import ApiView
from recommender.api.logins import Login

_JWT = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9..."
_PAIR = OpenApiExample("A pair", {"access": _JWT, "refresh": _JWT, "expires_in": 600}, response_only=True)
_REFRESH = OpenApiExample("A refresh token", {"refresh": _JWT}, request_only=True)


class _RefusedToken(APIException):
    """Not `AuthenticationFailed`, of which DRF makes a 403 where a view asks for no authentication."""

    status_code = HTTPStatus.UNAUTHORIZED
    default_code = "token_not_valid"
    default_detail = _("This refresh token is not valid, has expired or was used before. Sign in again.")
    auth_header = 'Bearer error="invalid_token"'


class SignIn(Login):
    """The first pair of a user."""

    @extend_schema(
        operation_id="auth_jwt_create",
        summary="Sign in and get a pair of signed tokens",
        description=(
            "Send the access token as `Authorization: Bearer ...` for the next `expires_in` seconds, then get the next "
            "pair with the refresh token. With a guest's `X-Visitor-Token`, the guest's events become the user's."
        ),
        parameters=[documentation.GUEST_TOKEN, *documentation.HEADERS],
        request=shapes.CredentialsSerializer,
        responses=documentation.answers(
            HTTPStatus.OK, shapes.TokenPairSerializer, "The pair.", *documentation.WITH_BODY, anonymous=True
        ),
        examples=[
            OpenApiExample("A user", {"username": "ada", "password": "correct horse"}, request_only=True),
            _PAIR,
        ],
    )
    def post(self, request: Request) -> Response:
        """The pair."""
        return Response(rotation.issue(self.user(request)))


class Refresh(ApiView):
    """The next pair."""

    authentication_classes = ()
    scope = "refresh"

    @extend_schema(
        operation_id="auth_jwt_refresh",
        summary="The next pair of tokens, for a refresh token that was not used yet",
        description=(
            "A refresh token works once. One that comes back later was copied: the login that it belongs to ends, and "
            "the user signs in again."
        ),
        parameters=[*documentation.HEADERS],
        request=shapes.RefreshSerializer,
        responses=documentation.answers(
            HTTPStatus.OK, shapes.TokenPairSerializer, "The pair.", *documentation.WITH_BODY
        ),
        examples=[_REFRESH, _PAIR],
    )
    def post(self, request: Request) -> HttpResponseBase:
        """The pair."""
        pair = rotation.rotate(_refresh_token(request))
        # Answered, not raised: where each request is a transaction, raising would undo the end of a stolen login.
        return Response(pair) if pair else problems.answer(_RefusedToken())


class Revoke(ApiView):
    """Signing out."""

    authentication_classes = ()
    scope = "refresh"

    @extend_schema(
        operation_id="auth_jwt_revoke",
        summary="Sign out: end the login that a refresh token belongs to",
        description=(
            "Its refresh tokens are worth nothing from now on. The last access token lives on for the rest of its "
            "`expires_in`; throw it away."
        ),
        parameters=[*documentation.HEADERS],
        request=shapes.RefreshSerializer,
        responses=documentation.answers(
            HTTPStatus.NO_CONTENT,
            None,
            "The token is worth nothing, whatever it was before.",
            *documentation.WITH_BODY,
            anonymous=True,
        ),
        examples=[_REFRESH],
    )
    def post(self, request: Request) -> Response:
        """Nothing."""
        rotation.revoke(_refresh_token(request))
        return Response(status=HTTPStatus.NO_CONTENT)


def _refresh_token(request: Request) -> str:
    given = shapes.RefreshSerializer(data=request.data)
    given.is_valid(raise_exception=True)
    return str(given.validated_data["refresh"])
