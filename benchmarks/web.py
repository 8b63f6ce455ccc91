"""A web server for the throw-away shop: what runs in production, on this machine only."""

from __future__ import annotations

import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.browser import Browser
from shopsite.stack import Child

ROOT = Path(__file__).resolve().parent.parent
_SETTINGS = {"DJANGO_SETTINGS_MODULE": "benchmarks.web_settings"}


@contextmanager
def running_web(folder: Path) -> Iterator[tuple[Child, int]]:
    """The shop's web server as in production, and its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "shopsite.wsgi", f"--config={ROOT / 'gunicorn.conf.py'}"]
    server = Child("web", [*command, "--workers=2", f"--bind=127.0.0.1:{port}"], folder, environment=_SETTINGS)
    server.start()
    try:
        browser = Browser(port, lambda _: None)
        deadline = time.monotonic() + 60
        while browser.get("/healthz").status != 200:
            if time.monotonic() > deadline or not server.is_running():
                raise SystemExit(f"The shop does not answer:\n{server.last_words(30)}")
            time.sleep(0.2)
        yield server, port
    finally:
        server.stop()
