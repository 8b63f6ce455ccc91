"""Requests byte by byte through the shop's own WSGI entry, as a web server hands them over."""

import io
import re
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from django.conf import settings
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from shopsite.wsgi import application
from tests.hostile.strings import DANGEROUS


@dataclass
class Answer:
    """A status, headers in lower case, and the whole body."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name):
        return next((value for key, value in self.headers if key == name), "")


def latin(data):
    """Bytes as WSGI wants them."""
    return (data if isinstance(data, bytes) else data.encode("utf-8", "surrogatepass")).decode("latin-1")


def ask(method, address, *, headers=None, body=b"", content_type="", session=""):
    """The answer to a request.

    Args:
        address: path and query, percent-encoded or in plain bytes.
        headers: name as WSGI spells it, without HTTP_ -> bytes or text.
        session: the session cookie's value.
    """
    path, _, query = (address if isinstance(address, bytes) else address.encode()).partition(b"?")
    environ = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query.decode("latin-1"),
        "CONTENT_TYPE": content_type,
        "CONTENT_LENGTH": str(len(body)),
        "SERVER_NAME": "testserver",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_HOST": "testserver",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    if session:
        environ["HTTP_COOKIE"] = f"{settings.SESSION_COOKIE_NAME}={session}"
    environ |= {f"HTTP_{name}": latin(value) for name, value in (headers or {}).items()}
    got = []
    with connection_kept():
        chunks = application(environ, lambda status, found, exc_info=None: got.append((status, found)))
        content = b"".join(chunks)
        chunks.close()
    status, found = got[-1]
    return Answer(int(status.split()[0]), [(name.lower(), value) for name, value in found], content)


@contextmanager
def connection_kept():
    """Within, a request leaves the test's transaction open, as Django's own test client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    try:
        yield
    finally:
        for signal in (request_started, request_finished):
            signal.connect(close_old_connections)


INLINE = re.compile(rb"<script(?![^>]*\ssrc=)(?![^>]*type=\"(?:application/(?:ld\+)?json|text/template)\")[^>]*>\s*\S")


MARKED = re.compile(rb"<[^>]*x7f3q")
ELSEWHERE = re.compile(r"\s*(javascript|data):|(https?:)?[/\\]{2}(?!testserver[/:])", re.IGNORECASE)
MAY_QUOTE = ("application/json", "application/problem+json", "text/csv", "text/plain")


def faults(answer, *what):
    """What is wrong with an answer, whatever was asked; empty when all is well.

    A fault of the server, a split header, a way to another site, an echo that a browser would run, a page whose policy
    allows inline code or that has some.
    """
    wrong = [f"status {answer.status}"] if answer.status >= 500 else []
    wrong += [f"split header {name}" for name, value in answer.headers if set(value) & set("\r\n")]
    wrong += ["forged cookie" for name, value in answer.headers if name == "set-cookie" and value.startswith("x7f3q")]
    if ELSEWHERE.match(answer.header("location")):
        wrong.append(f"leads to {answer.header('location')[:80]}")
    kind = answer.header("content-type")
    if kind.startswith("text/html"):
        policy = answer.header("content-security-policy")
        if "default-src 'self'" not in policy or "unsafe-inline" in policy:
            wrong.append(f"policy {policy!r}")
        text = answer.body.decode("utf-8", "replace")
        wrong += [f"echoes {string[:40]!r}" for string in DANGEROUS if string in text]
        if INLINE.search(answer.body):
            wrong.append("inline code")
    elif MARKED.search(answer.body) and not kind.startswith(MAY_QUOTE):
        wrong.append(f"echoes as {kind}")
    return [f"{what}: {text}" for text in wrong]
