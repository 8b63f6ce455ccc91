"""Encoders side by side: how each stands, shelves of both; preparing one, the switch and the way back, asked first."""

from __future__ import annotations

from collections.abc import Callable
from shlex import quote
from typing import Any

from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from recommender import tasks
from recommender.admin.confirming import confirmed, question
from recommender.conf import settings
from recommender.exceptions import RecommenderError
from recommender.models import Snapshot
from recommender.services import previewing, trained, versioning
from recommender.services.side_by_side import side_by_side
from recommender.services.trained import Trained
from recommender.services.versioning import Standing


def encoders_view(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """How each encoder stands, and shelves of real products as the live one and another make them."""
    _only_who_may(request, "view")
    standings = versioning.standings()
    other = _other(standings)
    states = {one.version: one.state for one in standings}
    key = request.GET.get("product", "")
    product = previewing.find_product(key) if key else None
    context: dict[str, Any] = {
        "title": _("Encoders"),
        "standings": standings,
        "other": other,
        "is_preparing": any(one.lacking for one in standings),
        "q": key,
        "is_unknown": bool(key) and product is None,
        "may_switch": request.user.has_perm("recommender.change_snapshot"),
        "may_roll_back": any(one.state == "former" for one in standings),
        "trained": [(one, states.get(one.version, "")) for one in trained.trained()],
        "pairs": _pairs(request, other, str(product.pk) if product is not None else ""),
    }
    return TemplateResponse(request, "admin/recommender/encoders.html", site.each_context(request) | context)


def report_view(request: HttpRequest, encoder: str, site: AdminSite) -> HttpResponse:
    """What the training of an encoder found."""
    context = trained.read_report(_reported(request, encoder))
    if context is None:
        raise Http404
    context |= {"title": _("What the network learned")}
    return TemplateResponse(request, "admin/recommender/training_report.html", site.each_context(request) | context)


def report_picture_view(request: HttpRequest, encoder: str, picture: str) -> HttpResponseBase:
    """A picture of that page."""
    path = trained.report_picture(_reported(request, encoder), picture)
    if path is None:
        raise Http404
    return FileResponse(path.open("rb"), content_type="image/png")


def prepare_view(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Ask, then have workers prepare an encoder that was trained on the shop's labels as a candidate."""
    _only_who_may(request)
    found = trained.find(request.GET.get("encoder", ""))
    if found is None:
        messages.warning(request, _("There is no such trained encoder."))
        return _to_page()
    if settings.TASKS == "inline":
        command = f"manage.py recommender_encoder prepare --trained {quote(str(found.path))}"
        messages.warning(request, _("This shop has no workers. Run: %(command)s") % {"command": command})
        return _to_page()
    if not confirmed(request):
        return question(
            site,
            request,
            Snapshot,
            title=_("Prepare encoder %(version)s?") % {"version": found.version},
            yes=_("Yes, prepare it"),
            back=reverse("admin:recommender_encoders"),
            template="admin/recommender/encoder_prepare.html",
            found=found,
        )
    try:
        version = versioning.prepare(trained.engine_in(found.path)).version
    except (RecommenderError, ImproperlyConfigured) as error:
        messages.error(request, str(error))
        return _to_page()
    if tasks.dispatch_preparation(version):
        messages.success(request, _("Workers look at every picture with it. This page shows how far they are."))
    else:
        versioning.give_up(version)
        messages.error(request, _("The broker does not answer. Start it, and try again."))
    return _to_page()


def switch_view(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Ask, then have the candidate be the live encoder."""
    _only_who_may(request)
    other = next((one for one in versioning.standings() if one.state == "candidate"), None)
    if other is None:
        messages.warning(request, _("There is no candidate to switch to."))
        return _to_page()
    text = _(
        "Shelves and search by photo are made of its vectors at once. The encoder that is live now stays up to date, "
        "and you can roll back to it."
    )
    title = _("Switch to encoder %(version)s?") % {"version": other.version}
    return _asked(request, site, title, text, _("Yes, switch"), lambda: versioning.switch(other.version))


def back_view(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Ask, then have the former encoder be the live one again."""
    _only_who_may(request)
    if not any(one.state == "former" for one in versioning.standings()):
        messages.warning(request, _("No other encoder was live before."))
        return _to_page()
    text = _("What the encoder before served last is served again, with the products and pictures that came since.")
    return _asked(request, site, _("Roll back the encoder?"), text, _("Yes, roll back"), versioning.roll_back)


def _asked(
    request: HttpRequest, site: AdminSite, title: str, text: str, yes: str, act: Callable[[], Snapshot]
) -> HttpResponse:
    if not confirmed(request):
        back = reverse("admin:recommender_encoders")
        return question(site, request, Snapshot, title=title, text=text, yes=yes, back=back)
    try:
        snapshot = act()
    except RecommenderError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Encoder %(version)s is live.") % {"version": snapshot.encoder_version})
    return _to_page()


def _reported(request: HttpRequest, encoder: str) -> Trained:
    _only_who_may(request, "view")
    found = trained.find(encoder)
    if found is None:
        raise Http404
    return found


def _only_who_may(request: HttpRequest, what: str = "change") -> None:
    if not request.user.has_perm(f"recommender.{what}_snapshot"):
        raise PermissionDenied


def _to_page() -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("admin:recommender_encoders"))


def _other(standings: list[Standing]) -> Standing | None:
    """The one to compare with: a candidate before a former one."""
    others = [one for one in standings if one.state != "live" and one.snapshot is not None]
    return min(others, key=lambda one: one.state != "candidate", default=None)


def _pairs(request: HttpRequest, other: Standing | None, key: str) -> list[Any]:
    if other is None:
        return []
    try:
        return list(side_by_side(other.version, key))
    except RecommenderError as error:
        messages.error(request, str(error))
        return []
