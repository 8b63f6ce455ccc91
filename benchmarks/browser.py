"""A visitor's browser over real sockets: cookies, forms, and patience with a shop that asks for it."""

from __future__ import annotations

import contextlib
import http.client
import json
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.cookies import SimpleCookie
from urllib.parse import urlencode

HANG_SECONDS = 60.0
"""Nobody waits longer for an answer."""

FAILED = 0
"""Stands for the status of a request that got no answer."""


@dataclass(frozen=True)
class Answer:
    """One answer: `status` is `FAILED` when there was none."""

    what: str
    status: int
    seconds: float
    location: str = ""
    body: bytes = b""
    retry_after: str = ""


class Browser:
    """One visitor.

    Args:
        port: of the shop on this machine.
        note: is told every answer.
        patience_seconds: how long to go on asking while the shop says 503 with `Retry-After`, or nothing.
    """

    def __init__(self, port: int, note: Callable[[Answer], None], patience_seconds: float = 0.0) -> None:
        self._port = port
        self._note = note
        self._patience = patience_seconds
        self.cookies: dict[str, str] = {}

    def get(self, path: str, *, what: str = "", headers: Mapping[str, str] | None = None) -> Answer:
        """The page at this address."""
        return self._insist("GET", path, b"", what or path, headers or {})

    def post(self, path: str, fields: Mapping[str, object], *, what: str = "") -> Answer:
        """The answer to a form, with the token that Django wants."""
        token = self.cookies.get("csrftoken", "")
        body = urlencode({"csrfmiddlewaretoken": token, **fields}).encode()
        return self._insist("POST", path, body, what or path, {"Content-Type": "application/x-www-form-urlencoded"})

    def upload(
        self, path: str, fields: Mapping[str, object], files: Mapping[str, tuple[str, bytes]], *, what: str = ""
    ) -> Answer:
        """The answer to a form with files: field -> (name, content)."""
        token = self.cookies.get("csrftoken", "")
        body, kind = multipart({"csrfmiddlewaretoken": token, **fields}, files)
        return self._insist("POST", path, body, what or path, {"Content-Type": kind})

    def send(self, path: str, value: object, *, what: str = "", headers: Mapping[str, str] | None = None) -> Answer:
        """The API's answer to JSON."""
        headers = {"Content-Type": "application/json", **(headers or {})}
        return self._insist("POST", path, json.dumps(value).encode(), what or path, headers)

    def _insist(self, method: str, path: str, body: bytes, what: str, headers: Mapping[str, str]) -> Answer:
        """The first answer that is none of "come back later"; the last one when patience ends."""
        deadline = time.monotonic() + self._patience
        while True:
            answer = self._ask(method, path, body, what, headers)
            self._note(answer)
            if answer.status != http.HTTPStatus.SERVICE_UNAVAILABLE or time.monotonic() > deadline:
                return answer
            time.sleep(min(float(answer.retry_after or 1), 5.0))

    def _ask(self, method: str, path: str, body: bytes, what: str, headers: Mapping[str, str]) -> Answer:
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent = {"Connection": "close", **headers, **({"Cookie": cookies} if cookies else {})}
        began = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=HANG_SECONDS)
        with contextlib.closing(connection):
            try:
                connection.request(method, path, body or None, sent)
                got = connection.getresponse()
                content = got.read()
            except (OSError, http.client.HTTPException) as error:
                return Answer(what, FAILED, time.monotonic() - began, body=repr(error).encode())
        for line in got.headers.get_all("Set-Cookie", []):
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        seconds = time.monotonic() - began
        retry_after = got.headers.get("Retry-After", "")
        return Answer(what, got.status, seconds, got.headers.get("Location", ""), content, retry_after)


def multipart(fields: Mapping[str, object], files: Mapping[str, tuple[str, bytes]]) -> tuple[bytes, str]:
    """A form with files as bytes, and its content type."""
    mark = uuid.uuid4().hex
    parts = [
        f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        for name, value in fields.items()
    ]
    for name, (file, content) in files.items():
        head = f'--{mark}\r\nContent-Disposition: form-data; name="{name}"; filename="{file}"\r\n'
        parts.append(head.encode() + b"Content-Type: image/png\r\n\r\n" + content + b"\r\n")
    return b"".join(parts) + f"--{mark}--\r\n".encode(), f"multipart/form-data; boundary={mark}"
