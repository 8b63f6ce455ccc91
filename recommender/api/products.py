"""Products, and products like one of them."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from recommender.api import documentation, identity, shapes
from recommender.api.base import ApiView
from recommender.api.queries import NewestFirst, PageQuery, ShelfQuery
from recommender.exceptions import UnknownProductError
from recommender.services import recommending
from recommender.sources import get_source, parse_product_key


class ProductList(ApiView):
    """The products that can be bought now."""

    @extend_schema(
        operation_id="products_list",
        summary="The products that can be bought now, newest first",
        parameters=[PageQuery, *documentation.CACHING, *documentation.HEADERS],
        responses=documentation.answers(
            HTTPStatus.OK, shapes.ProductPageSerializer, "One page of products.", HTTPStatus.BAD_REQUEST
        )
        | documentation.NOT_MODIFIED,
        examples=[
            OpenApiExample(
                "One product",
                {"results": [documentation.PRODUCT], "next": None, "previous": None},
                response_only=True,
            )
        ],
    )
    def get(self, request: Request) -> Response:
        """One page of products."""
        source = get_source()
        pages = NewestFirst(self.query(PageQuery)["page_size"])
        products = pages.paginate_queryset(source.queryset().filter(source.available()), request) or []
        cards = [source.card(product) for product in products]
        data = shapes.ProductSerializer(cards, many=True, context={"request": request}).data
        return self.cacheable(
            {"results": data, "next": pages.get_next_link(), "previous": pages.get_previous_link()},
        )


class ProductDetail(ApiView):
    """One product."""

    @extend_schema(
        operation_id="products_retrieve",
        summary="One product, sold out or not",
        parameters=[documentation.PRODUCT_ID, *documentation.CACHING, *documentation.HEADERS],
        responses=documentation.answers(HTTPStatus.OK, shapes.ProductSerializer, "The product.", HTTPStatus.NOT_FOUND)
        | documentation.NOT_MODIFIED,
        examples=[OpenApiExample("A product", documentation.PRODUCT, response_only=True)],
    )
    def get(self, request: Request, product_id: str) -> Response:
        """The product's card."""
        card = get_source().card(find_product(product_id))
        return self.cacheable(shapes.ProductSerializer(card, context={"request": request}).data)


class SimilarProducts(ApiView):
    """Products like one product."""

    @extend_schema(
        operation_id="products_similar",
        summary="Products like this one, best match first",
        description="By looks and behaviour, of other families, available now. What is popular fills a short list. "
        "What the visitor dismissed is left out.",
        parameters=[
            documentation.PRODUCT_ID,
            ShelfQuery,
            documentation.GUEST_TOKEN,
            *documentation.CACHING,
            *documentation.HEADERS,
        ],
        responses=documentation.answers(
            HTTPStatus.OK,
            shapes.RecommendationListSerializer,
            "Recommended products.",
            HTTPStatus.BAD_REQUEST,
            HTTPStatus.NOT_FOUND,
        )
        | documentation.NOT_MODIFIED,
        examples=[documentation.RECOMMENDATIONS],
    )
    def get(self, request: Request, product_id: str) -> Response:
        """Recommended products."""
        k = self.query(ShelfQuery).get("k")
        found = recommending.similar_to(parse_product_key(product_id), k=k, visitor=identity.looker(request))
        return self.cacheable(shapes.recommended(found, request), private=True)


def find_product(product_id: str) -> Any:
    """The product with this id, a key in text from a stranger, if visitors may look at it.

    Raises:
        UnknownProductError: when there is none.
    """
    source = get_source()
    product = source.queryset().filter(source.visible(), pk=parse_product_key(product_id)).first()
    if product is None:
        raise UnknownProductError
    return product
