"""A web process at 10,000 products: how soon after its start it answers, and how much memory is its own.

Gunicorn with the shop's `gunicorn.conf.py` and two processes, on PostgreSQL and Valkey. The start is from the command
to the first answer of `/readyz`. Memory is USS, what would be free again without the process: what two processes have
memory-mapped alike, such as the snapshot, does not count.
"""

from __future__ import annotations

import http.client
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

import psutil

from benchmarks.catalogue import products, publish
from benchmarks.report import Report, Row
from benchmarks.serving import STEP
from benchmarks.shop import running_shop
from shopsite.stack import Child

ROOT = Path(__file__).resolve().parent.parent
_PATIENCE_SECONDS = 120
_PROCESSES = 2
_ROUNDS = 200
_PHOTOS = 24


def run(*, quick: bool = False) -> Report:
    """10,000 products; 300 when quick."""
    n = 300 if quick else 10_000
    with running_shop() as folder:
        from django.core.management import call_command

        from recommender.services.engines import get_encoder

        call_command("collectstatic", interactive=False, verbosity=0)
        keys = products(n)
        publish(keys, encoder=get_encoder())
        address = folder / "web.sock"
        started = time.perf_counter()
        with _serving(folder, address):
            seconds = _until_ready(address) - started
            worked = sum(sum(process.cpu_times()[:2]) for process in _family())
            began = time.perf_counter()
            _ask(address, "GET", f"/api/v1/products/{keys[0]}/similar/")
            first = 1000 * (time.perf_counter() - began)
            for number in range(10 if quick else _ROUNDS):
                key = keys[(number * STEP) % n]
                for path in (f"/api/v1/products/{key}/similar/", "/api/v1/recommendations/", "/"):
                    _ask(address, "GET", path)
            before_photos = _uss_mb()
            for _ in range(_PHOTOS):
                _ask(address, "POST", "/api/v1/visual-search/?anyway=true", *_form(_photo()))
            after_photos = _uss_mb()
    figures = (
        ("start, from the command to the first answer", seconds, "s"),
        (f"the same in processor time, of all {_PROCESSES + 1} processes", worked, "CPU s"),
        ("the first shelf of the process", first, "ms"),
        ("USS after pages and shelves", before_photos, "MB"),
        (f"USS after {_PHOTOS} searches by photo as well", after_photos, "MB"),
    )
    return Report([Row(what, n, value, None, unit, None, None) for what, value, unit in figures])


@contextmanager
def _serving(folder: Path, address: Path) -> Iterator[None]:
    """Gunicorn at a Unix socket."""
    command = [sys.executable, "-m", "gunicorn", "shopsite.wsgi", f"--config={ROOT / 'gunicorn.conf.py'}"]
    web = Child("web", [*command, f"--bind=unix:{address}", f"--workers={_PROCESSES}"], folder)
    web.start()
    try:
        yield
    finally:
        web.stop()


def _until_ready(address: Path) -> float:
    """When /readyz first answered 200."""
    end = time.perf_counter() + _PATIENCE_SECONDS
    while time.perf_counter() < end:
        try:
            _ask(address, "GET", "/readyz")
        except OSError:
            time.sleep(0.005)
            continue
        return time.perf_counter()
    raise SystemExit("The web process did not answer; see its log.")


def _ask(address: Path, method: str, path: str, body: bytes = b"", kind: str = "text/plain") -> None:
    """One request on a connection of its own; anything but 200 ends the benchmark."""
    with socket.socket(socket.AF_UNIX) as connected:
        connected.settimeout(_PATIENCE_SECONDS)
        connected.connect(str(address))
        client = http.client.HTTPConnection("localhost")
        client.sock = connected
        client.request(method, path, body, {"Content-Type": kind})
        answer = client.getresponse()
        content = answer.read()
    if answer.status != 200:
        raise SystemExit(f"{path} answered {answer.status}: {content[:300]!r}")


def _family() -> list[psutil.Process]:
    """The server and its processes."""
    return [child for child in psutil.Process().children(recursive=True) if "gunicorn" in " ".join(child.cmdline())]


def _uss_mb() -> float:
    """Of the largest one."""
    return float(max(process.memory_full_info().uss for process in _family()) / 2**20)


def _photo() -> bytes:
    """A photo as a page sends it: large, of something on a table."""
    import numpy as np
    from PIL import Image

    pixels = np.random.default_rng(0).normal(150, 4, (1200, 1600, 3)).clip(0, 255).astype(np.uint8)
    pixels[200:1000, 600:1000] = (30, 40, 90)
    out = BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=85)
    return out.getvalue()


def _form(picture: bytes) -> tuple[bytes, str]:
    """A form with one file, and its content type."""
    head = b'--part\r\nContent-Disposition: form-data; name="photo"; filename="photo.jpg"\r\n'
    return (
        head + b"Content-Type: image/jpeg\r\n\r\n" + picture + b"\r\n--part--\r\n",
        "multipart/form-data; boundary=part",
    )
