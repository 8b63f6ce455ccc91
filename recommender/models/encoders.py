"""Image encoders as versioned artefacts: how to build each one that the shop's pictures are embedded by."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class EncoderVersion(models.Model):
    """One encoder that every picture is embedded by: the live one, a candidate, or the former one.

    Which one is live, the active snapshot says: switching and rolling back stay the change of one row.
    """

    version = models.CharField(_("version"), max_length=100, unique=True)
    engine = models.JSONField(_("engine"), help_text=_("dotted path of the class, and its options"))
    dimension = models.PositiveIntegerField(_("dimension"))
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("encoder")
        verbose_name_plural = _("encoders")
        ordering = ["id"]

    def __str__(self) -> str:
        return self.version
