"""What a visitor's events say about products: seen, bought, in the basket. Events come newest first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from recommender.models import InteractionKind
from recommender.storage.interactions import Event

_LOOKED = frozenset({InteractionKind.VIEW, InteractionKind.CLICK})
_INTO_BASKET = InteractionKind.CART
_OUT_OF_BASKET = frozenset({InteractionKind.REMOVE, InteractionKind.PURCHASE})


def seen(events: Sequence[Event]) -> set[str]:
    """Keys of the products that were looked at."""
    return {event.product_key for event in events if event.kind in _LOOKED}


def viewed(events: Sequence[Event]) -> list[str]:
    """Keys of the products that were looked at, the last one first."""
    return list(dict.fromkeys(event.product_key for event in events if event.kind in _LOOKED))


def bought(events: Sequence[Event]) -> set[str]:
    """Keys of the products that were bought and kept."""
    return set(bought_often(events))


def bought_often(events: Sequence[Event]) -> list[str]:
    """Keys of the products that were bought and kept, those of most purchases first, then the last ones."""
    pieces: Counter[str] = Counter()
    times: Counter[str] = Counter()
    for event in events:
        if event.kind == InteractionKind.PURCHASE:
            pieces[event.product_key] += abs(event.quantity)
            times[event.product_key] += 1
        elif event.kind == InteractionKind.REFUND:
            pieces[event.product_key] -= abs(event.quantity)
    return [key for key, _ in times.most_common() if pieces[key] > 0]


def in_basket(events: Sequence[Event]) -> set[str]:
    """Keys of the products that were put into the basket, and since then neither taken out nor bought."""
    last: dict[str, bool] = {}
    for event in events:
        if event.kind == _INTO_BASKET or event.kind in _OUT_OF_BASKET:
            last.setdefault(event.product_key, event.kind == _INTO_BASKET)
    return {key for key, is_in in last.items() if is_in}
