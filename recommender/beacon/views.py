"""Events of a page, as a form: the browser's `sendBeacon` can send nothing else together with a CSRF token."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect, JsonResponse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.http import require_POST

from recommender.services import consent, dismissing, tracking, visitors

MAX_EVENTS = 100
_MAX_CHARACTERS = 100_000


@never_cache
@csrf_protect
@require_POST
def events(request: HttpRequest) -> HttpResponse:
    """What became of the batch in the field `events`, a JSON list; 204 where the visitor does not agree."""
    if not consent.allows(request):
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    batch = _batch(request.POST.get("events", ""))
    if batch is None:
        return HttpResponseBadRequest("Send a form with the field events: a JSON list of 1 to 100 events.")
    result = tracking.record_batch(lambda: visitors.required(request), batch)
    return JsonResponse({"accepted": result.accepted, "duplicates": result.duplicates, "refused": len(result.errors)})


@never_cache
@csrf_protect
@require_POST
def dismiss(request: HttpRequest) -> HttpResponse:
    """Take a product out of the visitor's shelves, or with the field `undo` show it again.

    A script gets 204; a browser without scripts is sent back with a message.
    """
    given = request.POST
    key = given.get("dismiss") or given.get("undo") or ""
    if "undo" in given:
        text = dismissing.show_again(request, key)
    else:
        text = dismissing.dismiss(request, key, given.get("recommendation", ""))
    if request.headers.get("Accept", "").startswith("application/json"):
        return HttpResponse(status=HTTPStatus.NO_CONTENT if text else HTTPStatus.NOT_FOUND)
    if text:
        messages.success(request, text, extra_tags="dismissal", fail_silently=True)
    else:
        messages.warning(request, _("That could not be kept."), fail_silently=True)
    return HttpResponseRedirect(_back(request))


def _batch(text: str) -> list[Any] | None:
    """The events; None for what is no batch."""
    try:
        batch = json.loads(text) if len(text) <= _MAX_CHARACTERS else None
    except (ValueError, RecursionError):
        return None
    return batch if isinstance(batch, list) and 0 < len(batch) <= MAX_EVENTS else None


def _back(request: HttpRequest) -> str:
    """The page that the form was on, if it is one of this site."""
    for address in (request.POST.get("next", ""), request.headers.get("Referer", "")):
        if url_has_allowed_host_and_scheme(address, {request.get_host()}, require_https=request.is_secure()):
            return address
    return "/"
