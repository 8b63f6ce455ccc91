"""The figures of a day, summed from events so that no page has to count millions of them."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class DailyFigures(models.Model):
    """What one strategy did in one placement on one day, served from one snapshot.

    The row without a strategy holds what no shelf led to. Two tasks' parts stand side by side: what is counted from
    impressions, and what is counted from interactions.
    """

    day = models.DateField(_("day"))
    placement = models.CharField(_("placement"), max_length=50, blank=True)
    strategy = models.CharField(_("strategy"), max_length=40, blank=True)
    snapshot = models.BigIntegerField(_("snapshot"), default=0)

    impressions = models.PositiveBigIntegerField(_("impressions"), default=0)
    places = models.PositiveBigIntegerField(_("places seen"), default=0)
    fallbacks = models.PositiveBigIntegerField(_("places filled by a fallback"), default=0)
    latency = models.JSONField(_("lists by milliseconds"), default=dict)
    searches = models.PositiveBigIntegerField(_("searches"), default=0)
    empty_searches = models.PositiveBigIntegerField(_("searches that found nothing"), default=0)

    views = models.PositiveBigIntegerField(_("views"), default=0)
    clicks = models.PositiveBigIntegerField(_("clicks"), default=0)
    positions = models.JSONField(_("clicks by place"), default=dict)
    dismissals = models.PositiveBigIntegerField(_("dismissals"), default=0)
    carts = models.PositiveBigIntegerField(_("put into the basket"), default=0)
    purchases = models.PositiveBigIntegerField(_("order lines"), default=0)
    units = models.PositiveBigIntegerField(_("pieces sold"), default=0)
    revenue = models.DecimalField(_("revenue"), max_digits=18, decimal_places=4, default=0)

    class Meta:
        verbose_name = _("figures of a day")
        verbose_name_plural = _("measurement")
        constraints = [
            models.UniqueConstraint(
                fields=["day", "placement", "strategy", "snapshot"], name="recommender_figures_of_a_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.placement} {self.strategy}"
