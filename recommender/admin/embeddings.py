"""Image embeddings: each picture with its state, and a way to have it looked at again."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from recommender.admin.embedding_again import embed_products_again
from recommender.admin.readonly import ProductChangeList, ReadOnlyAdmin, badge, product_name
from recommender.models import ImageEmbedding
from recommender.services.engines import get_encoder
from recommender.services.thumbnailing import thumbnail

_CACHE_SECONDS = 86_400
_NAME_SHOWN = 20


class EmbeddingDisplay:
    """How one embedding row is shown, in lists and inlines."""

    @admin.display(description=_("picture"))
    def picture(self, row: ImageEmbedding) -> SafeString | str:
        """The picture itself, small."""
        if not row.image_key or row.status == ImageEmbedding.Status.FAILED:
            return "—"
        # The digest makes a replaced picture another address, so that browsers may keep the old one for a day.
        url = reverse("admin:recommender_picture", args=[row.pk])
        return format_html(
            '<img class="rec-thumb" src="{}?v={}" alt="{}" loading="lazy" width="48" height="48">',
            url,
            row.content_hash[:12],
            row.image_key,
        )

    @admin.display(description=_("file"), ordering="image_key")
    def file(self, row: ImageEmbedding) -> SafeString | str:
        """The end of the picture's name; pointing at it shows all of it."""
        if len(row.image_key) <= _NAME_SHOWN:
            return row.image_key or "—"
        return format_html('<span title="{}">…{}</span>', row.image_key, row.image_key[-_NAME_SHOWN:])

    @admin.display(description=_("status"), ordering="status")
    def state(self, row: ImageEmbedding) -> SafeString:
        """Where the picture is on its way to a vector."""
        return badge(row.status, row.get_status_display())


@admin.register(ImageEmbedding)
class ImageEmbeddingAdmin(EmbeddingDisplay, ReadOnlyAdmin):
    """What the encoder made of each picture."""

    list_display = ("picture", "product_title", "progress", "updated_at")
    list_display_links = ("product_title",)
    list_filter = ("status", "encoder_version", "updated_at")
    search_fields = ("image_key", "error")
    search_help_text = _("Searches in picture names and error messages.")
    ordering = ("-updated_at", "-pk")
    actions = ("embed_again",)
    fields = readonly_fields = (
        "picture",
        "product",
        "image_key",
        "position",
        "state",
        "attempts",
        "error",
        "encoder_version",
        "content_hash",
        "created_at",
        "updated_at",
    )

    @admin.display(description=_("status"), ordering="status")
    def progress(self, row: ImageEmbedding) -> SafeString:
        """Where the picture is on its way to a vector, and what stopped it."""
        told = [row.error] if row.error else []
        if row.attempts > 1:
            told.append(ngettext("%(n)s attempt", "%(n)s attempts", row.attempts) % {"n": row.attempts})
        return format_html('{} <span class="rec-quiet">{}</span>', self.state(row), " · ".join(told))

    def get_queryset(self, request: HttpRequest) -> QuerySet[ImageEmbedding]:
        """Without the vectors, which nobody reads in a list."""
        rows: QuerySet[ImageEmbedding] = super().get_queryset(request)
        return rows.defer("vector")

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ProductChangeList]:
        """A list that knows its rows' products."""
        return ProductChangeList

    def get_urls(self) -> list[URLPattern]:
        """And the pictures."""
        view = self.admin_site.admin_view(self.picture_view, cacheable=True)
        own = [path("<int:pk>/picture/", view, name="recommender_picture")]
        return [*own, *super().get_urls()]

    def has_embed_permission(self, request: HttpRequest) -> bool:
        """Who may change embeddings may have them made again."""
        return self.may(request, "change")

    @admin.display(description=_("product"), ordering="product_id")
    def product_title(self, row: Any) -> SafeString:
        """The product's title, and the file."""
        title = product_name(row.card, row.product_id)
        return format_html('{}<br><span class="rec-quiet">{}</span>', title, self.file(row))

    @admin.action(description=_("Embed the selected pictures again"), permissions=["embed"])
    def embed_again(self, request: HttpRequest, queryset: QuerySet[ImageEmbedding]) -> HttpResponse | None:
        """Ask, then have the pictures' products looked at with the encoder in use, whatever state the rows are in."""
        return embed_products_again(self, request, queryset, product_key="product_id")

    def picture_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The picture of a row, small, from wherever the shop keeps it."""
        row = ImageEmbedding.objects.defer("vector").filter(pk=pk).first()
        if row is None or not self.has_view_permission(request, row):
            raise Http404
        found = thumbnail(row)
        if found is None:
            raise Http404
        response = HttpResponse(found.content, content_type=found.content_type)
        response["Cache-Control"] = f"private, max-age={_CACHE_SECONDS}"
        return response


class EmbeddingStatusInline(EmbeddingDisplay, admin.TabularInline):  # type: ignore[type-arg]
    """For the host's product admin: how far each of the product's pictures is. Add it to `inlines`."""

    model = ImageEmbedding
    template = "admin/recommender/tabular.html"
    extra = 0
    max_num = 0
    can_delete = False
    ordering = ("position", "image_key")
    fields = readonly_fields = ("picture", "file", "state", "attempts", "error", "updated_at")
    verbose_name_plural = _("image embeddings")

    class Media:
        css = {"all": ["recommender/admin.css"]}

    def get_queryset(self, request: HttpRequest) -> QuerySet[ImageEmbedding]:
        """Of the encoder in use, without the vectors."""
        rows: QuerySet[ImageEmbedding] = super().get_queryset(request)
        return rows.filter(encoder_version=get_encoder().version).defer("vector")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Rows come from the recommender only."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Nobody edits rows by hand."""
        return False
