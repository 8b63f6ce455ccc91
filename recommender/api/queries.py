"""The parameters of query strings, their bounds, and pages by cursor."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError as ModelValidationError
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail, NotFound
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request

from recommender.sources import get_product_model

MAX_ITEMS = 48
"""Most products that one answer holds."""


class ShelfQuery(serializers.Serializer[Any]):
    """The parameters of a recommended list."""

    k = serializers.IntegerField(
        min_value=1,
        max_value=MAX_ITEMS,
        required=False,
        help_text=_("How many products; the shop's shelf size when absent."),
    )


class PlacementQuery(ShelfQuery):
    """What a page has at hand for its placement."""

    product = serializers.CharField(
        required=False, max_length=255, help_text=_("The `id` of the product that the page is about.")
    )
    basket = serializers.CharField(
        required=False,
        max_length=4000,
        help_text=_("The `id`s of the products in the basket or order, joined by commas; at most 50 count."),
    )
    category = serializers.CharField(
        required=False, max_length=255, help_text=_("The category that the page lists, as the shop calls it.")
    )
    k = serializers.IntegerField(
        min_value=1,
        max_value=MAX_ITEMS,
        required=False,
        help_text=_("How many products at most; the placement's own length when absent."),
    )


class PageQuery(serializers.Serializer[Any]):
    """The parameters of a page of products."""

    page_size = serializers.IntegerField(
        min_value=1, max_value=MAX_ITEMS, default=24, help_text=_("How many products a page holds.")
    )
    cursor = serializers.CharField(required=False, help_text=_("From `next` or `previous`; means nothing by itself."))


class NewestFirst(CursorPagination):
    """Pages from the newest product to the oldest; products that come in between move nothing."""

    ordering = "-pk"

    def __init__(self, page_size: int) -> None:
        self.page_size = page_size

    def decode_cursor(self, request: Request) -> Cursor | None:
        """The cursor, with a position that the product's key can be compared to.

        Raises:
            rest_framework.exceptions.ValidationError: for a cursor that we did not make.
        """
        try:
            cursor = super().decode_cursor(request)
            if cursor is not None and cursor.position is not None:
                _check_key(str(cursor.position))
        except (NotFound, ModelValidationError):
            raise serializers.ValidationError(
                {"cursor": ErrorDetail(str(self.invalid_cursor_message), "invalid")}
            ) from None
        return cursor


def _check_key(text: str) -> None:
    if "\0" in text:  # which PostgreSQL refuses
        raise ModelValidationError("")
    get_product_model()._meta.pk.to_python(text)
