"""Which shelf a basket or a purchase owes itself to: the last touch.

A click on a recommended product is a touch, as is putting it into the basket straight from its card. A later basket or
purchase of that product by the same visitor belongs to the last touch of the `ATTRIBUTION_DAYS` before it. Nothing is
written when a list is served: the touch brings the list's id, which says what was served.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from recommender.conf import settings
from recommender.models import Interaction, InteractionKind
from recommender.services.recommendation_ids import Served
from recommender.storage import interactions
from recommender.storage.interactions import Touch

_EARNED = frozenset({InteractionKind.CART, InteractionKind.PURCHASE})
"""Kinds that may owe themselves to an earlier touch."""


def touch(event: Interaction, served: Served, position: int | None) -> None:
    """Note on an event the list that it came from, and its place there, from 1."""
    event.placement, event.strategy = served.placement, served.strategy_at(position)
    event.snapshot, event.position, event.touched_at = served.snapshot, position, event.occurred_at


def attribute(events: Sequence[Interaction]) -> None:
    """Note on baskets and purchases that name no list themselves the visitor's last touch, if there was one in time.

    At most one query, and none where there is nothing to ask for.
    """
    owing = [event for event in events if event.kind in _EARNED and event.touched_at is None]
    if not owing:
        return
    window = timedelta(days=settings.ATTRIBUTION_DAYS)
    visitors, products = {event.visitor_id for event in owing}, {event.product_id for event in owing}
    moments = [event.occurred_at for event in owing]
    first, last = min(moments), max(moments)
    stored = interactions.touches(visitors, products, since=first - window, first=first, last=last)
    touches: dict[Any, list[Touch]] = defaultdict(list)
    for found in [*stored, *_new_touches(events)]:
        touches[found.visitor_id, found.product_key].append(found)
    for event in owing:
        origin = _last(touches[event.visitor_id, event.product_id], event.occurred_at, window)
        if origin is not None:
            event.placement, event.strategy, event.snapshot = origin.placement, origin.strategy, origin.snapshot
            event.position, event.touched_at = origin.position, origin.touched_at


def _new_touches(events: Sequence[Interaction]) -> list[Touch]:
    return [
        Touch(
            event.visitor_id,
            event.product_id,
            event.touched_at,
            event.placement,
            event.strategy,
            event.position,
            event.snapshot,
        )
        for event in events
        if event.touched_at is not None
    ]


def _last(touches: Sequence[Touch], moment: datetime, window: timedelta) -> Touch | None:
    in_time = [found for found in touches if moment - window <= found.touched_at <= moment]
    return max(in_time, key=lambda found: found.touched_at, default=None)
