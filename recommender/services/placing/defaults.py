"""The placements that every shop starts with. Once there, each is the shop's own to change or to switch off."""

from __future__ import annotations

from typing import Any

from recommender.models import Placement, Strategy

_FILL = [Strategy.TRENDING.value, Strategy.NEW_ARRIVALS.value]
_KNOWN: dict[str, Any] = {"leave_out_bought": False, "leave_out_basket": False, "fallbacks": []}
"""For what shows what the visitor knows."""

DEFAULTS: dict[str, dict[str, Any]] = {
    "product-page": {
        "context": Placement.Context.PRODUCT.value,
        "strategies": [Strategy.SIMILAR.value],
    },
    "sold-out": {
        "context": Placement.Context.PRODUCT.value,
        "strategies": [Strategy.SUBSTITUTES.value],
        "fallbacks": [],
        "length": 6,
    },
    "basket": {
        "context": Placement.Context.BASKET.value,
        "strategies": [Strategy.BOUGHT_TOGETHER.value, Strategy.FOR_YOU.value, Strategy.SIMILAR.value],
    },
    "order-confirmation": {
        "context": Placement.Context.BASKET.value,
        "strategies": [Strategy.BOUGHT_TOGETHER.value, Strategy.FOR_YOU.value],
    },
    "home": {"strategies": [Strategy.FOR_YOU.value], "leave_out_seen": True},
    "empty-listing": {"strategies": [Strategy.FOR_YOU.value, Strategy.TRENDING.value]},
    "recently-viewed": {"strategies": [Strategy.RECENTLY_VIEWED.value], "lazy": True, **_KNOWN},
    "account": {"strategies": [Strategy.BUY_AGAIN.value], **_KNOWN},
    "app-home": {"strategies": [Strategy.FOR_YOU.value, Strategy.BECAUSE_VIEWED.value], "leave_out_seen": True},
}
"""Slug -> what differs from the defaults of the fields and from the fallbacks `trending`, `new_arrivals`."""


def ensure(using: str, model: Any = Placement) -> None:
    """Make the placements that are missing; those that are there stay as they are.

    Args:
        using: the database.
        model: `Placement`, or what it was at an earlier migration.
    """
    rows = [model(slug=slug, **{"fallbacks": _FILL} | own) for slug, own in DEFAULTS.items()]
    model._default_manager.using(using).bulk_create(rows, ignore_conflicts=True)
