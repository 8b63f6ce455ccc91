"""Light or dark."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from catalog import appearance
from catalog.views.addresses import back


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Remember the chosen theme and go back."""
    response = back(request)
    appearance.remember(response, request.POST.get("theme", ""))
    return response
