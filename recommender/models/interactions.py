"""What people did: visitors, and events that outlive the products they speak of."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommender.conf import product_model_label


class InteractionKind(models.TextChoices):
    """What a visitor did with a product."""

    VIEW = "view", _("viewed")
    CLICK = "click", _("clicked")
    FAVOURITE = "favourite", _("kept as favourite")
    CART = "cart", _("put into the basket")
    REMOVE = "remove", _("taken out of the basket")
    DISMISS = "dismiss", _("not wanted")
    PURCHASE = "purchase", _("bought")
    REFUND = "refund", _("returned")


class Visitor(models.Model):
    """A user, or a guest known only by a random UUID."""

    id = models.UUIDField(_("id"), primary_key=True, default=uuid.uuid4, editable=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("user"),
    )
    external_id = models.CharField(
        _("id in an imported history"), max_length=150, null=True, blank=True, unique=True, editable=False
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now)

    class Meta:
        verbose_name = _("visitor")
        verbose_name_plural = _("visitors")

    def __str__(self) -> str:
        return str(self.id)


class Interaction(models.Model):
    """One event. The product key has no database constraint: deleting a product must not erase or load its history.

    One that a recommended list led to says which: by its own recommendation id, or by the visitor's last touch.
    """

    visitor = models.ForeignKey(Visitor, on_delete=models.CASCADE, related_name="+", verbose_name=_("visitor"))
    product = models.ForeignKey(
        product_model_label(),
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="+",
        verbose_name=_("product"),
    )
    kind = models.CharField(_("kind"), max_length=20, choices=InteractionKind)
    occurred_at = models.DateTimeField(_("when"), db_index=True)
    quantity = models.IntegerField(_("quantity"), default=1)
    price = models.DecimalField(_("unit price"), max_digits=12, decimal_places=4, null=True, blank=True)
    order_id = models.CharField(_("order"), max_length=64, blank=True)
    client_id = models.UUIDField(_("client's id of the event"))
    placement = models.CharField(_("placement"), max_length=50, blank=True, default="", editable=False)
    strategy = models.CharField(_("strategy"), max_length=40, blank=True, default="", editable=False)
    position = models.PositiveSmallIntegerField(_("place on the shelf"), null=True, blank=True, editable=False)
    # No foreign key: old snapshots are deleted, figures stay.
    snapshot = models.BigIntegerField(_("snapshot"), null=True, blank=True, editable=False)
    touched_at = models.DateTimeField(_("led here by a shelf on"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("received"), auto_now_add=True)

    class Meta:
        verbose_name = _("interaction")
        verbose_name_plural = _("interactions")
        constraints = [
            # client_id first: a backfill asks for order lines without knowing which visitor they were stored under.
            models.UniqueConstraint(fields=["client_id", "visitor"], name="recommender_interaction_once"),
        ]
        indexes = [
            models.Index(fields=["visitor", "-occurred_at"], name="recommender_visitor_recent"),
            # Each shelf asks for a visitor's few dismissals; other events must not pay for that.
            models.Index(fields=["visitor", "product"], condition=Q(kind="dismiss"), name="recommender_dismissed"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.product_id}"
