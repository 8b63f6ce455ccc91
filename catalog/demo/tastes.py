"""What shoppers like and what products offer, as numbers whose product is how much a shopper wants a phone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from catalog.demo.families import Family
from catalog.demo.variants import Variant

Float = NDArray[np.float64]
Int = NDArray[np.int64]

ARCHETYPES = 18
"""Kinds of shoppers; people of a kind share brands, colours and shapes, which is what neighbours are learned from."""

_SPREAD = {"colour": 1.25, "brand": 0.85, "layout": 0.65, "finish": 0.65, "edge": 0.45}
_SPECIALIST = {"gaming": 0.13, "rugged": 0.07, "foldable": 0.10, "compact": 0.18}
_SMALL_STORAGE_BONUS = 0.15


@dataclass(frozen=True)
class Shoppers:
    """The latent tastes of n shoppers.

    Attributes:
        likes: name of an aspect -> weights, shape (n, values of the aspect).
        budget: natural logarithm of the price they have in mind, shape (n,).
        inches: screen size they have in mind, shape (n,).
        activity: how often they shop, mean 1, shape (n,).
        guest: whether they never log in, shape (n,), bool.
    """

    likes: dict[str, Float]
    budget: Float
    inches: Float
    activity: Float
    guest: NDArray[np.bool_]


def aspects(variants: Sequence[Variant]) -> dict[str, Int]:
    """Per aspect of looks and make, the number of each product's value, shape (p,)."""

    def layout(family: Family) -> str:
        return family.layout or family.brand.cameras.layout

    values: dict[str, list[str]] = {
        "colour": [variant.colour.group for variant in variants],
        "brand": [variant.family.brand.name for variant in variants],
        "layout": [layout(variant.family) for variant in variants],
        "finish": [variant.family.finish or variant.family.brand.finish for variant in variants],
        "edge": [variant.family.brand.edge for variant in variants],
        "tier": [variant.family.tier for variant in variants],
    }
    return {name: np.unique(column, return_inverse=True)[1].astype(np.int64) for name, column in values.items()}


def draw_shoppers(random: np.random.Generator, n: int, guests: float, variants: Sequence[Variant]) -> Shoppers:
    """n shoppers, of whom the share `guests` never log in."""
    kind = random.integers(ARCHETYPES, size=n)
    likes: dict[str, Float] = {}
    for name, spread in _SPREAD.items():
        width = int(aspects(variants)[name].max()) + 1
        shared = random.normal(0, spread, (ARCHETYPES, width))
        likes[name] = 0.7 * shared[kind] + 0.7 * random.normal(0, spread, (n, width))
    tiers = sorted({variant.family.tier for variant in variants})
    likes["tier"] = np.zeros((n, len(tiers)))
    for column, tier in enumerate(tiers):
        if share := _SPECIALIST.get(tier):
            likes["tier"][:, column] = np.where(random.random(n) < share, 1.9, -1.3)
    return Shoppers(
        likes=likes,
        budget=np.log(480.0) + 0.42 * random.normal(size=ARCHETYPES)[kind] + 0.42 * random.normal(size=n),
        inches=6.45 + 0.22 * random.normal(size=n),
        activity=random.gamma(2.2, 1 / 2.2, n),
        guest=random.random(n) < guests,
    )


def wants(shoppers: Shoppers, variants: Sequence[Variant]) -> Float:
    """How much each shopper wants each product, shape (n, p): taste, less the distance from the budget and the size.

    Paying more than planned hurts more than paying less.
    """
    utility = sum(shoppers.likes[name][:, column] for name, column in aspects(variants).items())
    price = np.log([variant.launch_price for variant in variants])
    over = price[None, :] - shoppers.budget[:, None]
    inches = np.array([min(variant.family.inches, 7.0) for variant in variants])
    apart = (inches[None, :] - shoppers.inches[:, None]) / 0.45
    cheapest = np.array([variant.storage_gb == variant.family.storage[0] for variant in variants])
    cost = np.where(over > 0, (over / 0.42) ** 2, (over / 0.75) ** 2)
    return np.asarray(utility - 0.5 * cost - 0.5 * apart**2 + _SMALL_STORAGE_BONUS * cheapest)
