"""How often one client may do what costs or what invites guessing; counted so that parallel requests gain nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.throttling import AnonRateThrottle, ScopedRateThrottle, SimpleRateThrottle, UserRateThrottle

from recommender.services import limiting

if TYPE_CHECKING:
    from rest_framework.views import APIView  # which imports the throttles that the settings name

RATES = {"events": "120/min", "guests": "30/min", "token": "10/min", "photos": "60/min"}
"""Rates of the scopes that the host's `DEFAULT_THROTTLE_RATES` does not name."""


class CountedThrottle(SimpleRateThrottle):
    """DRF reads a list, appends and writes it back, and requests in between are lost; this one counts in one step."""

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Whether the request is within the rate."""
        self._seconds = 0.0
        key = self.get_cache_key(request, view) if self.rate else None
        if key is not None:
            self._seconds = limiting.take("api", key, str(self.rate))
        return self._seconds == 0.0

    def wait(self) -> float:
        """Seconds until the next request may succeed."""
        return self._seconds


class AnonThrottle(CountedThrottle, AnonRateThrottle):
    """The rate "anon" of `DEFAULT_THROTTLE_RATES`, for each address without a login."""


class UserThrottle(CountedThrottle, UserRateThrottle):
    """The rate "user" of `DEFAULT_THROTTLE_RATES`, for each user."""


class ScopeThrottle(ScopedRateThrottle, CountedThrottle):
    """A limit of its own for each view with a `scope`, a user or an address at a time.

    The host changes a rate, or lifts it with None, in `REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"]`; a host that names
    none has the rates above.
    """

    scope_attr = "scope"

    def get_rate(self) -> Any:
        """The scope's rate, read now, so that changed settings count."""
        scope = str(self.scope)
        rates = api_settings.DEFAULT_THROTTLE_RATES
        return rates[scope] if scope in rates else RATES[scope]
