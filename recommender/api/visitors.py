"""Guests of apps, and what a visitor can ask about the own data."""

from __future__ import annotations

from http import HTTPStatus

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from recommender.api import documentation, identity, shapes
from recommender.api.base import ApiView
from recommender.services import dismissing, forgetting, profiling, visitors
from recommender.sources import parse_product_key


class Guests(ApiView):
    """Tokens for guests."""

    authentication_classes = ()
    scope = "guests"

    @extend_schema(
        operation_id="guests_create",
        summary="A token for a guest of an app",
        description=(
            "Send it as `X-Visitor-Token`. Nothing is stored before the first event. It expires after 30 days, unless "
            "the shop says otherwise; an expired token is answered 401."
        ),
        parameters=[*documentation.HEADERS],
        request=None,
        responses=documentation.answers(HTTPStatus.CREATED, shapes.GuestTokenSerializer, "The token.", anonymous=True),
        examples=[
            OpenApiExample(
                "A token",
                {"token": "IjZmMWVkMDAyIg:1vZk3x:q0n8Wg2mZb"},
                response_only=True,
                status_codes=[HTTPStatus.CREATED.value],
            )
        ],
    )
    def post(self, request: Request) -> Response:
        """A new token."""
        return Response({"token": visitors.issue_token()}, status=HTTPStatus.CREATED)


class Me(ApiView):
    """What is stored about the visitor."""

    @extend_schema(
        operation_id="me_retrieve",
        summary="Everything stored about the visitor",
        parameters=[documentation.GUEST_TOKEN, *documentation.HEADERS],
        responses=documentation.answers(HTTPStatus.OK, shapes.VisitorSerializer, "The visitor's data."),
        examples=[
            OpenApiExample(
                "One event",
                {
                    "visitor": "0d7a3f5e-6b1c-4f0e-9a2d-3c4b5a697887",
                    "created_at": "2026-03-01T09:30:00+00:00",
                    "events": [
                        {
                            "client_id": "7e6f4a1c-53d7-4b5c-8b1d-0a1f2f3e4d5c",
                            "product_id": "42",
                            "kind": "view",
                            "occurred_at": "2026-03-01 09:30:00+00:00",
                            "quantity": "1",
                            "price": None,
                            "order_id": "",
                            "placement": "",
                            "strategy": "",
                            "position": None,
                            "snapshot": None,
                            "touched_at": None,
                        }
                    ],
                },
                response_only=True,
            )
        ],
    )
    def get(self, request: Request) -> Response:
        """The visitor's data."""
        visitor = identity.owner(request)
        if visitor is None:
            return Response({"visitor": None, "created_at": None, "events": []})
        return Response(profiling.export(visitor))

    @extend_schema(
        operation_id="me_destroy",
        summary="Forget the visitor",
        description="Deletes the visitor and all events, at once. What was learned from them goes with the next fit.",
        parameters=[documentation.GUEST_TOKEN, *documentation.HEADERS],
        responses=documentation.answers(
            HTTPStatus.NO_CONTENT, None, "Nothing is stored any more.", HTTPStatus.FORBIDDEN
        ),
    )
    def delete(self, request: Request) -> Response:
        """Nothing, when all is gone."""
        visitor = identity.owner(request)
        if visitor is not None:
            forgetting.forget_visitor(visitor)
        return Response(status=HTTPStatus.NO_CONTENT)


class Dismissal(ApiView):
    """A product that the visitor dismissed."""

    @extend_schema(
        operation_id="me_dismissals_destroy",
        summary="Show a dismissed product again",
        description="Takes back every event `dismiss` of the visitor with this product, at once.",
        parameters=[documentation.PRODUCT_ID, documentation.GUEST_TOKEN, *documentation.HEADERS],
        responses=documentation.answers(
            HTTPStatus.NO_CONTENT,
            None,
            "It may be shown again, whether or not it was dismissed.",
            HTTPStatus.FORBIDDEN,
            HTTPStatus.NOT_FOUND,
        ),
    )
    def delete(self, request: Request, product_id: str) -> Response:
        """Nothing, when it is taken back."""
        visitor = identity.owner(request)
        key = parse_product_key(product_id)
        if visitor is not None:
            dismissing.take_back(visitor, key)
        return Response(status=HTTPStatus.NO_CONTENT)
