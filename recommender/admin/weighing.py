"""The page of block weights: sliders, look-alikes of real products with and without the change, and the change."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from recommender import tasks
from recommender.admin.confirming import confirmed, question
from recommender.conf import settings
from recommender.exceptions import RecommenderError
from recommender.models import Snapshot
from recommender.services import balancing, reweighing, suggesting, versioning, weighing
from recommender.services.weighing import Weighing

_PREFIX = "weight-"
_MOST = 100
_LABELS = "labels"
_LOOKED_AT = 600
"""Products by which weights are suggested while a person waits: a second or two."""


def weighing_view(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """What other weights of colour, texture and shape would do."""
    if not request.user.has_perm("recommender.view_snapshot"):
        raise PermissionDenied
    text = request.GET.get("q", "").strip()
    key = suggesting.key_in(text) or text
    note = ""
    advice = None
    try:
        weights: Mapping[str, int] | None
        if _LABELS in request.GET:
            advice = balancing.advise(list(filter(None, request.GET.getlist(_LABELS))), most=_LOOKED_AT)
            weights = advice.weights if advice.is_better else None
        else:
            weights = _weights(request)
        found = weighing.weigh(weights, key)
    except RecommenderError as error:
        note = str(error)
        found = weighing.weigh(None, key)
    except ValueError:
        note = _("Give at least one part a weight above 0, and none below.")
        found = weighing.weigh(None, key)
    context = {
        "title": _("Weights of looks"),
        "weighing": found,
        "q": text,
        "note": note,
        "advice": advice,
        "labels": balancing.known_labels(),
        "label": request.GET.get(_LABELS, ""),
        "may_use": request.user.has_perm("recommender.change_snapshot"),
        "chosen": _chosen(found),
        "command": ",".join(f"{share.name}={share.wanted}" for share in found.shares) if _is_by_command() else "",
    }
    return TemplateResponse(request, "admin/recommender/weighing.html", site.each_context(request) | context)


def use_view(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Ask, then have a worker put the weights live."""
    if not request.user.has_perm("recommender.change_snapshot"):
        raise PermissionDenied
    page = reverse("admin:recommender_weighing")
    try:
        found = weighing.weigh(_weights(request))
    except ValueError:
        found = None
    if found is None or not found.is_possible:
        messages.warning(request, _("Choose other weights than those in use first."))
        return HttpResponseRedirect(page)
    if not confirmed(request):
        return question(
            site,
            request,
            Snapshot,
            title=_("Use these weights?"),
            yes=_("Yes, use them"),
            back=f"{page}?{_chosen(found)}",
            template="admin/recommender/weighing_use.html",
            shares=found.shares,
            given_up=[one.version for one in versioning.standings() if one.state == "candidate"],
        )
    return _use(request, found)


def _use(request: HttpRequest, found: Weighing) -> HttpResponse:
    if _is_by_command():
        messages.warning(request, _("This shop has no workers. Use the commands on this page."))
        return HttpResponseRedirect(f"{reverse('admin:recommender_weighing')}?{_chosen(found)}")
    try:
        version = versioning.prepare(reweighing.engine_with({one.name: one.wanted for one in found.shares})).version
    except RecommenderError as error:
        messages.error(request, str(error))
        return HttpResponseRedirect(reverse("admin:recommender_weighing"))
    if tasks.dispatch_switch(version):
        text = _("A worker makes the vectors and the shelves anew with these weights, and then switches to them.")
        messages.success(request, text)
    else:
        versioning.give_up(version)
        messages.error(request, _("The broker does not answer. Start it, and try again."))
    return HttpResponseRedirect(reverse("admin:recommender_encoders"))


def _is_by_command() -> bool:
    return settings.TASKS == "inline"


def _chosen(found: Weighing) -> str:
    """The weights as this page and the question take them."""
    return urlencode({f"{_PREFIX}{share.name}": share.wanted for share in found.shares})


def _weights(request: HttpRequest) -> dict[str, int] | None:
    """The weights of the form; None when it was not sent.

    Raises:
        ValueError: for what is no whole number of hundredths.
    """
    sent = {name.removeprefix(_PREFIX): text for name, text in request.GET.items() if name.startswith(_PREFIX)}
    weights = {name: int(str(text)) for name, text in sent.items()}
    if any(not 0 <= weight <= _MOST for weight in weights.values()):
        raise ValueError(f"Weights are 0 to {_MOST}.")
    return weights or None
