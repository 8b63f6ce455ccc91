"""API tokens for users of apps; mounted where the host has installed `rest_framework.authtoken`."""

from __future__ import annotations

from http import HTTPStatus

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.authtoken.models import Token
from rest_framework.request import Request
from rest_framework.response import Response

from recommender.api import documentation, shapes
from recommender.api.logins import Login


class ApiTokens(Login):
    """The token of a user."""

    @extend_schema(
        operation_id="auth_token_create",
        summary="Sign in and get the user's API token",
        description=(
            "Send it as `Authorization: Token ...`. With a guest's `X-Visitor-Token`, the guest's events become the "
            "user's."
        ),
        parameters=[documentation.GUEST_TOKEN, *documentation.HEADERS],
        request=shapes.CredentialsSerializer,
        responses=documentation.answers(
            HTTPStatus.OK, shapes.ApiTokenSerializer, "The token.", *documentation.WITH_BODY, anonymous=True
        ),
        examples=[
            OpenApiExample("A user", {"username": "ada", "password": "correct horse"}, request_only=True),
            OpenApiExample("A token", {"token": "9944b09199c62bcf9418ad846dd0e4bbdfc6ee4b"}, response_only=True),
        ],
    )
    def post(self, request: Request) -> Response:
        """The user's token, the same at every login."""
        token, _ = Token.objects.get_or_create(user=self.user(request))
        return Response({"token": token.key})
