"""The similar endpoint and shelf against a plain view and a plain page of 12 cards: whole requests, no cache.

Every request asks for another product, so that no answer was made before. Throttling is off on both sides: a client may
not ask that often.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from benchmarks.catalogue import fill
from benchmarks.report import Report, Row, compare, milliseconds
from benchmarks.shop import in_a_process_of_its_own, running_shop

STEP = 7919
"""A prime, so that every product has its turn before one comes again."""


def run(*, quick: bool = False) -> Report:
    """10,000 and 100,000 products; 300 when quick."""
    rows: list[Row] = []
    for n in (300,) if quick else (10_000, 100_000):
        rows += in_a_process_of_its_own(_measure, n, 2 if quick else 9, 5 if quick else 60)
    return Report(rows)


def _measure(n: int, rounds: int, times: int) -> list[Row]:
    with running_shop():
        return _compare(n, rounds, times)


def _compare(n: int, rounds: int, times: int) -> list[Row]:
    keys = fill(n)

    def product(number: int) -> int:
        return keys[(number * STEP) % (n - 12)]

    with client() as get:
        plain = milliseconds(lambda number: get(f"/plain/{product(number)}/"), times)
        similar = milliseconds(lambda number: get(f"/api/v1/products/{product(number)}/similar/?k=12"), times)
        page = milliseconds(lambda number: get(f"/plain-page/{product(number)}/"), times)
        shelf = milliseconds(lambda number: get(f"/shelf-page/{product(number)}/"), times)
        for warm in (plain, similar, page, shelf):
            warm()
        return [
            compare("similar endpoint, 12 cards", n, similar, plain, rounds=rounds, unit="ms"),
            compare("similar shelf, 12 cards", n, shelf, page, rounds=rounds, unit="ms"),
        ]


@contextmanager
def client() -> Iterator[Callable[..., None]]:
    """A function that asks for an address, with headers, and refuses any answer but one of 12 products."""
    from django.test import Client, override_settings
    from rest_framework.throttling import SimpleRateThrottle

    browser = Client()

    def get(path: str, **headers: str) -> None:
        answer = browser.get(path, headers=headers)
        is_page = "json" not in answer["Content-Type"]
        shown = answer.content.count(b"<li ") if is_page else len(answer.json().get("results", ()))
        if answer.status_code != 200 or shown != 12:
            raise SystemExit(f"{path} answered {answer.status_code} with {shown} cards: {answer.content[:300]!r}")

    SimpleRateThrottle.THROTTLE_RATES.update(dict.fromkeys(SimpleRateThrottle.THROTTLE_RATES))
    with override_settings(ROOT_URLCONF="benchmarks.plain", ALLOWED_HOSTS=["testserver"]):
        yield get
