"""Events a second through the service, checked one by one, against a bare bulk insert into the same table."""

from __future__ import annotations

import time
import uuid
from datetime import UTC, datetime
from typing import Any

from benchmarks.report import Report, Row, compare
from benchmarks.shop import running_shop

_BATCH = 100


def run(*, quick: bool = False) -> Report:
    """Validated batches of 100, as the API hands them over."""
    batches, rounds = (5, 1) if quick else (50, 7)
    with running_shop():
        return Report([_compare(batches, rounds)])


def _compare(batches: int, rounds: int) -> Row:
    from catalog.models import Family, Product
    from recommender.models import Interaction, Visitor
    from recommender.services import tracking

    family = Family.objects.create(key="bench")
    Product.objects.bulk_create(Product(sku=f"p{i}", family=family, stock=1) for i in range(500))
    keys = list(Product.objects.values_list("pk", flat=True))
    visitor = Visitor.objects.create()
    now = datetime.now(UTC)

    def service() -> float:
        made = [[_event(keys[i % len(keys)], now) for i in range(_BATCH)] for _ in range(batches)]
        started = time.perf_counter()
        accepted = sum(tracking.record_batch(visitor, events).accepted for events in made)
        seconds = time.perf_counter() - started
        if accepted != batches * _BATCH:
            raise SystemExit(f"Only {accepted} of {batches * _BATCH} events were stored.")
        return accepted / seconds

    def bare() -> float:
        made = [
            [
                Interaction(
                    visitor=visitor,
                    product_id=keys[i % len(keys)],
                    kind="view",
                    occurred_at=now,
                    client_id=uuid.uuid4(),
                )
                for i in range(_BATCH)
            ]
            for _ in range(batches)
        ]
        started = time.perf_counter()
        for rows in made:
            Interaction.objects.bulk_create(rows, ignore_conflicts=True)
        return batches * _BATCH / (time.perf_counter() - started)

    service()
    bare()
    return compare("validated batches of 100", batches * _BATCH, service, bare, rounds=rounds, unit="events/s")


def _event(product: int, moment: datetime) -> dict[str, Any]:
    return {"id": str(uuid.uuid4()), "kind": "view", "product": str(product), "occurred_at": moment.isoformat()}
