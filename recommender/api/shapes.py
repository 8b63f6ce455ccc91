"""The JSON that the API speaks: one class a shape, used to write answers and to document them."""

from __future__ import annotations

from functools import cached_property
from typing import Any

from django.utils.encoding import iri_to_uri
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request

from recommender.models import InteractionKind, Placement, Strategy
from recommender.services.explaining import Source
from recommender.services.placing import usual_heading
from recommender.services.reading_events import KINDS, MAX_PLACES
from recommender.services.recommending import RecommendedList
from recommender.sources import Card


@extend_schema_field(OpenApiTypes.URI)
class AbsoluteUrlField(serializers.CharField):
    """An address that an app can open: the shop's own paths get its host; empty stays empty."""

    def to_representation(self, value: Any) -> str:
        """The absolute address."""
        return absolute(str(value), self.context["request"])


def absolute(address: str, request: Request) -> str:
    """The address with the host that the app asked; of a path quickly, for a list has many. Empty stays empty."""
    if not address.startswith("/") or address.startswith("//"):
        return str(request.build_absolute_uri(address)) if address else ""
    origin: str | None = request.__dict__.get("_recommender_origin")
    if origin is None:
        origin = request.__dict__["_recommender_origin"] = request.build_absolute_uri("/").removesuffix("/")
    return iri_to_uri(origin + address)


