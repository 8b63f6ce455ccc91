"""Placements: the named spots of a shop where a shelf may stand, and what each of them shows."""

from __future__ import annotations

from datetime import datetime

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

MAX_LENGTH = 48
"""Most products that a shelf holds: as many as one card query brings."""


class Strategy(models.TextChoices):
    """Where the products of a shelf come from. `services.placing.strategies` has one function for each."""

    SIMILAR = "similar", _("Similar products")
    ALSO_VIEWED = "also_viewed", _("Also viewed")
    BOUGHT_TOGETHER = "bought_together", _("Bought together")
    FOR_YOU = "for_you", _("For you")
    BECAUSE_VIEWED = "because_viewed", _("Because you viewed …")
    RECENTLY_VIEWED = "recently_viewed", _("Recently viewed")
    BUY_AGAIN = "buy_again", _("Buy again")
    TRENDING = "trending", _("Trending")
    NEW_ARRIVALS = "new_arrivals", _("New arrivals")
    SUBSTITUTES = "substitutes", _("Substitutes for what is sold out")


class Placement(models.Model):
    """One named spot. Its page names it by the slug; everything else is the shop's to change at any time."""

    class Context(models.TextChoices):
        """What the page that it stands on has at hand."""

        ANY = "any", _("any page")
        PRODUCT = "product", _("a product's page")
        BASKET = "basket", _("the basket or an order")

    class Match(models.TextChoices):
        """How a property of the shown products relates to the page's products."""

        ANY = "any", _("does not matter")
        SAME = "same", _("the same")
        OTHER = "other", _("another one")

    slug = models.SlugField(
        _("name"),
        primary_key=True,
        max_length=50,
        validators=[RegexValidator(r"^[a-z0-9_-]+$", _("Use lower case letters, digits, hyphens and underscores."))],
        help_text=_("What templates and apps call it; stays as it is."),
    )
    context = models.CharField(_("stands on"), max_length=20, choices=Context, default=Context.ANY)
    titles = models.JSONField(
        _("titles"), default=dict, blank=True, help_text=_("Language → heading; empty for the usual one.")
    )
    is_active = models.BooleanField(_("switched on"), default=True)
    starts_at = models.DateTimeField(_("shown from"), null=True, blank=True)
    ends_at = models.DateTimeField(_("shown until"), null=True, blank=True)
    length = models.PositiveSmallIntegerField(
        _("places"), default=12, validators=[MinValueValidator(1), MaxValueValidator(MAX_LENGTH)]
    )
    strategies = models.JSONField(_("strategies"), default=list)
    fallbacks = models.JSONField(_("fallbacks"), default=list, blank=True)
    brand = models.CharField(_("brand"), max_length=10, choices=Match, default=Match.ANY)
    category = models.CharField(_("category"), max_length=10, choices=Match, default=Match.ANY)
    price_from_percent = models.PositiveSmallIntegerField(_("price from, in percent"), null=True, blank=True)
    price_to_percent = models.PositiveSmallIntegerField(_("price to, in percent"), null=True, blank=True)
    in_stock = models.BooleanField(_("in stock only"), default=True)
    leave_out_seen = models.BooleanField(_("leave out what was viewed"), default=False)
    leave_out_bought = models.BooleanField(_("leave out what was bought"), default=True)
    leave_out_basket = models.BooleanField(_("leave out what is in the basket"), default=True)
    leave_out_dismissed = models.BooleanField(_("leave out what was dismissed"), default=True)
    diversity = models.FloatField(
        _("variety"), null=True, blank=True, validators=[MinValueValidator(0.0), MaxValueValidator(1.0)]
    )
    lazy = models.BooleanField(_("load when it comes into sight"), default=False)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("placement")
        verbose_name_plural = _("placements")
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.slug

    def is_shown(self, moment: datetime | None = None) -> bool:
        """Whether it is switched on and within its dates, now or at another moment."""
        now = moment or timezone.now()
        started = self.starts_at is None or self.starts_at <= now
        return self.is_active and started and (self.ends_at is None or now < self.ends_at)

    def title_in(self, language: str | None = None) -> str:
        """Its heading in a language, the active one when None; empty where the shop leaves it to the strategy.

        A regional language falls back to its general one; a heading in a foreign language helps nobody.
        """
        wanted = language or get_language() or ""
        return str(self.titles.get(wanted) or self.titles.get(wanted.partition("-")[0], ""))
