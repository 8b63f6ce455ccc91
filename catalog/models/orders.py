"""Orders: what was bought, as it was at that moment. Lines keep title and price when the product goes."""

import secrets
from decimal import Decimal

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.models.products import Product

_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def new_reference() -> str:
    """A random order number of 60 bits, without letters that read like digits."""
    return "".join(secrets.choice(_ALPHABET) for _position in range(12))


class Order(models.Model):
    """One purchase by a customer, a guest, or a shopper of an imported history."""

    class Status(models.TextChoices):
        """Where an order is on its way."""

        PAID = "paid", _("paid")
        SHIPPED = "shipped", _("shipped")
        DELIVERED = "delivered", _("delivered")
        CANCELLED = "cancelled", _("cancelled")
        REFUNDED = "refunded", _("refunded")

    reference = models.CharField(_("order number"), max_length=20, unique=True, default=new_reference, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="orders",
        verbose_name=_("user"),
    )
    external_reference = models.CharField(
        _("order number in an imported history"), max_length=100, null=True, blank=True, unique=True, editable=False
    )
    external_user = models.CharField(
        _("shopper in an imported history"), max_length=150, blank=True, editable=False, db_index=True
    )
    checkout_token = models.UUIDField(_("checkout token"), null=True, unique=True, editable=False)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.PAID)
    email = models.EmailField(_("e-mail"), blank=True)
    name = models.CharField(_("name"), max_length=150, blank=True)
    address = models.CharField(_("address"), max_length=255, blank=True)
    postcode = models.CharField(_("postcode"), max_length=20, blank=True)
    city = models.CharField(_("city"), max_length=100, blank=True)
    country = models.CharField(_("country"), max_length=2, blank=True)
    placed_at = models.DateTimeField(_("placed"), default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("order")
        verbose_name_plural = _("orders")
        ordering = ["-placed_at", "-id"]

    def __str__(self) -> str:
        return self.reference

    @property
    def total(self) -> Decimal:
        """The sum of the lines; no query when they are prefetched."""
        return sum((line.total for line in self.lines.all()), Decimal(0))


class OrderLine(models.Model):
    """One product of an order. A returned product is a line with a negative quantity."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines", verbose_name=_("order"))
    product = models.ForeignKey(
        Product, on_delete=models.SET_NULL, null=True, related_name="order_lines", verbose_name=_("product")
    )
    sku = models.CharField(_("article number"), max_length=64)
    title = models.CharField(_("title"), max_length=255)
    quantity = models.IntegerField(_("quantity"))
    unit_price = models.DecimalField(_("unit price (EUR)"), max_digits=12, decimal_places=4, null=True)
    position = models.PositiveBigIntegerField(
        _("position"), help_text=_("The line's place in the order, or its line number in an imported history.")
    )

    class Meta:
        verbose_name = _("order line")
        verbose_name_plural = _("order lines")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["order", "sku", "position"], name="catalog_order_line_once"),
            models.CheckConstraint(condition=~models.Q(quantity=0), name="catalog_order_line_quantity"),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.title}"

    @property
    def total(self) -> Decimal:
        """Quantity times price; nothing where an imported history has no price."""
        return self.quantity * (self.unit_price or Decimal(0))
