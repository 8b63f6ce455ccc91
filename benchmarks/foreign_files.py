"""A folder of foreign files through every door of a running shop that takes pictures: each is taken or refused.

`python -m benchmarks foreign_files --folder DIR` prints what each door answered, the longest wait and the most memory
that a web process took, and fails when a door answers with a fault of the server or not at all.
"""

from __future__ import annotations

import argparse
import uuid
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from benchmarks.browser import FAILED, Answer, Browser
from benchmarks.crowd import product_form
from benchmarks.report import Report, Row
from benchmarks.shop import running_shop
from benchmarks.web import running_web

DOORS = ("search by photo", "visual search", "product form")
AT_ONCE = 2


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Which files."""
    parser.add_argument("--folder", type=Path, required=True, help="whose files are sent, with all below it")


def run(*, quick: bool = False, folder: Path) -> Report:
    """All files; the first hundred when quick."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())[: 100 if quick else None]
    with running_shop() as shop, running_web(shop) as (server, port), _manager() as (cookies, family):
        before = peak_megabytes(server.pid)
        sent = send(port, cookies, family, ((path.name, path.read_bytes()) for path in paths))
        after = peak_megabytes(server.pid)
    if sent.faults:
        raise SystemExit(f"{len(sent.faults)} faults, the first: {sent.faults[:5]}")
    rows = [
        Row(f"{door}: {status}", len(paths), n, None, "answers", None, None)
        for (door, status), n in sorted(sent.statuses.items())
    ]
    slowest = Row("the longest wait", len(paths), sent.slowest, None, "s", None, None)
    memory = Row("most memory of a web process, beyond its start", len(paths), after - before, None, "MB", None, None)
    return Report([*rows, slowest, memory])


@dataclass
class Sent:
    """What the doors said: (door, status) -> how often, and every (file, door, status) that none should give."""

    statuses: Counter[tuple[str, int]] = field(default_factory=Counter)
    faults: list[tuple[str, str, int]] = field(default_factory=list)
    slowest: float = 0.0

    def note(self, name: str, door: str, answer: Answer) -> None:
        """Keep one answer."""
        self.statuses[door, answer.status] += 1
        self.slowest = max(self.slowest, answer.seconds)
        if answer.status == FAILED or answer.status >= 500:
            self.faults.append((name, door, answer.status))


def send(port: int, cookies: Mapping[str, str], family: int, files: Iterable[tuple[str, bytes]]) -> Sent:
    """Send each (name, content) through every door, with a manager's cookies; two files at once."""
    sent = Sent()

    def deliver(file: tuple[str, bytes]) -> None:
        browser = Browser(port, lambda _: None, patience_seconds=60)
        browser.get("/search-by-photo/")
        sent.note(file[0], DOORS[0], browser.upload("/search-by-photo/", {}, {"image": file}))
        sent.note(file[0], DOORS[1], browser.upload("/api/v1/visual-search/", {}, {"image": file}))
        browser.cookies |= cookies
        browser.get("/admin/catalog/product/add/")
        form = product_form(f"foreign-{uuid.uuid4().hex[:12]}", family)
        sent.note(file[0], DOORS[2], browser.upload("/admin/catalog/product/add/", form, {"images-0-file": file}))

    with ThreadPoolExecutor(AT_ONCE) as pool:
        for _ in pool.map(deliver, files):
            pass
    return sent


def peak_megabytes(server: int | None) -> float:
    """The most memory that one of the server's processes ever held."""
    peaks = []
    for process in psutil.Process(server).children():
        status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii").splitlines()
        peaks += [int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM")]
    return max(peaks)


@contextmanager
def _manager() -> Iterator[tuple[dict[str, str], int]]:
    """The cookies of somebody who may add products, and a family for them."""
    from django.conf import settings
    from django.contrib.auth import get_user_model
    from django.test import Client

    from catalog.models import Family

    client = Client()
    client.force_login(get_user_model().objects.create_superuser("manager"))
    family = Family.objects.create(key="foreign", name="Foreign", category="phone")
    yield {settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value}, family.pk
