"""Content types as strangers write them, made harmless before Django reads them.

Django looks up whatever charset a request names: one that is no text encoding, or whose name it cannot even read, ends
in a server error before any middleware runs. The shop's forms and its API speak UTF-8.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.utils.http import parse_header_parameters

CHARSETS = frozenset({"utf-8", "utf8", "us-ascii", "ascii", "iso-8859-1", "latin-1", "windows-1252", "gb18030", "big5"})
"""Text encodings that browsers and scripts use and that contain ASCII."""

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class HarmlessContentType:
    """A WSGI application around the shop's: a content type with an odd charset arrives without it."""

    def __init__(self, application: Application) -> None:
        self.application = application

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """The shop's answer."""
        if ";" in environ.get("CONTENT_TYPE", ""):
            environ["CONTENT_TYPE"] = harmless(environ["CONTENT_TYPE"])
        return self.application(environ, start_response)


def harmless(content_type: str) -> str:
    """The content type, reduced to what a form needs when anything about it is odd.

    >>> harmless("text/plain; charset=UTF-8")
    'text/plain; charset=UTF-8'
    >>> harmless("application/x-www-form-urlencoded; charset=hex")
    'application/x-www-form-urlencoded'
    """
    try:
        media_type, parameters = parse_header_parameters(content_type)
    except (ValueError, LookupError, IndexError):
        return content_type.partition(";")[0].strip()
    if parameters.get("charset", "utf-8").lower() in CHARSETS:
        return content_type
    boundary = parameters.get("boundary", "")
    return f'{media_type}; boundary="{boundary}"' if boundary and '"' not in boundary else media_type
