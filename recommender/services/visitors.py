"""Who is looking: a user, or a guest known by a random UUID that lives in the session or in a signed token."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.core import signing
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from recommender.conf import settings
from recommender.models import Visitor
from recommender.services import consent
from recommender.storage import interactions

SESSION_KEY = "recommender_visitor"
TOKEN_HEADER = "X-Visitor-Token"  # noqa: S105 - a header's name
_SALT = "recommender.visitor"


def from_request(request: HttpRequest, *, create: bool = False) -> Visitor | None:
    """The visitor behind a request, from its authentication, session or guest token; never from its body.

    Args:
        request: the current request; one answer is remembered on it.
        create: the visitor is about to be written about: made when there is none yet, None without consent.

    Returns:
        None for a guest who has done nothing yet, or who did not agree.
    """
    if create and not consent.allows(request):
        return None
    known: Visitor | None = getattr(request, "_recommender_visitor", None)
    if known is None:
        known = _find(request)
    if known is None and create:
        known = _create(request)
    request._recommender_visitor = known  # type: ignore[attr-defined]
    return known


def forget_answer(request: HttpRequest) -> None:
    """Let the next question look for the visitor anew."""
    request._recommender_visitor = None  # type: ignore[attr-defined]


def required(request: HttpRequest) -> Visitor:
    """The visitor behind a request that may be written about (`consent.allows`), created when there is none yet.

    Raises:
        ImproperlyConfigured: for a guest where the host has no sessions.
    """
    visitor = from_request(request, create=True)
    if visitor is None:
        raise ImproperlyConfigured("Guests of pages are known by their session: install Django's SessionMiddleware.")
    return visitor


def reader(request: HttpRequest) -> Visitor | None:
    """As `from_request`, for reading events only: a guest is not looked up, one without a row just has no events."""
    known: Visitor | None = getattr(request, "_recommender_visitor", None)
    if known is not None or _user(request):
        return from_request(request)
    guest_id = token_id(request) or _session_id(request)
    return Visitor(pk=guest_id) if guest_id else None


def issue_token() -> str:
    """A signed token for a new guest of an app. The visitor's row is made with the first event."""
    return signing.dumps(str(uuid.uuid4()), salt=_SALT)


def merge(request: HttpRequest, user: Any) -> None:
    """At login, give the events of the guest, known by token or session, to the user and forget the guest."""
    guest_id = token_id(request) or _session_id(request)
    guest = Visitor.objects.filter(pk=guest_id, user=None).first() if guest_id else None
    if guest is not None:
        with transaction.atomic():
            interactions.move(guest, of_user(user))
    if hasattr(request, "session"):
        request.session.pop(SESSION_KEY, None)
    forget_answer(request)


def of_user(user: Any) -> Visitor:
    """The user's visitor, created when missing."""
    return Visitor.objects.get_or_create(user=user)[0]


def of_guest(guest_id: uuid.UUID) -> Visitor:
    """The visitor of a guest's token, created when missing."""
    return Visitor.objects.get_or_create(pk=guest_id, defaults={"user": None})[0]


def token_id(request: HttpRequest) -> uuid.UUID | None:
    """The guest that the request's token names; None without a token, and for one forged or expired."""
    token = request.headers.get(TOKEN_HEADER)
    if not token:
        return None
    known: tuple[str, uuid.UUID | None] | None = getattr(request, "_recommender_token", None)
    if known is None or known[0] != token:
        known = token, _named_by(token)
        request._recommender_token = known  # type: ignore[attr-defined]
    return known[1]


def _named_by(token: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(signing.loads(token, salt=_SALT, max_age=timedelta(days=settings.VISITOR_ROTATION_DAYS)))
    except (signing.BadSignature, ValueError, TypeError, AttributeError):
        return None


def _user(request: HttpRequest) -> Any:
    user = getattr(request, "user", None)
    return user if user is not None and user.is_authenticated else None


def _find(request: HttpRequest) -> Visitor | None:
    if user := _user(request):
        return Visitor.objects.filter(user=user).first()
    guest_id = token_id(request) or _session_id(request)
    return Visitor.objects.filter(pk=guest_id, user=None).first() if guest_id else None


def _create(request: HttpRequest) -> Visitor | None:
    if user := _user(request):
        return of_user(user)
    if guest_id := token_id(request):
        return of_guest(guest_id)
    if not hasattr(request, "session"):
        return None
    visitor = Visitor.objects.create()
    request.session[SESSION_KEY] = {"id": str(visitor.pk), "since": timezone.now().isoformat()}
    return visitor


def _session_id(request: HttpRequest) -> uuid.UUID | None:
    """The guest's id in the session; None once it is older than the rotation period."""
    stored: Any = request.session.get(SESSION_KEY) if hasattr(request, "session") else None
    try:
        since = datetime.fromisoformat(stored["since"])
        guest_id = uuid.UUID(stored["id"])
    except (TypeError, KeyError, ValueError):
        return None
    return guest_id if timezone.now() - since < timedelta(days=settings.VISITOR_ROTATION_DAYS) else None
