"""Long work: who runs, how far, and what stopped it."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class Job(models.Model):
    """One run of a long task. At most one of a kind runs at a time; the end of its process, or a silent
    heartbeat, frees the place."""

    class Kind(models.TextChoices):
        """The kinds of long work."""

        TRAIN = "train", _("training")
        EMBED = "embed", _("embedding")
        IMPORT = "import", _("import")
        VISION = "vision", _("training to see")

    class State(models.TextChoices):
        """How a run stands."""

        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")

    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.RUNNING)
    done = models.PositiveIntegerField(_("done"), default=0)
    total = models.PositiveIntegerField(_("of"), default=0)
    message = models.CharField(_("message"), max_length=500, blank=True)
    started_at = models.DateTimeField(_("started"), default=timezone.now)
    heartbeat_at = models.DateTimeField(_("last sign of life"), default=timezone.now)
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    process = models.CharField(_("process"), max_length=80, blank=True, editable=False)

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind"], condition=models.Q(state="running"), name="recommender_one_job_a_kind"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} #{self.pk}"

    @property
    def said(self) -> str:
        """The message in the language of who reads, where it is a step that has a name there."""
        return gettext(self.message) if self.message else ""
