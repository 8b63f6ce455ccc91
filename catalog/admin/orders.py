"""Orders: looked up and moved on, never edited, because the books must stay as they were."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import DecimalField, ExpressionWrapper, F, QuerySet, Sum
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from catalog.models import Order, OrderLine
from catalog.templatetags.shop import money


class OrderLineInline(admin.TabularInline):  # type: ignore[type-arg]
    """An order's lines."""

    model = OrderLine
    template = "admin/recommender/tabular.html"
    extra = 0
    fields = readonly_fields = ("position", "sku", "title", "quantity", "unit_price")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Lines come from the checkout only."""
        return False

    has_delete_permission = has_change_permission = has_add_permission


class CountryFilter(admin.AllValuesFieldListFilter):
    """Countries; orders of an imported history have none, and a link needs a name."""

    def choices(self, changelist: Any) -> Iterator[Any]:
        """The choices, the empty one with a word."""
        for choice in super().choices(changelist):
            yield {**choice, "display": choice["display"] or _("unknown")}


@admin.register(Order)
class OrderAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Orders; only their status can be changed."""

    list_display = ("reference", "placed_at", "customer", "status", "total")
    list_filter = ("status", ("country", CountryFilter))
    search_fields = ("=reference", "=external_reference", "email", "name", "lines__sku", "lines__title")
    date_hierarchy = "placed_at"
    list_select_related = ("user",)
    inlines = (OrderLineInline,)
    fields = (
        "status",
        "reference",
        "placed_at",
        "user",
        "email",
        "name",
        "address",
        "postcode",
        "city",
        "country",
        "external_reference",
        "external_user",
    )
    readonly_fields = fields[1:]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Order]:
        """With each order's total."""
        amount = ExpressionWrapper(
            F("lines__quantity") * F("lines__unit_price"), output_field=DecimalField(max_digits=14, decimal_places=4)
        )
        orders: QuerySet[Order] = super().get_queryset(request)
        return orders.annotate(sum_of_lines=Sum(amount))

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Orders come from the checkout only."""
        return False

    @admin.display(description=_("customer"))
    def customer(self, order: Order) -> str:
        """Who ordered."""
        return order.email or str(order.user or "") or order.external_user or str(_("guest"))

    @admin.display(description=_("total"), ordering="sum_of_lines")
    def total(self, order: Any) -> str:
        """The sum of the lines."""
        return money(order.sum_of_lines)
