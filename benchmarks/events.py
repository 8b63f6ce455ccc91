"""Events a second through the service, checked one by one, against a bare bulk insert into the same table.

Both store batches of 100, each of one of many visitors, in the same run and turn about, into the same growing table
with the same indexes. The floor writes the same rows, but checks and asks nothing: it is
`bulk_create(ignore_conflicts=True)` of ready rows.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any, NamedTuple

from benchmarks.report import Report, Row, compare
from benchmarks.shop import running_shop

_BATCH = 100
_VISITORS = 53
_PRODUCTS = 500
_SNAPSHOT = 1
_STEP = timedelta(milliseconds=100)
"""Between two events of a batch."""


def run(*, quick: bool = False) -> Report:
    """Validated batches of 100, as the API hands them over: of views, of what shelves led to, and of impressions."""
    batches, rounds = (5, 1) if quick else (20, 7)
    with running_shop():
        shop = _Shop(batches)
        return Report(
            [
                shop.compare("views, validated batches of 100", shop.view, shop.view_row, rounds),
                shop.compare("clicks and baskets, attributed", shop.act, shop.act_row, rounds),
                shop.compare("impressions", shop.impression, shop.impression_row, rounds),
            ]
        )


class _Shop:
    """A range, its visitors, and events of both."""

    def __init__(self, batches: int) -> None:
        from catalog.models import Family, Product
        from recommender.models import Visitor
        from recommender.services import recommendation_ids
        from recommender.services.recommendation_ids import Run, Served

        family = Family.objects.create(key="bench")
        Product.objects.bulk_create(Product(sku=f"p{i}", family=family, stock=1) for i in range(_PRODUCTS))
        self._keys = list(Product.objects.values_list("pk", flat=True))
        self._visitors = Visitor.objects.bulk_create(Visitor() for _ in range(_VISITORS))
        self._batches = batches
        self._numbers = count()
        self._served = Served("product-page", (Run("similar", 12),), _SNAPSHOT, datetime.now(UTC), 3)
        self._served_id = recommendation_ids.write(self._served)

    def compare(self, what: str, event: _Maker, row: _Maker, rounds: int) -> Row:
        """Events a second of this kind through the service, and of ready rows."""
        from recommender.services import tracking

        n = self._batches * _BATCH

        def service() -> float:
            made = [self._batch(event) for _ in range(self._batches)]
            started = time.perf_counter()
            accepted = sum(tracking.record_batch(batch.visitor, events).accepted for batch, events in made)
            seconds = time.perf_counter() - started
            if accepted != n:
                raise SystemExit(f"Only {accepted} of {n} events were stored.")
            return n / seconds

        def bare() -> float:
            made = [self._batch(row) for _ in range(self._batches)]
            started = time.perf_counter()
            for _, rows in made:
                type(rows[0])._default_manager.bulk_create(rows, ignore_conflicts=True)
            return n / (time.perf_counter() - started)

        service()
        bare()
        return compare(what, n, service, bare, rounds=rounds, unit="events/s")

    def view(self, batch: _Batch, i: int) -> dict[str, Any]:
        """A look at a product, as an app reports it."""
        return self._event("view", batch, i)

    def view_row(self, batch: _Batch, i: int) -> Any:
        """The same as a row."""
        return self._row("view", batch, i)

    def act(self, batch: _Batch, i: int) -> dict[str, Any]:
        """A click on a card, or the basket that follows."""
        if i % 2:
            return self._event("cart", batch, i, quantity=1, price="199.00")
        return self._event("click", batch, i, recommendation_id=self._served_id, position=i % 12 + 1)

    def act_row(self, batch: _Batch, i: int) -> Any:
        """The same as a row that is attributed already."""
        click = i - i % 2
        origin = {"placement": "product-page", "strategy": "similar", "position": click % 12 + 1, "snapshot": _SNAPSHOT}
        origin["touched_at"] = batch.moment(click)
        if i % 2:
            return self._row("cart", batch, i, price=Decimal("199.00"), **origin)
        return self._row("click", batch, i, **origin)

    def impression(self, batch: _Batch, i: int) -> dict[str, Any]:
        """A list that was seen, as a page reports it."""
        return {
            "id": str(uuid.uuid4()),
            "kind": "impression",
            "recommendation_id": self._served_id,
            "products": [str(self._key(batch, i + place)) for place in range(5)],
            "occurred_at": batch.moment(i).isoformat(),
        }

    def impression_row(self, batch: _Batch, i: int) -> Any:
        """The same as a row."""
        from recommender.models import Impression

        return Impression(
            id=uuid.uuid4(),
            occurred_at=batch.moment(i),
            placement=self._served.placement,
            runs="similar.5",
            snapshot=_SNAPSHOT,
            milliseconds=self._served.milliseconds,
            places=5,
        )

    def _batch(self, make: _Maker) -> tuple[_Batch, list[Any]]:
        number = next(self._numbers)
        batch = _Batch(number, self._visitors[number % _VISITORS], datetime.now(UTC) - _BATCH * _STEP)
        return batch, [make(batch, i) for i in range(_BATCH)]

    def _key(self, batch: _Batch, i: int) -> Any:
        return self._keys[(_BATCH * batch.number + i) % _PRODUCTS]

    def _event(self, kind: str, batch: _Batch, i: int, **more: Any) -> dict[str, Any]:
        about = {"product": str(self._product(kind, batch, i)), "occurred_at": batch.moment(i).isoformat()}
        return {"id": str(uuid.uuid4()), "kind": kind} | about | more

    def _row(self, kind: str, batch: _Batch, i: int, **more: Any) -> Any:
        from recommender.models import Interaction

        return Interaction(
            visitor=batch.visitor,
            product_id=self._product(kind, batch, i),
            kind=kind,
            occurred_at=batch.moment(i),
            client_id=uuid.uuid4(),
            **more,
        )

    def _product(self, kind: str, batch: _Batch, i: int) -> Any:
        return self._key(batch, i - 1 if kind == "cart" else i)


class _Batch(NamedTuple):
    number: int
    visitor: Any
    started_at: datetime

    def moment(self, i: int) -> datetime:
        """When the event of this number happened."""
        return self.started_at + i * _STEP


_Maker = Callable[[_Batch, int], Any]
"""Makes the event of this number, or its row."""
