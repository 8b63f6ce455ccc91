"""What the shop does when a visitor logs in."""

from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest

from catalog import baskets


def connect() -> None:
    """Listen for logins."""
    user_logged_in.connect(_join_basket, dispatch_uid="catalog.join_basket")


def _join_basket(sender: Any, request: HttpRequest | None, user: Any, **kwargs: object) -> None:
    if request is not None and hasattr(request, "session"):
        baskets.join(request, user)
