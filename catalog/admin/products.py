"""Brands, families and products: search, filters, and bulk changes that ask first where they should."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Count, F, JSONField, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from catalog.admin.choosing import SafeAutocompleteMixin
from catalog.admin.exchange import ExchangeMixin
from catalog.admin.nesting import NestedJSONField
from catalog.admin.pictures import ProductImageInline
from catalog.models import Brand, Family, Product
from recommender.admin import ask, confirmed, embed_products_again, likeness_panel, preview_url


class RestockForm(forms.Form):
    """How many pieces came in, a product."""

    pieces = forms.IntegerField(label=_("Pieces to add to each product"), min_value=1, max_value=100_000)


class StockFilter(admin.SimpleListFilter):
    """In stock, nearly gone, sold out."""

    title = _("stock")
    parameter_name = "stock"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """The three states."""
        return [("none", _("sold out")), ("few", _("5 or fewer")), ("plenty", _("more than 5"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Product]) -> QuerySet[Product]:
        """The products in the chosen state."""
        states = {"none": Q(stock=0), "few": Q(stock__range=(1, 5)), "plenty": Q(stock__gt=5)}
        return queryset.filter(states.get(self.value() or "", Q()))


@admin.register(Brand)
class BrandAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Brands."""

    list_display = ("name", "n_families")
    search_fields = ("name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Brand]:
        """With the number of families."""
        brands: QuerySet[Brand] = super().get_queryset(request)
        return brands.annotate(n_families=Count("families"))

    @admin.display(description=_("families"), ordering="n_families")
    def n_families(self, brand: Any) -> int:
        """How many families the brand has."""
        return int(brand.n_families)


@admin.register(Family)
class FamilyAdmin(SafeAutocompleteMixin, admin.ModelAdmin):  # type: ignore[type-arg]
    """Families with their specifications."""

    list_display = ("__str__", "brand", "category", "released_on")
    list_filter = ("brand", "category")
    list_select_related = ("brand",)
    search_fields = ("name", "key", "brand__name")
    autocomplete_fields = ("brand",)
    date_hierarchy = "released_on"
    fieldsets = (
        (None, {"fields": ("key", "name", "brand", "category", "released_on", "description", "description_zh")}),
        (
            _("Screen, chip, cameras"),
            {"fields": ("screen_inches", "refresh_hz", "chip", "ram_gb", "cameras", "front_camera")},
        ),
        (
            _("Battery and body"),
            {"fields": ("battery_mah", "charging_watts", "width_mm", "height_mm", "thickness_mm", "weight_g")},
        ),
    )


@admin.register(Product)
class ProductAdmin(SafeAutocompleteMixin, ExchangeMixin, admin.ModelAdmin):  # type: ignore[type-arg]
    """Products with their pictures, and as a file."""

    list_display = ("thumbnail", "__str__", "price", "stock", "is_visible", "brand", "color", "storage_gb")
    list_display_links = ("__str__",)
    list_editable = ("price", "stock", "is_visible")
    list_filter = ("is_visible", StockFilter, "family__brand", "family__category", "color")
    list_per_page = 50
    search_fields = ("title", "sku", "family__name", "family__brand__name")
    autocomplete_fields = ("family",)
    formfield_overrides = {JSONField: {"form_class": NestedJSONField}}
    inlines = (ProductImageInline,)
    actions = ("hide", "show", "restock", "embed_again")
    readonly_fields = ("shelf", "likeness")
    save_on_top = True
    fieldsets = (
        (None, {"fields": ("title", "sku", "family", "is_visible", "price", "stock", "shelf")}),
        (_("Looks"), {"fields": ("likeness",)}),
        (_("Variant"), {"fields": ("color", "color_name", "color_name_zh", "color_hex", "storage_gb", "attributes")}),
    )

    class Media:
        css = {"all": ("catalog/css/admin_products.css", "recommender/admin.css")}
        js = ("recommender/admin-live.js",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        """With what the list shows."""
        return super().get_queryset(request).select_related("family__brand").prefetch_related("images")

    def get_changelist_form(self, request: HttpRequest, **kwargs: Any) -> type[forms.ModelForm[Product]]:
        """The rows' fields, each with a name of its own: the column's and the product's."""
        form: type[forms.ModelForm[Product]] = super().get_changelist_form(request, **kwargs)

        class Named(form):  # type: ignore[misc,valid-type]
            def __init__(self, *args: Any, **options: Any) -> None:
                super().__init__(*args, **options)
                for field in self.fields.values():
                    field.widget.attrs["aria-label"] = f"{field.label}: {self.instance}"

        return Named

    @admin.display(description=_("its shelf"))
    def shelf(self, product: Product) -> SafeString | str:
        """A link to what the product's shelf shows, and why."""
        if product.pk is None:
            return "-"
        return format_html('<a href="{}">{}</a>', preview_url(product), _("What it shows, and why"))

    @admin.display(description=_("looks like"))
    def likeness(self, product: Product) -> SafeString | str:
        """Copies of its pictures elsewhere, and what looks like it."""
        return likeness_panel(product)

    @admin.display(description=_("picture"))
    def thumbnail(self, product: Product) -> SafeString | str:
        """The main picture."""
        image = product.main_image
        if image is None:
            return "-"
        return format_html('<img src="{}" width="48" height="48" alt="" loading="lazy">', image.thumbnail.url)

    @admin.display(description=_("brand"), ordering="family__brand__name")
    def brand(self, product: Product) -> str:
        """The maker."""
        return product.brand_name

    @admin.action(description=_("Hide selected products"), permissions=["change"])
    def hide(self, request: HttpRequest, products: QuerySet[Product]) -> HttpResponse | None:
        """Ask, then take the products out of the shop."""
        shown = products.filter(is_visible=True)
        if shown.exists() and not confirmed(request):
            return ask(
                self,
                request,
                shown,
                title=_("Hide these products?"),
                text=_("They leave the shop and all its shelves at once. You can show them again in the same way."),
                yes=_("Yes, hide them"),
            )
        self._tell(request, shown.update(is_visible=False))
        return None

    @admin.action(description=_("Show selected products"), permissions=["change"])
    def show(self, request: HttpRequest, products: QuerySet[Product]) -> HttpResponse | None:
        """Ask, then put the products into the shop."""
        hidden = products.filter(is_visible=False)
        if hidden.exists() and not confirmed(request):
            return ask(
                self,
                request,
                hidden,
                title=_("Show these products?"),
                text=_("Everybody sees them in the shop at once. You can hide them again in the same way."),
                yes=_("Yes, show them"),
            )
        self._tell(request, hidden.update(is_visible=True))
        return None

    @admin.action(description=_("Restock selected products"), permissions=["change"])
    def restock(self, request: HttpRequest, products: QuerySet[Product]) -> HttpResponse | None:
        """Ask how many pieces came in, then add them."""
        form = RestockForm(request.POST if confirmed(request) else None)
        if not form.is_valid():
            return ask(
                self,
                request,
                products,
                title=_("Restock these products?"),
                text=_("The pieces are added to what each of them has, which is given in brackets."),
                yes=_("Yes, add them to the stock"),
                form=form,
                name=lambda product: f"{product} ({product.stock})",
            )
        self._tell(request, products.update(stock=F("stock") + form.cleaned_data["pieces"]))
        return None

    @admin.action(description=_("Embed the pictures of selected products again"), permissions=["change"])
    def embed_again(self, request: HttpRequest, products: QuerySet[Product]) -> HttpResponse | None:
        """Ask, then look at the pictures again, also at those that failed."""
        return embed_products_again(self, request, products)

    def _tell(self, request: HttpRequest, n: int) -> None:
        text = ngettext("%(n)d product was changed.", "%(n)d products were changed.", n) % {"n": n}
        self.message_user(request, text, messages.SUCCESS if n else messages.WARNING)
