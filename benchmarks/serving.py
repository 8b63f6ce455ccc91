"""The similar and recommendations endpoints against a plain view of 12 cards: whole requests, in process, no cache.

Every request asks for another product or visitor, so that no answer was made before.
"""

from __future__ import annotations

from benchmarks.catalogue import fill, guest_with_events
from benchmarks.report import Report, Row, compare, milliseconds
from benchmarks.shop import running_shop


def run(*, quick: bool = False) -> Report:
    """10,000 and 100,000 products; 300 when quick."""
    rows: list[Row] = []
    for n in (300,) if quick else (10_000, 100_000):
        with running_shop():
            rows += _compare(n, rounds=2 if quick else 9, times=5 if quick else 60)
    return Report(rows)


def _compare(n: int, rounds: int, times: int) -> list[Row]:
    from django.test import Client, override_settings

    keys = fill(n)
    tokens = [guest_with_events(keys, number) for number in range(times)]
    client = Client()

    def get(path: str, **headers: str) -> None:
        answer = client.get(path, headers=headers)
        if answer.status_code != 200 or len(answer.json()["results"]) != 12:
            raise SystemExit(f"{path} answered {answer.status_code}: {answer.content[:300]!r}")

    def product(number: int) -> int:
        return keys[(number * 7919) % (n - 12)]

    with override_settings(ROOT_URLCONF="benchmarks.plain", ALLOWED_HOSTS=["testserver"]):
        plain = milliseconds(lambda number: get(f"/plain/{product(number)}/"), times)
        similar = milliseconds(lambda number: get(f"/api/v1/products/{product(number)}/similar/?k=12"), times)
        for_you = milliseconds(
            lambda number: get("/api/v1/recommendations/?k=12", **{"X-Visitor-Token": tokens[number % times]}), times
        )
        for warm in (plain, similar, for_you):
            warm()
        return [
            compare("similar endpoint, 12 cards", n, similar, plain, rounds=rounds, unit="ms"),
            compare("for-you endpoint, 12 cards", n, for_you, plain, rounds=rounds, unit="ms"),
        ]
