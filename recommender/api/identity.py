"""Whose history a request reads or writes: by its authentication, guest token or session, never by its body."""

from __future__ import annotations

from django.conf import settings
from django.utils.translation import gettext as _
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed, NotAuthenticated
from rest_framework.request import Request

from recommender.models import Visitor
from recommender.services import visitors


def reader(request: Request) -> Visitor | None:
    """The visitor behind the request; None for one of whom nothing is known.

    Raises:
        AuthenticationFailed: for a guest token that is forged or has expired.
    """
    if not request.user.is_authenticated:
        _check_guest_token(request)
    return visitors.from_request(request._request)


def looker(request: Request) -> Visitor | None:
    """As `reader`, for a visitor's shelf, which asks for nothing but events: a guest is not looked up first.

    Raises:
        AuthenticationFailed: for a guest token that is forged or has expired.
    """
    if not request.user.is_authenticated:
        _check_guest_token(request)
    return visitors.reader(request._request)


def owner(request: Request) -> Visitor | None:
    """The visitor who asks to see or erase what is stored; None when nothing is.

    Raises:
        NotAuthenticated: for a request that says in no way who asks.
    """
    visitor = reader(request)
    if not (request.user.is_authenticated or has_guest_token(request)):
        _require_browser(request)
    return visitor


def writer(request: Request) -> Visitor:
    """The visitor whose events the request brings, created with the first ones. The caller has asked for consent.

    A staff system that sends a guest's token along reports for that guest.

    Raises:
        NotAuthenticated: for a request that says in no way whose events these are. A guest made up for it would be
            another one at the next try, and a batch sent twice would count twice.
        PermissionDenied: when a browser's request lacks the CSRF token.
    """
    admit(request)
    if is_staff_system(request) and (guest_id := visitors.token_id(request._request)):
        return visitors.of_guest(guest_id)
    visitor = visitors.from_request(request._request, create=True)
    if visitor is None:
        raise _anonymous()
    return visitor


def admit(request: Request) -> None:
    """Let those through who say whose events they bring; nothing is written. Raises what `writer` does."""
    if is_staff_system(request):
        _check_guest_token(request)
    elif not request.user.is_authenticated:
        _check_guest_token(request)
        if not has_guest_token(request):
            _require_browser(request)


def is_staff_system(request: Request) -> bool:
    """Whether a staff account's API token authenticates the request; a staff member's browser is not enough."""
    return request.auth is not None and bool(getattr(request.user, "is_staff", False))


def has_guest_token(request: Request) -> bool:
    """Whether the request carries a guest token, valid or not."""
    return bool(request.headers.get(visitors.TOKEN_HEADER))


def _check_guest_token(request: Request) -> None:
    if has_guest_token(request) and visitors.token_id(request._request) is None:
        raise AuthenticationFailed(
            _("This guest token is not valid, or has expired. Ask POST guests/ for a new one."), "invalid_guest_token"
        )


def _require_browser(request: Request) -> None:
    """A guest without a token is a browser with our cookies, and its writes need the CSRF token as a user's do."""
    if not request.COOKIES.keys() & {settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME}:
        raise _anonymous()
    SessionAuthentication().enforce_csrf(request)


def _anonymous() -> NotAuthenticated:
    return NotAuthenticated(
        _(
            "Say who you are: send an API token in Authorization, or ask POST guests/ for a guest token and send it "
            "in X-Visitor-Token."
        ),
        "visitor_required",
    )
