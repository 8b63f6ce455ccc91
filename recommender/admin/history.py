"""Visitors and what they did. To look at: `recommender_forget` deletes a visitor."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth import get_user_model
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommender.admin.preview import visitor_preview_url
from recommender.admin.readonly import ProductChangeList, ReadOnlyAdmin, badge, product_name
from recommender.models import Interaction, Visitor

_LOGIN = get_user_model().USERNAME_FIELD


def visitor_name(visitor: Visitor) -> str:
    """The user's name, the id in an imported history, or that it is a guest."""
    if visitor.user is not None:
        return visitor.user.get_username()
    if visitor.external_id:
        return gettext("imported: %(id)s") % {"id": visitor.external_id}
    return gettext("guest %(id)s") % {"id": str(visitor.pk)[:8]}


@admin.register(Interaction)
class InteractionAdmin(ReadOnlyAdmin):
    """Events, newest first."""

    list_display = ("occurred_at", "what", "product_title", "who", "quantity", "price", "order_id")
    list_filter = ("kind", "occurred_at")
    list_select_related = ("visitor__user",)
    search_fields = ("=order_id", "=visitor__id", "=visitor__external_id", f"=visitor__user__{_LOGIN}")
    search_help_text = _("An order number, a visitor's id, or a login name, in full.")
    ordering = ("-occurred_at", "-pk")
    fields = readonly_fields = (
        "what",
        "product_key",
        "who",
        "occurred_at",
        "quantity",
        "price",
        "order_id",
        "client_id",
        "created_at",
    )

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ProductChangeList]:
        """A list that knows its rows' products: events outlive them, so a join would lose rows."""
        return ProductChangeList

    @admin.display(description=_("kind"), ordering="kind")
    def what(self, row: Interaction) -> SafeString:
        """What was done."""
        return badge(row.kind, row.get_kind_display())

    @admin.display(description=_("product"), ordering="product_id")
    def product_title(self, row: Any) -> str:
        """The product's title."""
        return product_name(row.card, row.product_id)

    @admin.display(description=_("product"))
    def product_key(self, row: Interaction) -> str:
        """The product's key, which may be all that is left of it."""
        return str(row.product_id)

    @admin.display(description=_("visitor"))
    def who(self, row: Interaction) -> SafeString:
        """Who did it."""
        url = reverse("admin:recommender_visitor_change", args=[row.visitor_id])
        return format_html('<a href="{}">{}</a>', url, visitor_name(row.visitor))


@admin.register(Visitor)
class VisitorAdmin(ReadOnlyAdmin):
    """Visitors, newest first."""

    list_display = ("name", "id", "n_events", "created_at", "links")
    list_select_related = ("user",)
    search_fields = ("=id", "=external_id", f"=user__{_LOGIN}")
    search_help_text = _("A visitor's id, a login name, or an id in an imported history, in full.")
    ordering = ("-created_at", "-pk")
    fields = readonly_fields = ("id", "name", "external_id", "n_events", "created_at", "links")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Visitor]:
        """With the number of events, counted for the rows of a page only."""
        theirs = Interaction.objects.filter(visitor=OuterRef("pk")).order_by().values("visitor")
        rows: QuerySet[Visitor] = super().get_queryset(request)
        return rows.annotate(events=Coalesce(Subquery(theirs.annotate(n=Count("pk")).values("n")), 0))

    @admin.display(description=_("visitor"))
    def name(self, visitor: Visitor) -> str:
        """Who it is, as far as known."""
        return visitor_name(visitor)

    @admin.display(description=_("events"), ordering="events")
    def n_events(self, visitor: Any) -> int:
        """How many events there are."""
        return int(visitor.events)

    @admin.display(description=_("look at"))
    def links(self, visitor: Visitor) -> SafeString:
        """The visitor's shelf and events."""
        return format_html(
            '<a href="{}">{}</a> · <a href="{}?visitor__id__exact={}">{}</a>',
            visitor_preview_url(visitor),
            gettext("preview"),
            reverse("admin:recommender_interaction_changelist"),
            visitor.pk,
            gettext("events"),
        )