class ShareField(serializers.FloatField):
    """A number in [0, 1]."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=0, max_value=1, **kwargs)


class PriceSerializer(serializers.Serializer[Any]):
    """An amount of money."""

    amount = serializers.SerializerMethodField(help_text=_("Decimal number, in full."))
    currency = serializers.CharField(help_text=_("ISO 4217 code."))

    @extend_schema_field({"type": "string", "format": "decimal"})
    def get_amount(self, price: Any) -> str:
        """The amount without exponent."""
        return f"{price.amount:f}"


class RenditionSerializer(serializers.Serializer[Any]):
    """One size of a picture."""

    url = serializers.URLField()
    width = serializers.IntegerField(help_text=_("In pixels."))
    height = serializers.IntegerField(help_text=_("In pixels."))


class ProductSerializer(serializers.Serializer[Any]):
    """What a card shows of a product."""

    id = serializers.CharField(help_text=_("The product's key; a string whatever the shop uses."))
    title = serializers.CharField()
    brand = serializers.CharField(help_text=_("May be empty."))
    url = AbsoluteUrlField(help_text=_("The product's page. May be empty."))
    image = AbsoluteUrlField(help_text=_("The product's main picture. May be empty."))
    renditions = serializers.SerializerMethodField(
        help_text=_("The main picture in sizes to choose from, smallest first. Empty when `image` is all there is.")
    )
    price = PriceSerializer(allow_null=True)
    available = serializers.BooleanField(help_text=_("Whether it can be bought now."))

    @extend_schema_field(RenditionSerializer(many=True))
    def get_renditions(self, card: Card) -> list[dict[str, Any]]:
        """The sizes; written out here, since a serializer for each costs more than the rest of the card."""
        request = self.context["request"]
        return [
            {"url": absolute(size.url, request), "width": size.width, "height": size.height} for size in card.renditions
        ]


class RecommendationSerializer(ProductSerializer):
    """A product with why and how strongly it is recommended."""

    score = ShareField(help_text=_("The match: no probability, comparable within one list only."))
    parts = serializers.DictField(
        child=ShareField(), help_text=_("What each signal adds; together they are the score.")
    )
    reason = serializers.CharField(help_text=_("A sentence for shoppers, in the language of Accept-Language."))
    source = serializers.ChoiceField(  # type: ignore[assignment]  # a shape's name, not DRF's `Field.source`
        choices=[source.value for source in Source], help_text=_("Where the recommendation comes from.")
    )
    promoted = serializers.BooleanField(
        help_text=_("Whether the shop's staff put it here, by a merchandising rule, before what fits better.")
    )

    @cached_property
    def _card(self) -> ProductSerializer:
        """One for all items: making a serializer costs more than using it."""
        return ProductSerializer(context=self.context)

    def to_representation(self, item: Any) -> dict[str, Any]:
        """The card's members, then the recommendation's own; numbers are rounded to 6 digits."""
        card = self._card.to_representation(item.card)
        parts = {name: round(part, 6) for name, part in item.parts.items()}
        return {
            **card,
            "score": round(item.score, 6),
            "parts": parts,
            "reason": item.reason,
            "source": str(item.source),
            "promoted": item.promoted,
        }


class ProductPageSerializer(serializers.Serializer[Any]):
    """One page of products."""

    results = ProductSerializer(many=True)
    next = serializers.URLField(allow_null=True, help_text=_("Address of the next page; null on the last."))
    previous = serializers.URLField(allow_null=True, help_text=_("Address of the page before; null on the first."))


class RecommendationListSerializer(serializers.Serializer[Any]):
    """Recommended products, best first, in one page."""

    results = RecommendationSerializer(many=True)
    next = serializers.URLField(allow_null=True, help_text=_("Always null."))
    previous = serializers.URLField(allow_null=True, help_text=_("Always null."))
    recommendation_id = serializers.CharField(
        help_text=_("Names this answer: send it with what the visitor does with it. At most 500 characters.")
    )


class PlacementSerializer(serializers.Serializer[Any]):
    """A named spot of the shop."""

    slug = serializers.CharField(help_text=_("What it is asked for by."))
    context = serializers.ChoiceField(  # type: ignore[assignment]  # a shape's name, not DRF's `Field.context`
        choices=Placement.Context.values,
        help_text=_("What to send along: `product`, `basket`, or nothing (`any`)."),
    )
    title = serializers.CharField(help_text=_("Its usual heading; that of the answer may be more exact."))
    length = serializers.IntegerField(help_text=_("How many products it shows at most."))


class PlacementPageSerializer(serializers.Serializer[Any]):
    """All placements, in one page."""

    results = PlacementSerializer(many=True)
    next = serializers.URLField(allow_null=True, help_text=_("Always null."))
    previous = serializers.URLField(allow_null=True, help_text=_("Always null."))


class PlacedSerializer(RecommendationSerializer):
    """A recommended product of a placement."""

    strategy = serializers.ChoiceField(choices=Strategy.values, help_text=_("What brought it here."))
    is_fallback = serializers.BooleanField(
        help_text=_("Whether it only fills a place that the placement's strategies left free.")
    )

    def to_representation(self, item: Any) -> dict[str, Any]:
        """The recommendation, and by what it got its place."""
        return super().to_representation(item) | {"strategy": item.strategy, "is_fallback": item.is_fallback}


class PlacedListSerializer(RecommendationListSerializer):
    """What a placement shows."""

    results = PlacedSerializer(many=True)
    placement = serializers.CharField(help_text=_("Its `slug`."))
    title = serializers.CharField(help_text=_("The heading, in the language of Accept-Language; empty for no results."))


class EventSerializer(serializers.Serializer[Any]):
    """Something that the visitor did with a product."""

    id = serializers.UUIDField(help_text=_("Made by the app. An event sent twice counts once."))
    kind = serializers.ChoiceField(choices=KINDS, help_text=_("`purchase` and `refund` are for staff tokens."))
    product = serializers.CharField(
        required=False, help_text=_("The product's `id`; needed unless the kind is `impression` or `search`.")
    )
    occurred_at = serializers.DateTimeField(
        required=False, help_text=_("Now when absent; a time in the future becomes now.")
    )

    recommendation_id = serializers.CharField(
        required=False, help_text=_("Of the list that led to it; needed for an `impression`.")
    )
    position = serializers.IntegerField(
        required=False, min_value=1, max_value=MAX_PLACES, help_text=_("The product's place in that list, from 1.")
    )
    products = serializers.ListField(
        child=serializers.CharField(),
        required=False,
        max_length=MAX_PLACES,
        help_text=_("Of an `impression`: ids of the products that came into view, from the first place on."),
    )
    results = serializers.IntegerField(
        required=False, min_value=0, help_text=_("Of a `search`: how many products it found. Its words are not taken.")
    )
    quantity = serializers.IntegerField(required=False, min_value=1, max_value=10_000, help_text=_("1 when absent."))
    price = serializers.DecimalField(
        required=False, min_value=0, max_digits=12, decimal_places=4, help_text=_("Of one piece.")
    )
    order_id = serializers.CharField(
        required=False,
        max_length=64,
        help_text=_("A `purchase` with one counts once per order and product, whatever its `id`."),
    )


class EventBatchSerializer(serializers.Serializer[Any]):
    """Events of one visitor, from 1 to 500."""

    events = serializers.ListField(child=EventSerializer(), min_length=1, max_length=500)


class EventErrorSerializer(serializers.Serializer[Any]):
    """Why one event was not taken."""

    index = serializers.IntegerField(help_text=_("Its place in the batch, from 0."))
    field = serializers.CharField()
    code = serializers.CharField(
        help_text=_("`required`, `invalid`, `invalid_choice`, `not_allowed` or `unknown_product`.")
    )


class EventReportSerializer(serializers.Serializer[Any]):
    """What became of a batch."""

    accepted = serializers.IntegerField()
    duplicates = serializers.IntegerField(help_text=_("Events that were there already."))
    errors = EventErrorSerializer(many=True)  # type: ignore[assignment]  # a shape's name, not DRF's `errors`
    consent = serializers.BooleanField(
        required=False, help_text=_("Present and false when the visitor does not agree: nothing was looked at or kept.")
    )


class GuestTokenSerializer(serializers.Serializer[Any]):
    """A guest's signed token, for the header X-Visitor-Token."""

    token = serializers.CharField()


