"""Light, dark, or as the device says: kept in a cookie so that the server renders the right page at once."""

from django.http import HttpRequest, HttpResponse

AUTO = "auto"
THEMES = ("light", "dark", AUTO)
_COOKIE = "theme"
_YEAR_SECONDS = 31_536_000


def theme(request: HttpRequest) -> str:
    """The visitor's theme."""
    chosen = request.COOKIES.get(_COOKIE, AUTO)
    return chosen if chosen in THEMES else AUTO


def remember(response: HttpResponse, chosen: str) -> None:
    """Keep a theme for a year."""
    response.set_cookie(_COOKIE, chosen if chosen in THEMES else AUTO, max_age=_YEAR_SECONDS, samesite="Lax")
