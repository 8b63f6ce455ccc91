"""Baskets: what a guest or a customer means to buy, with the price they saw."""

import uuid
from decimal import Decimal

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models.products import Product

MAX_QUANTITY = 10


class Basket(models.Model):
    """A customer's basket, or a guest's whose random id lies in the session."""

    id = models.UUIDField(_("id"), primary_key=True, default=uuid.uuid4, editable=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="basket",
        verbose_name=_("user"),
    )
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("basket")
        verbose_name_plural = _("baskets")

    def __str__(self) -> str:
        return str(self.id)


class BasketLine(models.Model):
    """One product in a basket. It outlives the product, so that the basket can say what went away."""

    basket = models.ForeignKey(Basket, on_delete=models.CASCADE, related_name="lines", verbose_name=_("basket"))
    product = models.ForeignKey(
        Product, on_delete=models.SET_NULL, null=True, related_name="+", verbose_name=_("product")
    )
    title = models.CharField(_("title"), max_length=255)
    quantity = models.PositiveSmallIntegerField(_("quantity"), default=1)
    price_seen = models.DecimalField(_("price seen"), max_digits=10, decimal_places=2)
    added_at = models.DateTimeField(_("added"), auto_now_add=True)

    class Meta:
        verbose_name = _("basket line")
        verbose_name_plural = _("basket lines")
        ordering = ["added_at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["basket", "product"], name="catalog_basket_product_once"),
            models.CheckConstraint(
                condition=models.Q(quantity__gte=1, quantity__lte=MAX_QUANTITY), name="catalog_basket_quantity"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} x {self.title}"

    @property
    def name(self) -> str:
        """The product as it is called now, in the page's language; as it was called when it is gone."""
        return str(self.product) if self.product else self.title

    @property
    def total(self) -> Decimal:
        """Quantity times the price seen."""
        return self.quantity * self.price_seen
