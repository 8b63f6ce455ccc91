"""Recommendations that start from the visitor, or from everybody."""

from __future__ import annotations

from http import HTTPStatus

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from recommender.api import documentation, identity, shapes
from recommender.api.base import ApiView
from recommender.api.queries import ShelfQuery
from recommender.services import recommending


class ForYou(ApiView):
    """Products for the visitor."""

    @extend_schema(
        operation_id="recommendations_for_you",
        summary="Products for the visitor, best match first",
        description="From what the visitor looked at and bought; what is popular for somebody unknown. Never cached.",
        parameters=[ShelfQuery, documentation.GUEST_TOKEN, *documentation.HEADERS],
        responses=documentation.answers(
            HTTPStatus.OK, shapes.RecommendationListSerializer, "Recommended products.", HTTPStatus.BAD_REQUEST
        ),
        examples=[documentation.RECOMMENDATIONS],
    )
    def get(self, request: Request) -> Response:
        """Recommended products."""
        k = self.query(ShelfQuery).get("k")
        return Response(shapes.recommended(recommending.for_you(identity.looker(request), k=k), request))


class Trending(ApiView):
    """What is popular now."""

    @extend_schema(
        operation_id="recommendations_trending",
        summary="What is popular now, then what is new, without what the visitor dismissed",
        parameters=[ShelfQuery, documentation.GUEST_TOKEN, *documentation.CACHING, *documentation.HEADERS],
        responses=documentation.answers(
            HTTPStatus.OK, shapes.RecommendationListSerializer, "Recommended products.", HTTPStatus.BAD_REQUEST
        )
        | documentation.NOT_MODIFIED,
        examples=[documentation.RECOMMENDATIONS],
    )
    def get(self, request: Request) -> Response:
        """Recommended products."""
        found = recommending.trending(k=self.query(ShelfQuery).get("k"), visitor=identity.looker(request))
        return self.cacheable(shapes.recommended(found, request), private=True)
