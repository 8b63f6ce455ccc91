"""Whether anything may be remembered about a visitor."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.module_loading import import_string

from recommender.conf import settings
from recommender.services.bots import is_bot


def allows(request: HttpRequest) -> bool:
    """Whether events of this request may be stored.

    `Sec-GPC: 1` and `DNT: 1` always say no, as do we for bots; otherwise the shop's hook `RECOMMENDER["CONSENT"]`
    decides. Every door for events asks here.
    """
    if is_bot(request) or request.headers.get("Sec-GPC") == "1" or request.headers.get("DNT") == "1":
        return False
    return bool(import_string(settings.CONSENT)(request))


def allows_by_default(request: HttpRequest) -> bool:
    """The default hook: yes. A shop that asks its visitors first names its own."""
    return True
