"""Pairs of signed tokens: a short-lived one to show, a longer one to get the next pair with, once.

Simple JWT brings the signatures, the claims, and the tables of tokens that are out and that are revoked. Ours is what
it leaves to the host: a refresh token works once, even for two requests at the same moment; one that comes back later
was copied, and ends the login it belongs to (RFC 9700, section 4.14.2).
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any, TypedDict

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.settings import api_settings
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken
from rest_framework_simplejwt.tokens import BlacklistMixin, RefreshToken
from rest_framework_simplejwt.utils import datetime_from_epoch, get_md5_hash_password

LOGIN_CLAIM = "login"
"""Names what all pairs of one login have in common."""

GRACE = timedelta(seconds=10)
"""So soon after its use, the same token again is an app that asked twice at once, and no thief."""


class Pair(TypedDict):
    """What an app gets: `expires_in` is the access token's, in seconds."""

    access: str
    refresh: str
    expires_in: int


class _Refresh(RefreshToken):
    """A refresh token whose use is judged by `rotate`, which has to tell a used one from a wrong one.

    Its row holds the name of its login where Simple JWT keeps the token itself: whoever reads the table or a backup of
    it gets no key to anybody's account.
    """

    def check_blacklist(self) -> None:
        """Nothing yet."""

    @classmethod
    def of_login(cls, user: Any, login: str) -> _Refresh:
        """A new token, noted as being out."""
        token: _Refresh = super(BlacklistMixin, cls).for_user(user)
        token[LOGIN_CLAIM] = login
        OutstandingToken.objects.create(**token.row(), user=user)
        return token

    def row(self) -> dict[str, Any]:
        """What the table of tokens that are out says of it."""
        return {
            "jti": self.payload[api_settings.JTI_CLAIM],
            "token": str(self.payload.get(LOGIN_CLAIM, "")),
            "created_at": self.current_time,
            "expires_at": datetime_from_epoch(self.payload["exp"]),
        }


def issue(user: Any) -> Pair:
    """The first pair of a new login; the user's expired tokens are swept."""
    OutstandingToken.objects.filter(user=user, expires_at__lte=timezone.now()).delete()
    return _pair(user, uuid.uuid4().hex)


def rotate(text: str) -> Pair | None:
    """The next pair for this refresh token, which is worth nothing from now on.

    Returns:
        None for a token that is forged, expired, used or revoked, and for one whose user is gone, inactive or has
        another password since.
    """
    token = _read(text)
    user = _user(token) if token is not None else None
    if token is None or user is None:
        return None
    used_at = _retire(token, user)
    if used_at is None:
        return _pair(user, token[LOGIN_CLAIM])
    if timezone.now() - used_at > GRACE:
        _end_login(user, token[LOGIN_CLAIM])
    return None


def revoke(text: str) -> None:
    """End the login that the refresh token belongs to; a token that is worth nothing anyway changes nothing."""
    token = _read(text)
    user = _user(token) if token is not None else None
    if token is not None and user is not None:
        _retire(token, user)
        _end_login(user, token[LOGIN_CLAIM])


def _pair(user: Any, login: str) -> Pair:
    refresh = _Refresh.of_login(user, login)
    seconds = int(api_settings.ACCESS_TOKEN_LIFETIME.total_seconds())
    return {"access": str(refresh.access_token), "refresh": str(refresh), "expires_in": seconds}


def _read(text: str) -> _Refresh | None:
    try:
        token = _Refresh(text)  # type: ignore[arg-type]  # its annotation forgets text
    except TokenError:
        return None
    return token if LOGIN_CLAIM in token else None


def _user(token: _Refresh) -> Any:
    """The active user whom the token names, with the password of that time; None when there is none."""
    key = {api_settings.USER_ID_FIELD: token.get(api_settings.USER_ID_CLAIM)}
    user = get_user_model()._default_manager.filter(**key).first()
    if user is None or not api_settings.USER_AUTHENTICATION_RULE(user):
        return None
    fingerprint = token.get(api_settings.REVOKE_TOKEN_CLAIM)
    is_current = not api_settings.CHECK_REVOKE_TOKEN or fingerprint == get_md5_hash_password(user.password)
    return user if is_current else None


def _retire(token: _Refresh, user: Any) -> datetime | None:
    """Mark the token as used; return since when it was already, None when it was not.

    The table's unique key decides between two requests at once.
    """
    row = token.row()
    with transaction.atomic():
        out, _ = OutstandingToken.objects.get_or_create(jti=row.pop("jti"), defaults=row | {"user": user})
        used, is_first = BlacklistedToken.objects.get_or_create(token=out)
    return None if is_first else used.blacklisted_at


def _end_login(user: Any, login: str) -> None:
    """Revoke what is out of a login."""
    alive = OutstandingToken.objects.filter(user=user, token=login, blacklistedtoken=None)
    BlacklistedToken.objects.bulk_create([BlacklistedToken(token=out) for out in alive], ignore_conflicts=True)
