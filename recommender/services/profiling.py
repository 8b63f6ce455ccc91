"""What is known about a visitor: in words for the visitor's own page, and as data to take away."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from recommender.conf import settings
from recommender.models import Interaction, Visitor
from recommender.sources import get_source
from recommender.storage import interactions

_RECENT = 500


@dataclass(frozen=True)
class Taste:
    """One thing the visitor seems to like: the attribute, its value, and its share of the visitor's events."""

    attribute: str
    value: str
    share: float


@dataclass(frozen=True)
class Profile:
    """A visitor in words: how many events of each kind, and the values that recur in at least a fifth of them."""

    n_events: int = 0
    kinds: dict[str, int] = field(default_factory=dict)
    tastes: list[Taste] = field(default_factory=list)


def describe(visitor: Visitor | None) -> Profile:
    """The visitor's profile from the last 500 events; an empty one for somebody unknown."""
    if visitor is None:
        return Profile()
    events = interactions.recent(visitor, _RECENT)
    source = get_source()
    products = {
        str(product.pk): product for product in source.queryset().filter(pk__in={e.product_key for e in events})
    }
    values: Counter[tuple[str, str]] = Counter()
    for event in events:
        if settings.EVENT_WEIGHTS.get(event.kind, 0.0) <= 0.0:
            continue  # what is dismissed or given back is no taste
        if product := products.get(event.product_key):
            values.update((name, value) for name, value in source.attributes(product).items() if value)
    tastes = [Taste(name, value, n / len(events)) for (name, value), n in values.most_common() if 5 * n >= len(events)]
    return Profile(len(events), dict(Counter(event.kind for event in events)), tastes)


def export(visitor: Visitor) -> dict[str, Any]:
    """Everything stored about a visitor, ready for JSON."""
    rows = Interaction.objects.filter(visitor=visitor).order_by("occurred_at", "pk")
    fields = (
        "client_id",
        "product_id",
        "kind",
        "occurred_at",
        "quantity",
        "price",
        "order_id",
        "placement",
        "strategy",
        "position",
        "snapshot",
        "touched_at",
    )
    return {
        "visitor": str(visitor.pk),
        "created_at": visitor.created_at.isoformat(),
        "events": [
            {name: None if value is None else str(value) for name, value in zip(fields, row, strict=True)}
            for row in rows.values_list(*fields)
        ],
    }
