"""The overview page: what works and what is missing, what is served, what failed, what runs, and training."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from recommender import tasks
from recommender.admin.confirming import confirmed, question, told_where
from recommender.admin.jobs import progress_bar, state_badge
from recommender.conf import settings
from recommender.models import ImageEmbedding, Job, Snapshot
from recommender.services import catching_up
from recommender.services.diagnosing import diagnose, gather
from recommender.services.previewing import behaviour_share

_CURVE_EVENTS = (0, 1, 2, 5, 10, 20, 30, 50, 75, 100, 150, 200)


def overview_view(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Everything on one page; no more queries for a large shop than for a small one."""
    if not request.user.has_perm("recommender.view_snapshot"):
        raise PermissionDenied
    diagnosis = diagnose(gather())
    facts = diagnosis.facts
    failed = ImageEmbedding.objects.filter(status=ImageEmbedding.Status.FAILED, encoder_version=facts.encoder)
    context: dict[str, Any] = {
        "title": _("Overview"),
        "diagnosis": diagnosis,
        "facts": facts,
        "coverage": round(100 * facts.with_vector / facts.products) if facts.products else 0,
        "failed": failed.defer("vector").order_by("-updated_at")[:5],
        "pace": catching_up.pace(),
        "jobs": [(job, state_badge(job), progress_bar(job)) for job in Job.objects.all()[:5]],
        "may_train": request.user.has_perm("recommender.add_snapshot"),
        "by_command": settings.TASKS == "inline",
        "curve": _curve(facts.snapshot),
    }
    return TemplateResponse(request, "admin/recommender/overview.html", site.each_context(request) | context)


def train_view(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Ask, then have a worker train, and say where its progress shows."""
    if not request.user.has_perm("recommender.add_snapshot"):
        raise PermissionDenied
    if not confirmed(request):
        return question(
            site,
            request,
            Snapshot,
            title=_("Train now?"),
            text=_(
                "A worker learns from all events and pictures and publishes a new snapshot. The shelves stay as they "
                "are until it is done, and you can roll back to what they show now."
            ),
            yes=_("Yes, train now"),
            back=reverse("admin:recommender_overview"),
        )
    if tasks.dispatch_training():
        text = _("The training is on its way to a worker; it appears under the jobs in a moment.")
        address = reverse("admin:recommender_job_changelist") + "?kind__exact=train"
        messages.success(request, told_where(request, text, "recommender.view_job", address, _("See how far it is")))
    elif settings.TASKS == "inline":
        messages.warning(request, _("This shop has no workers. Run “manage.py recommender_train”."))
    else:
        messages.error(request, _("The broker does not answer. Start it, or run “manage.py recommender_train”."))
    return HttpResponseRedirect(reverse("admin:recommender_overview"))


def _curve(snapshot: Snapshot | None) -> dict[str, Any]:
    """How the weight of behaviour grows with a product's events, in the units of a 200 x 100 drawing."""
    strengths = (snapshot.config if snapshot else {}).get("item_blend", {}).get("strengths", settings.STRENGTHS)
    strength = float(strengths.get("collaborative", 1.0))
    points = [(events, 100 * (1 - behaviour_share(events, strength))) for events in _CURVE_EVENTS]
    return {
        "points": " ".join(f"{x:.0f},{y:.1f}" for x, y in points),
        "strength": strength,
        "samples": [(events, round(100 * behaviour_share(events, strength))) for events in (0, 5, 20, 50, 100, 200)],
    }
