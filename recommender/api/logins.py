"""Name and password: what every way of signing in to the API asks for first."""

from __future__ import annotations

from typing import Any

from rest_framework.authtoken.serializers import AuthTokenSerializer
from rest_framework.request import Request

from recommender.api.base import ApiView
from recommender.api.throttles import AccountThrottle
from recommender.services import visitors


class Login(ApiView):
    """A door for name and password, with limits for the address that asks and for the account it names."""

    authentication_classes = ()
    throttle_classes = [*ApiView.throttle_classes, AccountThrottle]
    scope = "token"

    def user(self, request: Request) -> Any:
        """The user whose name and password the body holds; a guest's events, by token or session, become the user's.

        Raises:
            rest_framework.exceptions.ValidationError: for anything else.
        """
        credentials = AuthTokenSerializer(data=request.data, context={"request": request})
        credentials.is_valid(raise_exception=True)
        user = credentials.validated_data["user"]
        visitors.merge(request._request, user)
        return user
