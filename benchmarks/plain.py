"""The floor of `serving` and `for_you`: a plain view that shows 12 cards, with the same queryset and serializer."""

from django.urls import include, path
from rest_framework.request import Request
from rest_framework.response import Response

from recommender.api import shapes
from recommender.api.base import ApiView
from recommender.sources import get_source


class TwelveCards(ApiView):
    """Twelve products, by their keys."""

    def get(self, request: Request, first: int) -> Response:
        """One card query and one serializer."""
        source = get_source()
        products = source.queryset().filter(source.available(), pk__in=range(first, first + 12))
        cards = [source.card(product) for product in products]
        return Response({"results": shapes.ProductSerializer(cards, many=True, context={"request": request}).data})


urlpatterns = [path("plain/<int:first>/", TwelveCards.as_view()), path("", include("shopsite.urls"))]
