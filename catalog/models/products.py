"""What the shop sells: a brand's families (one phone model each) and their products (one colour and storage each)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from catalog import wording

if TYPE_CHECKING:
    from catalog.models.pictures import ProductImage

CURRENCY = "EUR"


def validate_attributes(value: object) -> None:
    """Accept an object of texts, which is what pages and explanations can show."""
    if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
        raise ValidationError(_('Names and texts, for example {"Case": "aluminium"}.'))


def _is_chinese() -> bool:
    return (get_language() or "").startswith("zh")


class Brand(models.Model):
    """A maker of phones."""

    name = models.CharField(_("name"), max_length=100, unique=True)

    class Meta:
        verbose_name = _("brand")
        verbose_name_plural = _("brands")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Family(models.Model):
    """The variants of one phone: everything that does not depend on colour and storage."""

    key = models.CharField(
        _("key"), max_length=150, unique=True, help_text=_("Stable name used by imports, for example nova-x2.")
    )
    name = models.CharField(_("name"), max_length=200, blank=True)
    brand = models.ForeignKey(
        Brand, on_delete=models.PROTECT, null=True, blank=True, related_name="families", verbose_name=_("brand")
    )
    category = models.CharField(_("category"), max_length=80, blank=True, db_index=True)
    released_on = models.DateField(_("released on"), null=True, blank=True)
    description = models.TextField(_("description"), blank=True)
    description_zh = models.TextField(_("description in Chinese"), blank=True)

    screen_inches = models.DecimalField(_("screen (inches)"), max_digits=4, decimal_places=2, null=True, blank=True)
    refresh_hz = models.PositiveSmallIntegerField(_("refresh rate (Hz)"), null=True, blank=True)
    chip = models.CharField(_("chip"), max_length=100, blank=True)
    ram_gb = models.PositiveSmallIntegerField(_("memory (GB)"), null=True, blank=True)
    cameras = models.CharField(
        _("rear cameras"), max_length=150, blank=True, help_text=_("For example 50 + 12 + 10 MP.")
    )
    front_camera = models.CharField(_("front camera"), max_length=100, blank=True)
    battery_mah = models.PositiveIntegerField(_("battery (mAh)"), null=True, blank=True)
    charging_watts = models.PositiveSmallIntegerField(_("charging (W)"), null=True, blank=True)
    width_mm = models.DecimalField(_("width (mm)"), max_digits=5, decimal_places=1, null=True, blank=True)
    height_mm = models.DecimalField(_("height (mm)"), max_digits=5, decimal_places=1, null=True, blank=True)
    thickness_mm = models.DecimalField(_("thickness (mm)"), max_digits=5, decimal_places=1, null=True, blank=True)
    weight_g = models.PositiveSmallIntegerField(_("weight (g)"), null=True, blank=True)

    class Meta:
        verbose_name = _("family")
        verbose_name_plural = _("families")
        ordering = ["name", "key"]

    def __str__(self) -> str:
        return self.name or self.key

    @property
    def text(self) -> str:
        """The description in the page's language, else in English."""
        return self.description_zh if _is_chinese() and self.description_zh else self.description


class ProductQuerySet(models.QuerySet["Product"]):
    """Products, with the filters every page needs."""

    def available(self) -> ProductQuerySet:
        """Those a visitor may see and buy now."""
        return self.filter(self.model.AVAILABLE)

    def visible(self) -> ProductQuerySet:
        """Those a visitor may see, sold out or not."""
        return self.filter(is_visible=True)

    def for_cards(self) -> ProductQuerySet:
        """With everything that a card shows already loaded: two queries whatever the number of products."""
        return self.select_related("family__brand").prefetch_related("images")


class Product(models.Model):
    """One phone in one colour and storage size: what a visitor buys."""

    AVAILABLE = models.Q(is_visible=True, stock__gt=0)

    sku = models.CharField(_("article number"), max_length=64, unique=True)
    title = models.CharField(_("title"), max_length=255, blank=True)
    family = models.ForeignKey(Family, on_delete=models.CASCADE, related_name="products", verbose_name=_("family"))
    color = models.CharField(_("colour"), max_length=60, blank=True, db_index=True, help_text=_("A plain word: blue."))
    color_name = models.CharField(_("maker's colour name"), max_length=80, blank=True)
    color_name_zh = models.CharField(_("maker's colour name in Chinese"), max_length=80, blank=True)
    color_hex = models.CharField(
        _("swatch"),
        max_length=7,
        blank=True,
        validators=[RegexValidator(r"^#[0-9a-fA-F]{6}\Z", _("A colour such as #1d4ed8."))],
    )
    storage_gb = models.PositiveIntegerField(_("storage (GB)"), null=True, blank=True, db_index=True)
    price = models.DecimalField(
        _("price (EUR)"), max_digits=10, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    stock = models.PositiveIntegerField(_("in stock"), default=0)
    is_visible = models.BooleanField(_("visible"), default=True)
    attributes = models.JSONField(
        _("more attributes"),
        default=dict,
        blank=True,
        validators=[validate_attributes],
        help_text=_("Names and values shown with the specifications."),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    objects = ProductQuerySet.as_manager()

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ["family", "color", "storage_gb", "id"]
        indexes = [models.Index(fields=["is_visible", "stock"], name="catalog_product_available")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(price__isnull=True) | models.Q(price__gte=0), name="catalog_price_not_negative"
            ),
        ]

    def __str__(self) -> str:
        name = self.title or self.sku
        if self.color_name and self.color_name_zh and _is_chinese():
            return name.replace(self.color_name, self.color_name_zh)
        return name

    def get_absolute_url(self) -> str:
        """The product page; the words in the address follow the title and are the same in every language."""
        words = slugify(self.title or self.sku, allow_unicode=True)[:80]
        return reverse("catalog:product", args=[self.pk, words or "item"])

    def clean(self) -> None:
        """An empty form field means no attributes, whatever JSON it holds."""
        super().clean()
        self.attributes = self.attributes or {}

    @property
    def variant_name(self) -> str:
        """What the title adds to the name of the family, such as "256 GB Glacier Blue"; empty where it adds nothing."""
        name, family = str(self), self.family.name
        return name[len(family) :].strip() if family and name.startswith(f"{family} ") else ""

    @property
    def brand_name(self) -> str:
        """The maker's name, or nothing."""
        return self.family.brand.name if self.family.brand else ""

    @property
    def color_label(self) -> str:
        """The colour as its maker calls it, else the plain word, in the page's language."""
        own = self.color_name_zh if self.color_name_zh and _is_chinese() else self.color_name
        return own or wording.color_label(self.color)

    @property
    def is_available(self) -> bool:
        """Whether a visitor may see it and some are in stock."""
        return self.is_visible and self.stock > 0

    @property
    def can_be_bought(self) -> bool:
        """Available, and with a price: imported ranges may have none."""
        return self.is_available and self.price is not None

    @property
    def main_image(self) -> ProductImage | None:
        """The first picture; no query when `images` is prefetched."""
        return next(iter(self.images.all()), None)