class VisitorEventSerializer(serializers.Serializer[Any]):
    """One stored event."""

    client_id = serializers.UUIDField()
    product_id = serializers.CharField()
    kind = serializers.ChoiceField(choices=InteractionKind.values)
    occurred_at = serializers.DateTimeField()
    quantity = serializers.CharField()
    price = serializers.CharField(allow_null=True)
    order_id = serializers.CharField()
    placement = serializers.CharField(help_text=_("The spot of the list that led to it; empty when none did."))
    strategy = serializers.CharField(help_text=_("What made that list."))
    position = serializers.CharField(allow_null=True, help_text=_("The product's place in it."))
    snapshot = serializers.CharField(allow_null=True, help_text=_("The snapshot that it was served from."))
    touched_at = serializers.DateTimeField(allow_null=True, help_text=_("When the visitor clicked there."))


class VisitorSerializer(serializers.Serializer[Any]):
    """Everything stored about a visitor; null and empty when nothing is."""

    visitor = serializers.UUIDField(allow_null=True)
    created_at = serializers.DateTimeField(allow_null=True)
    events = VisitorEventSerializer(many=True)


class CredentialsSerializer(serializers.Serializer[Any]):
    """A user's name and password."""

    username = serializers.CharField()
    password = serializers.CharField()


class ApiTokenSerializer(serializers.Serializer[Any]):
    """A user's API token, for the header `Authorization: Token ...`."""

    token = serializers.CharField()


class TokenPairSerializer(serializers.Serializer[Any]):
    """A user's signed tokens: `access` for the header `Authorization: Bearer ...`, `refresh` for the next pair."""

    access = serializers.CharField()
    refresh = serializers.CharField(help_text=_("Works once."))
    expires_in = serializers.IntegerField(help_text=_("Seconds that the access token lives."))


class RefreshSerializer(serializers.Serializer[Any]):
    """A refresh token."""

    refresh = serializers.CharField(max_length=4096)


class FieldErrorSerializer(serializers.Serializer[Any]):
    """One value that was not accepted."""

    index = serializers.IntegerField(required=False, help_text=_("Its place in a batch, from 0."))
    field = serializers.CharField()
    code = serializers.CharField()
    detail = serializers.CharField(required=False)


class ProblemSerializer(serializers.Serializer[Any]):
    """Problem details by RFC 9457."""

    type = serializers.CharField(help_text=_("Always `about:blank`: the status says what kind of problem it is."))
    title = serializers.CharField(help_text=_("The name of the status."))
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text=_("What went wrong, and the cure, in the language of Accept-Language."))
    code = serializers.CharField(help_text=_("For programs: what went wrong, in one word that stays."))
    errors = FieldErrorSerializer(many=True, required=False)  # type: ignore[assignment]  # as above


def recommended(found: RecommendedList, request: Request, results: Any = None) -> dict[str, Any]:
    """A recommended list as it is sent, with its items in the usual shape unless they are given in another."""
    if results is None:
        results = RecommendationSerializer(found.items, many=True, context={"request": request}).data
    named = found if found.placement else found.at("api")
    return {"results": results, "next": None, "previous": None, "recommendation_id": named.id}


def placed(found: RecommendedList, request: Request) -> dict[str, Any]:
    """What a placement shows, as it is sent."""
    results = PlacedSerializer(found.items, many=True, context={"request": request}).data
    return recommended(found, request, results) | {"placement": found.placement, "title": found.title}


def placement(placement: Placement) -> dict[str, Any]:
    """A placement as it is sent."""
    return {
        "slug": placement.slug,
        "context": placement.context,
        "title": usual_heading(placement),
        "length": placement.length,
    }
