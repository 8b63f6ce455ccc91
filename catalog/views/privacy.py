"""What the shop knows about a visitor: shown, taken away, deleted."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from catalog import consent, portrait
from recommender.services import dismissing, forgetting, profiling, visitors


@never_cache
@require_safe
def about_you(request: HttpRequest) -> HttpResponse:
    """The visitor's profile in words."""
    visitor = visitors.from_request(request)
    context = {
        "profile": portrait.portray(profiling.describe(visitor)),
        "remembers": consent.agreed(request),
        "dismissed": dismissing.dismissed(visitor),
    }
    return render(request, "catalog/about_you.html", context)


@never_cache
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """Everything stored about the visitor, as a JSON file."""
    visitor = visitors.from_request(request)
    response = JsonResponse(profiling.export(visitor) if visitor else {"events": []}, json_dumps_params={"indent": 2})
    response["Content-Disposition"] = 'attachment; filename="about-me.json"'
    return response


@require_POST
def forget(request: HttpRequest) -> HttpResponse:
    """Delete what is known about the visitor. Orders stay: the shop has to keep its books."""
    visitor = visitors.from_request(request)
    if visitor is not None:
        forgetting.forget_visitor(visitor)
    messages.success(request, _("Everything we knew about your browsing is deleted."))
    return redirect("catalog:about_you")


@require_POST
def remember(request: HttpRequest) -> HttpResponse:
    """Switch remembering on or off."""
    response = redirect("catalog:about_you")
    wanted = request.POST.get("remember") == "1"
    consent.keep(response, agreed=wanted)
    messages.success(request, _("We remember again.") if wanted else _("From now on we remember nothing."))
    return response
