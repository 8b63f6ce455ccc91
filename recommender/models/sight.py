"""What sight gives the manager: proposals for missing attributes, and pictures that want a look."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from recommender.conf import product_model_label


class Suggestion(models.Model):
    """A value proposed for an attribute that a product lacks, and what a person made of it."""

    class Status(models.TextChoices):
        """Where it stands."""

        OPEN = "open", _("to review")
        ACCEPTED = "accepted", _("accepted")
        CORRECTED = "corrected", _("corrected")
        REJECTED = "rejected", _("rejected")
        OVERTAKEN = "overtaken", _("filled in by somebody")

    class Origin(models.TextChoices):
        """Who proposes."""

        NETWORK = "network", _("trained network")
        NEIGHBOURS = "neighbours", _("look-alikes")

    product = models.ForeignKey(
        product_model_label(), on_delete=models.CASCADE, related_name="+", verbose_name=_("product")
    )
    attribute = models.CharField(_("attribute"), max_length=100)
    value = models.CharField(_("proposed value"), max_length=255)
    confidence = models.FloatField(_("confidence"))
    others = models.JSONField(_("other values"), default=list)
    origin = models.CharField(_("proposed by"), max_length=12, choices=Origin)
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.OPEN)
    answer = models.CharField(_("answer"), max_length=255, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided"), null=True, blank=True)
    created_at = models.DateTimeField(_("proposed"), default=timezone.now)

    class Meta:
        verbose_name = _("attribute suggestion")
        verbose_name_plural = _("attribute suggestions")
        ordering = ["-confidence", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["product", "attribute"], name="recommender_suggestion_once"),
            models.CheckConstraint(
                condition=models.Q(confidence__gte=0, confidence__lte=1), name="recommender_suggestion_confidence"
            ),
        ]
        indexes = [models.Index(fields=["status", "-confidence"], name="recommender_suggestion_queue")]

    def __str__(self) -> str:
        return f"{self.attribute}: {self.value}"


class Finding(models.Model):
    """A picture that wants a look. One that a person found fine stays so while pictures and labels are the same."""

    class Kind(models.TextChoices):
        """What is the matter."""

        BRAND = "brand", _("contradicts the brand")
        COLOR = "color", _("contradicts the colour")
        SHARED = "shared", _("on two different products")
        NO_PRODUCT = "no_product", _("shows no product")
        BLURRED = "blurred", _("blurred")
        SMALL = "small", _("too small")
        DUPLICATE = "duplicate", _("twice on a product")
        VIEWS = "views", _("missing views")

    kind = models.CharField(_("kind"), max_length=12, choices=Kind)
    product = models.ForeignKey(
        product_model_label(), on_delete=models.CASCADE, related_name="+", verbose_name=_("product")
    )
    image_key = models.CharField(_("picture"), max_length=255, blank=True)
    other = models.ForeignKey(
        product_model_label(),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("other product"),
    )
    other_key = models.CharField(_("other picture"), max_length=255, blank=True)
    detail = models.JSONField(_("detail"), default=dict)
    weight = models.FloatField(_("weight"), help_text=_("How grave it is, from 0 to 1."))
    fingerprint = models.CharField(_("fingerprint"), max_length=64, unique=True, editable=False)
    found_at = models.DateTimeField(_("found"), default=timezone.now)
    dismissed_at = models.DateTimeField(_("found fine"), null=True, blank=True)
    dismissed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("found fine by"),
    )

    class Meta:
        verbose_name = _("catalogue finding")
        verbose_name_plural = _("catalogue findings")
        ordering = ["-weight", "pk"]
        indexes = [models.Index(fields=["kind", "dismissed_at", "-weight"], name="recommender_finding_list")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.product_id}"


class PictureMeasure(models.Model):
    """What was measured of a picture's content, so that no picture is decoded twice for it."""

    content_hash = models.CharField(_("SHA-256 of the file"), max_length=64, primary_key=True)
    width = models.PositiveIntegerField(_("width"))
    height = models.PositiveIntegerField(_("height"))
    sharpness = models.FloatField(_("sharpness"))
    contrast = models.FloatField(_("contrast"))
    miniature = models.BinaryField(_("miniature (16 x 16 RGB)"), editable=False)

    class Meta:
        verbose_name = _("picture measure")
        verbose_name_plural = _("picture measures")

    def __str__(self) -> str:
        return f"{self.width} x {self.height}"
