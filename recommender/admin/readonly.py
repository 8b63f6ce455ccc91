"""Model admins that show and never edit, and changelists that fetch a page's products at once."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext

from recommender.sources import Card, get_product_model, get_source


class ReadOnlyAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    """Rows are written by the recommender itself; people look."""

    show_full_result_count = False
    list_per_page = 50

    class Media:
        css = {"all": ["recommender/admin.css"]}

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody adds rows by hand."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody edits rows by hand."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody deletes rows by hand, but they go with their product or user: Django asks us then as well."""
        here = f"{self.admin_site.name}:{self.opts.app_label}_{self.opts.model_name}_"
        match = request.resolver_match
        is_elsewhere: bool = match is not None and not match.view_name.startswith(here)
        return is_elsewhere

    def may(self, request: HttpRequest, action: str) -> bool:
        """Whether the user has Django's own permission ("add", "change") on this model, for what is not a form."""
        return bool(request.user.has_perm(f"{self.opts.app_label}.{action}_{self.opts.model_name}"))


class ProductChangeList(ChangeList):
    """Gives each row of a page its product's card as `row.card`, None when it is gone; a few queries in all."""

    def get_results(self, request: HttpRequest) -> None:
        """Fetch the page, then its products."""
        super().get_results(request)
        source = get_source()
        products = source.queryset().filter(pk__in={row.product_id for row in self.result_list})
        cards = {product.pk: source.card(product) for product in products}
        for row in self.result_list:
            row.card = cards.get(row.product_id)


def product_name(card: Card | None, key: Any) -> str:
    """The product's title, or that it is gone."""
    return card.title if card is not None else gettext("product %(key)s, deleted") % {"key": key}


def product_page() -> str:
    """The name of the host's own page to edit a product; it may not exist."""
    opts = get_product_model()._meta
    return f"admin:{opts.app_label}_{opts.model_name}_change"


def badge(kind: str, text: str) -> SafeString:
    """A word in a coloured pill; the colour only repeats what the word says."""
    return format_html('<span class="rec-badge rec-badge--{}">{}</span>', kind, text)
