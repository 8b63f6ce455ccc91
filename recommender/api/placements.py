"""Placements: the named spots of the shop, and what each shows."""

from __future__ import annotations

from http import HTTPStatus

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from recommender.api import documentation, identity, shapes
from recommender.api.base import ApiView
from recommender.api.queries import PlacementQuery
from recommender.services import placing
from recommender.services.placing import Context
from recommender.sources import parse_product_key

_SLUG = OpenApiParameter("slug", location=OpenApiParameter.PATH, description="A placement's `slug`.")
_PLACED = documentation.RECOMMENDATION | {"strategy": "similar", "is_fallback": False}


class PlacementList(ApiView):
    """The placements that show something now."""

    @extend_schema(
        operation_id="placements_list",
        summary="The placements that are switched on now, by name",
        description="What an app can ask for, and what to send along. The shop's staff decides what each shows.",
        parameters=[*documentation.CACHING, *documentation.HEADERS],
        responses=documentation.answers(HTTPStatus.OK, shapes.PlacementPageSerializer, "The placements.")
        | documentation.NOT_MODIFIED,
        examples=[
            OpenApiExample(
                "One placement",
                {
                    "results": [
                        {"slug": "product-page", "context": "product", "title": "Similar products", "length": 12}
                    ],
                    "next": None,
                    "previous": None,
                },
                response_only=True,
            )
        ],
    )
    def get(self, request: Request) -> Response:
        """All of them, in one page."""
        found = [shapes.placement(placement) for placement in placing.shown()]
        return self.cacheable({"results": found, "next": None, "previous": None})


class PlacementDetail(ApiView):
    """What one placement shows."""

    @extend_schema(
        operation_id="placements_retrieve",
        summary="What a placement shows for what the page has at hand",
        description="The same products, limits and reasons as in the shop's own pages. `title` is the heading for it; "
        "without results there is nothing to show: the placement is switched off, out of its dates, or has nothing for "
        "this visitor. An answer that follows the visitor's history is never cached.",
        parameters=[
            _SLUG,
            PlacementQuery,
            documentation.GUEST_TOKEN,
            *documentation.CACHING,
            *documentation.HEADERS,
        ],
        responses=documentation.answers(
            HTTPStatus.OK,
            shapes.PlacedListSerializer,
            "Recommended products.",
            HTTPStatus.BAD_REQUEST,
            HTTPStatus.NOT_FOUND,
        )
        | documentation.NOT_MODIFIED,
        examples=[
            OpenApiExample(
                "One product",
                {
                    "placement": "product-page",
                    "title": "Similar products",
                    "results": [_PLACED],
                    "next": None,
                    "previous": None,
                    "recommendation_id": documentation.RECOMMENDATIONS.value["recommendation_id"],
                },
                response_only=True,
            )
        ],
    )
    def get(self, request: Request, slug: str) -> Response:
        """Recommended products."""
        asked = self.query(PlacementQuery)
        product = parse_product_key(asked["product"]) if asked.get("product") else None
        basket = placing.product_keys(asked.get("basket", ""))
        context = Context(None, product, basket, identity.looker(request), asked.get("category", ""))
        found = placing.place(slug, context, k=asked.get("k"))
        data = shapes.placed(found, request)
        return Response(data) if found.is_personal else self.cacheable(data, private=True)
