"""The answer of a site that cannot serve right now but soon will: 503, with the time to come back."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import get_template
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _


def unavailable(request: HttpRequest, seconds: int) -> HttpResponse:
    """A page that needs neither database nor session, or the API's problem details."""
    status = HTTPStatus.SERVICE_UNAVAILABLE
    response: HttpResponse
    if request.path_info.startswith("/api/"):
        problem = {
            "type": "about:blank",
            "title": status.phrase,
            "status": status.value,
            "detail": _("This is not available right now. Try again later."),
            "code": "unavailable",
        }
        response = JsonResponse(problem, status=status, content_type="application/problem+json")
    else:
        response = HttpResponse(get_template("503.html").render(), status=status)
    response["Retry-After"] = str(seconds)
    add_never_cache_headers(response)
    return response
