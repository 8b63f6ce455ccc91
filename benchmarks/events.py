"""Events a second through the service, checked one by one, against a bare bulk insert into the same table.

Both store batches of 100 for one visitor, in the same run and turn about, into the same growing table with the same
indexes. The floor checks and asks nothing: it is `bulk_create(ignore_conflicts=True)` of ready rows.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from benchmarks.report import Report, Row, compare
from benchmarks.shop import running_shop

_BATCH = 100


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
    """A range, a visitor, and events of both."""

    def __init__(self, batches: int) -> None:
        from catalog.models import Family, Product
        from recommender.models import Visitor
        from recommender.services import recommendation_ids
        from recommender.services.recommendation_ids import Run, Served

        family = Family.objects.create(key="bench")
        Product.objects.bulk_create(Product(sku=f"p{i}", family=family, stock=1) for i in range(500))
        self._keys = list(Product.objects.values_list("pk", flat=True))
        self._visitor = Visitor.objects.create()
        self._now = datetime.now(UTC)
        self._batches = batches
        self._served = recommendation_ids.write(Served("product-page", (Run("similar", 12),), 1, self._now))

    def compare(self, what: str, event: Callable[[int], Any], row: Callable[[int], Any], rounds: int) -> Row:
        """Events a second of this kind through the service, and of ready rows."""
        from recommender.services import tracking

        n = self._batches * _BATCH

        def service() -> float:
            made = [[event(i) for i in range(_BATCH)] for _ in range(self._batches)]
            started = time.perf_counter()
            accepted = sum(tracking.record_batch(self._visitor, events).accepted for events in made)
            seconds = time.perf_counter() - started
            if accepted != n:
                raise SystemExit(f"Only {accepted} of {n} events were stored.")
            return n / seconds

        def bare() -> float:
            made = [[row(i) for i in range(_BATCH)] for _ in range(self._batches)]
            started = time.perf_counter()
            for rows in made:
                type(rows[0])._default_manager.bulk_create(rows, ignore_conflicts=True)
            return n / (time.perf_counter() - started)

        service()
        bare()
        return compare(what, n, service, bare, rounds=rounds, unit="events/s")

    def view(self, i: int) -> dict[str, Any]:
        """A look at a product, as an app reports it."""
        return self._event("view", i)

    def view_row(self, i: int) -> Any:
        """The same as a row."""
        return self._row("view", i)

    def act(self, i: int) -> dict[str, Any]:
        """A click on a card, or the basket that follows."""
        if i % 2:
            return self._event("cart", i - 1, quantity=1, price="199.00")
        return self._event("click", i, recommendation_id=self._served, position=i % 12 + 1)

    def act_row(self, i: int) -> Any:
        """The same as a row that is attributed already."""
        origin = {"placement": "product-page", "strategy": "similar", "position": 1, "snapshot": 1}
        return self._row("cart" if i % 2 else "click", i, touched_at=self._now, **origin)

    def impression(self, i: int) -> dict[str, Any]:
        """A list that was seen, as a page reports it."""
        products = [str(self._keys[(i + place) % len(self._keys)]) for place in range(5)]
        return {
            "id": str(uuid.uuid4()),
            "kind": "impression",
            "recommendation_id": self._served,
            "products": products,
        }

    def impression_row(self, i: int) -> Any:
        """The same as a row."""
        from recommender.models import Impression

        return Impression(
            id=uuid.uuid4(),
            occurred_at=self._now,
            placement="product-page",
            runs="similar.5",
            snapshot=1,
            milliseconds=3,
            places=5,
        )

    def _event(self, kind: str, i: int, **more: Any) -> dict[str, Any]:
        key = str(self._keys[i % len(self._keys)])
        moment = self._now.isoformat()
        return {"id": str(uuid.uuid4()), "kind": kind, "product": key, "occurred_at": moment} | more

    def _row(self, kind: str, i: int, **more: Any) -> Any:
        from recommender.models import Interaction

        return Interaction(
            visitor=self._visitor,
            product_id=self._keys[i % len(self._keys)],
            kind=kind,
            occurred_at=self._now,
            client_id=uuid.uuid4(),
            **more,
        )
