"""What belongs to nobody: lists that were really seen, searches, and the products that were shown on a day.

None of these rows names a visitor. They are many, so they are kept out of the table that models learn from.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from recommender.conf import product_model_label


class Impression(models.Model):
    """A recommended list that somebody really saw."""

    id = models.UUIDField(_("client's id of the event"), primary_key=True, editable=False)
    occurred_at = models.DateTimeField(_("when"), db_index=True)
    placement = models.CharField(_("placement"), max_length=50, blank=True)
    # Strategies and how many of the places seen each filled, as `recommendation_ids.write_runs` writes them.
    runs = models.CharField(_("what filled the places"), max_length=400, blank=True)
    snapshot = models.BigIntegerField(_("snapshot"), default=0)
    milliseconds = models.PositiveIntegerField(_("milliseconds"))
    places = models.PositiveSmallIntegerField(_("places seen"))

    class Meta:
        verbose_name = _("impression")
        verbose_name_plural = _("impressions")

    def __str__(self) -> str:
        return f"{self.placement} {self.runs}"


class Search(models.Model):
    """A search, without its words and without who searched."""

    id = models.UUIDField(_("client's id of the event"), primary_key=True, editable=False)
    occurred_at = models.DateTimeField(_("when"), db_index=True)
    results = models.PositiveIntegerField(_("products found"), null=True, blank=True)

    class Meta:
        verbose_name = _("search")
        verbose_name_plural = _("searches")

    def __str__(self) -> str:
        return str(self.id)


class ShownProduct(models.Model):
    """A product that somebody saw on a shelf on this day."""

    day = models.DateField(_("day"))
    product = models.ForeignKey(
        product_model_label(),
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        db_index=False,
        related_name="+",
        verbose_name=_("product"),
    )

    class Meta:
        verbose_name = _("shown product")
        verbose_name_plural = _("shown products")
        constraints = [models.UniqueConstraint(fields=["day", "product"], name="recommender_shown_once_a_day")]

    def __str__(self) -> str:
        return f"{self.day} {self.product_id}"
