"""Whether a visitor lets the shop remember what they look at. Named in `RECOMMENDER["CONSENT"]`."""

from django.http import HttpRequest, HttpResponse

_COOKIE = "remember"
_YEAR_SECONDS = 31_536_000


def agreed(request: HttpRequest) -> bool:
    """Yes, until the visitor says no on the page "What we know about you"."""
    return request.COOKIES.get(_COOKIE) != "no"


def keep(response: HttpResponse, *, agreed: bool) -> None:
    """Store the visitor's decision for a year."""
    response.set_cookie(_COOKIE, "yes" if agreed else "no", max_age=_YEAR_SECONDS, samesite="Lax", httponly=True)
