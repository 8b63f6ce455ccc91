"""What the simulated shoppers saw on shelves, and which of their looks a click there led to.

The history tells who looked at what and bought it. This says for a part of those looks that a shelf led to them, so
that the page of figures has something to show: the shoppers stay the same people, and nobody buys more for it.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

import numpy as np
from django.db.models import Model
from django.utils import timezone

from recommender.models import Impression, Interaction, InteractionKind, Search, ShownProduct, Snapshot
from recommender.services import attributing
from recommender.services.figures import summing

DAYS = 60
CARDS = (3, 6)
"""Fewest and most cards of a list that are in view at once."""
SEARCHES, EMPTY = 0.2, 0.07
"""Looks that a search came before, and searches that find nothing."""
_BATCH = 2000


@dataclass(frozen=True)
class Spot:
    """One shelf of the shop.

    Attributes:
        placement: its name.
        strategy: what fills it.
        seen: how often the shelf was in view, for each look at a product.
        led: how many looks it led to.
        filled: how often a fallback fills it instead.
    """

    placement: str
    strategy: str
    seen: float
    led: float
    filled: float


SPOTS = (
    Spot("product-page", "similar", 0.62, 0.085, 0.02),
    Spot("home", "for_you", 0.34, 0.040, 0.18),
    Spot("basket", "bought_together", 0.07, 0.010, 0.30),
    Spot("recently-viewed", "recently_viewed", 0.21, 0.030, 0.0),
    Spot("empty-listing", "trending", 0.03, 0.003, 0.0),
)


def imagine(*, seed: int = 0) -> int:
    """Make up what was seen and clicked in the last `DAYS` days of the history; return how many clicks.

    A shop that already has impressions is left alone.
    """
    if Impression.objects.exists():
        return 0
    random = np.random.default_rng([seed, DAYS])
    since = timezone.now() - timedelta(days=DAYS)
    looks = list(Interaction.objects.filter(kind=InteractionKind.VIEW, occurred_at__gte=since).order_by("pk"))
    if not looks:
        return 0
    snapshot = Snapshot.objects.filter(is_active=True).first()
    number = snapshot.pk if snapshot else 0
    _see(random, looks, number)
    _search(random, looks)
    clicks = _click(random, looks, number)
    _follow(since)
    summing.sum_up()
    return clicks


def _see(random: np.random.Generator, looks: Sequence[Interaction], snapshot: int) -> None:
    """Lists in view shortly before the looks, and the products on them."""
    rows, shown = [], set()
    products = [look.product_id for look in looks]
    for spot in SPOTS:
        for place in np.flatnonzero(random.random(len(looks)) < spot.seen).tolist():
            moment = looks[place].occurred_at - timedelta(seconds=20)
            cards = int(random.integers(CARDS[0], CARDS[1] + 1))
            filler = random.random() < spot.filled
            rows.append(_impression(random, spot, snapshot, moment, cards, filler=filler))
            day = timezone.localdate(moment)
            shown |= {(day, products[one]) for one in random.integers(0, len(products), cards).tolist()}
    _write(rows)
    _write([ShownProduct(day=day, product_id=key) for day, key in sorted(shown)])


def _impression(
    random: np.random.Generator, spot: Spot, snapshot: int, moment: datetime, cards: int, *, filler: bool
) -> Impression:
    return Impression(
        id=_uuid(random),
        occurred_at=moment,
        placement=spot.placement,
        runs=f"-trending.{cards}" if filler else f"{spot.strategy}.{cards}",
        snapshot=snapshot,
        milliseconds=int(random.lognormal(1.6, 0.5)),
        places=cards,
    )


def _search(random: np.random.Generator, looks: Sequence[Interaction]) -> None:
    rows = []
    for place in np.flatnonzero(random.random(len(looks)) < SEARCHES).tolist():
        results = 0 if random.random() < EMPTY else int(random.integers(1, 40))
        moment = looks[place].occurred_at - timedelta(seconds=60)
        rows.append(Search(id=_uuid(random), occurred_at=moment, results=results))
    _write(rows)


def _click(random: np.random.Generator, looks: Sequence[Interaction], snapshot: int) -> int:
    """Clicks a few seconds before the looks that they led to; the upper places more often."""
    chosen = random.choice(len(SPOTS) + 1, len(looks), p=[*(spot.led for spot in SPOTS), 1 - sum(s.led for s in SPOTS)])
    bias = 1 / np.arange(1, 9)
    rows = []
    for look, at in zip(looks, chosen.tolist(), strict=True):
        if at == len(SPOTS):
            continue
        moment, spot = look.occurred_at - timedelta(seconds=4), SPOTS[at]
        rows.append(
            Interaction(
                visitor_id=look.visitor_id,
                product_id=look.product_id,
                kind=InteractionKind.CLICK,
                occurred_at=moment,
                client_id=_uuid(random),
                placement=spot.placement,
                strategy=spot.strategy,
                position=int(random.choice(bias.size, p=bias / bias.sum())) + 1,
                snapshot=snapshot or None,
                touched_at=moment,
            )
        )
    _write(rows)
    return len(rows)


def _follow(since: datetime) -> None:
    """Count the baskets and purchases of the history to the clicks before them."""
    sales = Interaction.objects.filter(
        kind__in=[InteractionKind.CART, InteractionKind.PURCHASE], occurred_at__gte=since
    )
    rows = iter(list(sales.order_by("pk")))
    while batch := list(islice(rows, 300)):
        attributing.attribute(batch)
        owed = [event for event in batch if event.touched_at is not None]
        Interaction.objects.bulk_update(owed, ["placement", "strategy", "snapshot", "position", "touched_at"])


def _write(rows: Sequence[Model]) -> None:
    if rows:
        type(rows[0])._default_manager.bulk_create(rows, batch_size=_BATCH, ignore_conflicts=True)


def _uuid(random: np.random.Generator) -> uuid.UUID:
    return uuid.UUID(bytes=random.bytes(16), version=4)
