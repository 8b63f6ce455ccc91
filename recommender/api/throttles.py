"""How often one client may do what costs or what invites guessing; counted so that parallel requests gain nothing."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.throttling import AnonRateThrottle, ScopedRateThrottle, SimpleRateThrottle, UserRateThrottle

from recommender.services import limiting

if TYPE_CHECKING:
    from rest_framework.views import APIView  # which imports the throttles that the settings name

RATES = {
    "anon": "600/min",
    "user": "1200/min",
    "events": "120/min",
    "guests": "30/min",
    "token": "10/min",
    "account": "10/min",
    "refresh": "60/min",
    "photos": "60/min",
}
"""Rates of the scopes that the host's `DEFAULT_THROTTLE_RATES` does not name; the host lifts one with None."""

LIMIT_HEADER = "RateLimit"
POLICY_HEADER = "RateLimit-Policy"


class CountedThrottle(SimpleRateThrottle):
    """DRF reads a list, appends and writes it back, and requests in between are lost; this one counts in one step.

    Attributes:
        counted: where the client stands after this request; None when no limit applies to it.
    """

    counted: limiting.Counted | None = None

    def get_rate(self) -> str | None:
        """The scope's rate, read now, so that changed settings count."""
        rates = api_settings.DEFAULT_THROTTLE_RATES
        scope = str(self.scope)
        found: Any = rates[scope] if scope in rates else RATES[scope]
        return None if found is None else str(found)

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Whether the request is within the rate."""
        key = self.get_cache_key(request, view) if self.rate else None
        self.counted = None if key is None else limiting.count("api", key, str(self.rate))
        return self.counted is None or not self.counted.refused

    def wait(self) -> float:
        """Seconds until the next request may succeed."""
        return self.counted.until if self.counted is not None else 0.0


class AnonThrottle(CountedThrottle, AnonRateThrottle):
    """The rate "anon" of `DEFAULT_THROTTLE_RATES`, for each address without a login."""


class UserThrottle(CountedThrottle, UserRateThrottle):
    """The rate "user" of `DEFAULT_THROTTLE_RATES`, for each user."""


class ScopeThrottle(CountedThrottle, ScopedRateThrottle):
    """A limit of its own for each view with a `scope`, a user or an address at a time."""

    scope_attr = "scope"

    def __init__(self) -> None:
        """The rate waits for the view, which names the scope."""

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Whether the request is within the rate of the view's scope, if it has one."""
        self.scope = getattr(view, self.scope_attr, None)
        if self.scope is None:
            return True
        self.rate = self.get_rate()
        return super().allow_request(request, view)


class AccountThrottle(CountedThrottle):
    """A limit for the account that a login names, so that many addresses do not guess a password together either."""

    scope = "account"

    def get_cache_key(self, request: Request, view: APIView) -> str | None:
        """The name as the login reads it, but for its case; None for a body that names nobody.

        The login takes numbers for text and trims blanks: each such spelling must count as the same account.
        """
        given = request.data.get("username") if isinstance(request.data, dict) else None
        if isinstance(given, bool) or not isinstance(given, str | int | float):
            return None
        return str(given).strip().casefold() or None


def told(throttles: Iterable[Any]) -> dict[str, str]:
    """The limits that a request counted against, as draft-ietf-httpapi-ratelimit-headers-10 tells them; {} for none.

    `RateLimit-Policy: "anon";q=600;w=60` is 600 requests in 60 seconds, `RateLimit: "anon";r=599;t=58` that 599 are
    left for 58 seconds. A request under two limits has two entries in each, separated by a comma.
    """
    found = [(throttle.scope, throttle.counted) for throttle in throttles if getattr(throttle, "counted", None)]
    if not found:
        return {}
    return {
        POLICY_HEADER: ", ".join(f'"{name}";q={one.most};w={one.period}' for name, one in found),
        LIMIT_HEADER: ", ".join(f'"{name}";r={one.left};t={math.ceil(one.until)}' for name, one in found),
    }
