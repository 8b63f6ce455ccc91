"""The JSON of search by photo."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiExample
from rest_framework import serializers
from rest_framework.request import Request

from recommender.api import documentation
from recommender.api.queries import MAX_ITEMS
from recommender.api.shapes import ProductSerializer, ShareField
from recommender.core.recognition import Verdict
from recommender.services.searching import PAGE_SIZE, PhotoResult
from recommender.services.searching.finding import MAX_PAGE

_EXACT = documentation.PRODUCT | {"score": 0.91, "exact": True, "reason": "The one in your photo"}
_QUERY = "gAAAAABnQ0b3m2n8..."
EXAMPLE = OpenApiExample(
    "A product of the shop",
    {
        "verdict": "exact",
        "recognised": documentation.PRODUCT,
        "results": [_EXACT],
        "next": None,
        "previous": None,
        "query": _QUERY,
        "refinements": [{"kind": "cheaper", "filters": {"price_max": "198.99"}, "value": "199.00"}],
    },
    response_only=True,
)


REQUEST_EXAMPLE = OpenApiExample(
    "A photo, and only what costs less",
    {"photo": "(the picture's bytes)", "region": "0.25,0.1,0.5,0.8", "price_max": "500"},
    request_only=True,
    media_type="multipart/form-data",
)


class PhotoPageQuery(serializers.Serializer[Any]):
    """What a photo search takes besides the picture and the shop's filters."""

    query = serializers.CharField(required=False, help_text=_("The query id of an earlier answer."))
    k = serializers.IntegerField(
        min_value=1, max_value=MAX_ITEMS, default=PAGE_SIZE, help_text=_("How many products a page holds.")
    )
    page = serializers.IntegerField(min_value=1, max_value=MAX_PAGE, default=1, help_text=_("From 1."))
    anyway = serializers.BooleanField(
        default=False, help_text=_("Show the nearest products even when nothing is like the photo.")
    )


class PhotoSearchSerializer(PhotoPageQuery):
    """A photo to search with; the shop's filters go along as fields of their own names."""

    photo = serializers.FileField(required=False, help_text=_("JPEG, PNG or WebP, at most 10 MB."))
    region = serializers.CharField(
        required=False,
        help_text=_("The part that is meant: `left,top,width,height` as shares of the upright picture."),
    )


class FoundSerializer(ProductSerializer):
    """A product that looks like the photo."""

    score = ShareField(help_text=_("How alike: comparable within one answer only."))
    exact = serializers.BooleanField(help_text=_("Whether the photo shows this very product, as far as one can tell."))
    reason = serializers.CharField(help_text=_("A sentence for shoppers, in the language of Accept-Language."))

    def to_representation(self, item: Any) -> dict[str, Any]:
        """The card's members, then the search's own."""
        card = ProductSerializer(item.card, context=self.context).data
        return {**card, "score": round(item.score, 6), "exact": item.is_exact, "reason": item.reason}


class RefinementSerializer(serializers.Serializer[Any]):
    """More like this, but otherwise."""

    kind = serializers.CharField(help_text=_("`cheaper`, `larger` or the name of a filter such as `color`."))
    filters = serializers.DictField(child=serializers.CharField(), help_text=_("The filters to send."))
    value = serializers.CharField(help_text=_("What it starts from, or what it becomes."))


class PhotoResultSerializer(serializers.Serializer[Any]):
    """What a photo shows, and the products in stock that look like it."""

    verdict = serializers.ChoiceField(
        choices=[verdict.value for verdict in Verdict],
        help_text=_("`exact`: a product of the shop. `similar`: something like it. `nothing`: nothing like it here."),
    )
    recognised = ProductSerializer(
        allow_null=True, help_text=_("The product that the photo shows, also when it cannot be bought now.")
    )
    results = FoundSerializer(many=True)
    next = serializers.URLField(allow_null=True, help_text=_("Address of the next page; null on the last."))
    previous = serializers.URLField(allow_null=True, help_text=_("Always null."))
    query = serializers.CharField(help_text=_("The query id: for filters and pages, for ten minutes."))
    refinements = RefinementSerializer(many=True)


def photo_result(found: PhotoResult, query_id: str, link: str | None, request: Request) -> dict[str, Any]:
    """An answer as it is sent."""
    context = {"request": request}
    recognised = None if found.recognised is None else ProductSerializer(found.recognised, context=context).data
    return {
        "verdict": str(found.verdict),
        "recognised": recognised,
        "results": FoundSerializer(found.items, many=True, context=context).data,
        "next": link,
        "previous": None,
        "query": query_id,
        "refinements": RefinementSerializer(found.refinements, many=True).data,
    }
