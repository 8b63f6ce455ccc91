"""Jobs: what runs, how far it is, and what stopped it."""

from __future__ import annotations

from django.contrib import admin
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from recommender.admin.readonly import ReadOnlyAdmin, badge
from recommender.models import Job
from recommender.services import jobs


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    """Runs of long work, newest first."""

    class Media:
        js = ("recommender/admin-live.js",)

    list_display = ("name", "status", "bar", "said", "started_at", "duration")
    list_filter = ("kind", "state")
    fields = readonly_fields = (
        "name",
        "status",
        "bar",
        "said",
        "started_at",
        "heartbeat_at",
        "finished_at",
        "duration",
    )

    @admin.display(description=_("job"), ordering="pk")
    def name(self, job: Job) -> str:
        """What it does, and its number."""
        return str(job)

    @admin.display(description=_("state"), ordering="state")
    def status(self, job: Job) -> SafeString:
        """Running, done or failed."""
        return state_badge(job)

    @admin.display(description=_("progress"))
    def bar(self, job: Job) -> SafeString | str:
        """How far it is, drawn and in numbers."""
        return progress_bar(job)

    @admin.display(description=_("message"))
    def said(self, job: Job) -> str:
        """What it does now, or what stopped it."""
        return job.said

    @admin.display(description=_("took"))
    def duration(self, job: Job) -> str:
        """How long it ran, or has been running."""
        seconds = round(((job.finished_at or timezone.now()) - job.started_at).total_seconds())
        if seconds < 120:
            return gettext("%(n)s s") % {"n": seconds}
        return gettext("%(n)s min") % {"n": round(seconds / 60)}


def state_badge(job: Job) -> SafeString:
    """The job's state; a running one of which nothing is heard says so."""
    if jobs.is_silent(job):
        return badge("failed", gettext("no sign of life"))
    return badge(job.state, job.get_state_display())


def progress_bar(job: Job) -> SafeString | str:
    """A bar with its numbers, kept up to date by the page while the job runs; a dash for one that counts nothing."""
    live = "running" if job.state == Job.State.RUNNING and not jobs.is_silent(job) else ""
    if not job.total:
        shown: SafeString | str = f"{job.done:,}" if job.done else "—"
    else:
        shown = format_html(
            '<progress class="rec-progress" max="{}" value="{}" aria-label="{}"></progress> {} / {}',
            job.total,
            job.done,
            gettext("progress"),
            f"{job.done:,}",
            f"{job.total:,}",
        )
    return format_html('<span id="rec-job-{}" data-live="{}">{}</span>', job.pk, live, shown)
