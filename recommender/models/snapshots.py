"""Published artefacts: one row a snapshot; the bytes are content-addressed files in the recommender storage."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Snapshot(models.Model):
    """What the web processes serve from. Switching and rolling back change one row."""

    class Kind(models.TextChoices):
        """What a snapshot is for; one of each kind is active."""

        CATALOGUE = "catalogue", _("shelves")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind, default=Kind.CATALOGUE)
    is_active = models.BooleanField(_("active"), default=False)
    format_version = models.PositiveSmallIntegerField(_("format"))
    encoder_version = models.CharField(_("encoder"), max_length=100, blank=True)
    sequence = models.PositiveBigIntegerField(_("contains changes up to"), default=0)
    files = models.JSONField(_("files"), default=dict, help_text=_("name: SHA-256 of the file in the storage"))
    config = models.JSONField(_("configuration"), default=dict)
    metrics = models.JSONField(_("metrics"), default=dict, blank=True)
    selection = models.ForeignKey(
        "recommender.Selection",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("selection"),
        help_text=_("the search that its configuration came from"),
    )
    n_products = models.PositiveIntegerField(_("products"), default=0)
    size_bytes = models.PositiveBigIntegerField(_("size in bytes"), default=0)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    activated_at = models.DateTimeField(_("activated"), null=True, blank=True)

    class Meta:
        verbose_name = _("snapshot")
        verbose_name_plural = _("snapshots")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind"], condition=models.Q(is_active=True), name="recommender_one_active_snapshot"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} #{self.pk}"
