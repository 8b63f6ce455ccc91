"""The floors of `serving` and `for_you`: plain answers of 12 cards, by the same queryset, serializer and markup."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path
from rest_framework.request import Request
from rest_framework.response import Response

from recommender.api import shapes
from recommender.api.base import ApiView
from recommender.sources import Card, get_source

PLAIN = (
    '<h1>{{ product }}</h1><section class="rec-shelf"><h2>Products</h2><ul class="rec-shelf__list">'
    '{% for item in items %}{% include "recommender/card.html" %}{% endfor %}</ul></section>'
)
SHELF = "{% load recommender %}<h1>{{ product }}</h1>{% similar_products product k=12 %}"


class TwelveCards(ApiView):
    """Twelve products, by their keys."""

    def get(self, request: Request, first: int) -> Response:
        """One card query and one serializer."""
        data = shapes.ProductSerializer(_cards(first), many=True, context={"request": request}).data
        return Response({"results": data})


def plain_page(request: HttpRequest, product_id: int) -> HttpResponse:
    """A product's page with twelve given cards."""
    context = {"product": _product(product_id), "items": [{"card": card} for card in _cards(product_id)]}
    return HttpResponse(engines["django"].from_string(PLAIN).render(context, request))


def shelf_page(request: HttpRequest, product_id: int) -> HttpResponse:
    """A product's page with its shelf of similar products."""
    return HttpResponse(engines["django"].from_string(SHELF).render({"product": _product(product_id)}, request))


def _product(key: int) -> Any:
    return get_source().queryset().prefetch_related(None).get(pk=key)


def _cards(first: int) -> list[Card]:
    source = get_source()
    products = source.queryset().filter(source.available(), pk__in=range(first, first + 12))
    return [source.card(product) for product in products]


urlpatterns = [
    path("plain/<int:first>/", TwelveCards.as_view()),
    path("plain-page/<int:product_id>/", plain_page),
    path("shelf-page/<int:product_id>/", shelf_page),
    path("", include("shopsite.urls")),
]
