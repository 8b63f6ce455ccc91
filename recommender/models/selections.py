"""Selections: what was tried, how the candidates compared, and which of them went live."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Selection(models.Model):
    """One search for the best way to learn from the shop's history, and the gate's verdict on it."""

    class Verdict(models.TextChoices):
        """What came of it."""

        LEARNED = "learned", _("learned")
        KEPT = "kept", _("kept as it was")
        DEFAULTS = "defaults", _("defaults")
        SINGLE = "single", _("one signal alone")
        TOO_LITTLE = "too_little", _("not enough history to judge")

    verdict = models.CharField(_("verdict"), max_length=20, choices=Verdict)
    winner = models.CharField(_("went live"), max_length=40, blank=True)
    n_events = models.PositiveBigIntegerField(_("events"), default=0)
    n_positives = models.PositiveBigIntegerField(_("held-out choices"), default=0)
    n_judges = models.PositiveIntegerField(_("visitors who judged"), default=0)
    n_steps = models.PositiveIntegerField(_("steps that judged"), default=0)
    seed = models.BigIntegerField(_("seed"), default=0)
    budget_seconds = models.FloatField(_("seconds allowed"), default=0)
    seconds = models.FloatField(_("seconds"), default=0)
    pinned = models.JSONField(_("named by the settings"), default=list, blank=True)
    candidates = models.JSONField(_("candidates"), default=list, blank=True)
    trials = models.JSONField(_("trials"), default=list, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("selection")
        verbose_name_plural = _("selections")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self._meta.verbose_name} #{self.pk}: {self.get_verdict_display()}"
