"""What the shop's staff wants shown, where and when."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommender.conf import product_model_label

_PERCENT = [MinValueValidator(1), MaxValueValidator(100)]


class Rule(models.Model):
    """One merchandising rule: what is done with which products, on which shelves, from when until when."""

    class Action(models.TextChoices):
        """What is done with the products."""

        PIN = "pin", _("pin to a place")
        BOOST = "boost", _("boost")
        BURY = "bury", _("bury")
        EXCLUDE = "exclude", _("exclude")

    class Target(models.TextChoices):
        """What names the products."""

        PRODUCT = "product", _("one product")
        BRAND = "brand", _("a brand")
        ATTRIBUTE = "attribute", _("an attribute")

    class State(models.TextChoices):
        """Whether it has an effect, and if not, why."""

        LIVE = "live", _("live")
        SCHEDULED = "scheduled", _("scheduled")
        ENDED = "ended", _("ended")
        OFF = "off", _("switched off")

    name = models.CharField(_("name"), max_length=120, help_text=_("For your colleagues; shoppers never see it."))
    action = models.CharField(_("action"), max_length=10, choices=Action)
    target = models.CharField(_("applies to"), max_length=10, choices=Target, default=Target.PRODUCT)
    product = models.ForeignKey(
        product_model_label(),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("product"),
    )
    attribute = models.CharField(_("attribute"), max_length=80, blank=True)
    value = models.CharField(_("value"), max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(
        _("place"),
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        help_text=_("1 is the first place of the shelf."),
    )
    strength = models.PositiveSmallIntegerField(
        _("strength (%)"),
        default=50,
        validators=_PERCENT,
        help_text=_("How far boosted products go up and buried ones down. 100 is all the way."),
    )
    share = models.PositiveSmallIntegerField(
        _("share of places (%)"),
        default=25,
        validators=_PERCENT,
        help_text=_("At most so many of a shelf's places go to products that the rule boosts."),
    )
    placement = models.ForeignKey(
        "recommender.Placement",
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("placement"),
        help_text=_("Empty: on every shelf."),
    )
    seed_brand = models.CharField(
        _("only beside the brand"),
        max_length=200,
        blank=True,
        help_text=_("Only on pages of products of this brand."),
    )
    seed_category = models.CharField(
        _("only beside the category"),
        max_length=200,
        blank=True,
        help_text=_("Only on pages of products of this category."),
    )
    is_active = models.BooleanField(_("active"), default=True)
    starts_at = models.DateTimeField(_("from"), null=True, blank=True, help_text=_("Empty: at once."))
    ends_at = models.DateTimeField(_("until"), null=True, blank=True, help_text=_("Empty: without end."))
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    updated_at = models.DateTimeField(_("changed"), auto_now=True)

    class Meta:
        verbose_name = _("merchandising rule")
        verbose_name_plural = _("merchandising rules")
        ordering = ["-id"]
        permissions = [
            ("pin_rule", "Can pin products"),
            ("boost_rule", "Can boost products"),
            ("bury_rule", "Can bury products"),
            ("exclude_rule", "Can exclude products"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(target="product", product__isnull=False)
                | models.Q(target="brand", product__isnull=True) & ~models.Q(value="")
                | models.Q(target="attribute", product__isnull=True) & ~models.Q(value="") & ~models.Q(attribute=""),
                name="recommender_rule_has_a_target",
            ),
            models.CheckConstraint(
                condition=~models.Q(action="pin") | models.Q(target="product", position__gte=1),
                name="recommender_rule_pins_one_product",
            ),
            models.CheckConstraint(
                condition=models.Q(strength__range=(1, 100), share__range=(1, 100)), name="recommender_rule_in_percent"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def state(self) -> State:
        """Whether it has an effect now."""
        if not self.is_active:
            return self.State.OFF
        now = timezone.now()
        if self.ends_at is not None and self.ends_at <= now:
            return self.State.ENDED
        if self.starts_at is not None and self.starts_at > now:
            return self.State.SCHEDULED
        return self.State.LIVE
