"""How often one client may do what costs or what invites guessing."""

from __future__ import annotations

from typing import Any

from rest_framework.settings import api_settings
from rest_framework.throttling import ScopedRateThrottle

RATES = {"events": "120/min", "guests": "30/min", "token": "10/min"}
"""Rates of the scopes that the host's `DEFAULT_THROTTLE_RATES` does not name."""


class ScopeThrottle(ScopedRateThrottle):
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
