"""What an event is worth: kind, age, quantity and repetition made into one weight a visitor and product."""

from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from recommender.core.types import Float32, Int32, Int64

Float64: TypeAlias = NDArray[np.float64]

QUANTITY_CAP = 3.0
VISITOR_CAP = 500.0
ROUNDING = 1e-9


class Weighted(NamedTuple):
    """A users x products matrix in coordinates, each pair once, by user and then product.

    Attributes:
        users: int32, shape (m,).
        rows: int32, shape (m,).
        weights: float32, shape (m,), > 0.
        events: how many different visitors stand behind each product, float32, shape (n,): the evidence of its signals.
            One visitor counts once, however often they came.
    """

    users: Int32
    rows: Int32
    weights: Float32
    events: Float32


def interaction_weights(
    users: Int32,
    rows: Int32,
    kind_weights: Float32,
    ages_days: Float32,
    quantities: Float32,
    *,
    n: int,
    half_life_days: float,
    visitor_cap: float = VISITOR_CAP,
) -> Weighted:
    """Events as a matrix of what each visitor thinks of each product.

    The sum of `event_weights` over a visitor's events with a product, where it is positive; then all weights of a
    visitor are scaled down to sum to at most `visitor_cap`, so that no robot rules the catalogue.

    Args:
        users: int32, shape (e,), >= 0.
        rows: int32, shape (e,), 0..n-1.
        kind_weights: see `event_weights`, as ages_days, quantities and half_life_days.
        n: the number of products.
        visitor_cap: the highest total weight of one visitor.
    """
    worth = event_weights(users, rows, kind_weights, ages_days, quantities, half_life_days=half_life_days)
    pairs, group = np.unique(users.astype(np.int64) * max(n, 1) + rows, return_inverse=True)
    summed = np.bincount(group, weights=worth, minlength=pairs.size)
    liked = summed > ROUNDING  # events that cancel out leave nothing, in whatever order they are added
    pairs, summed = pairs[liked], summed[liked]
    pair_users, pair_rows = pairs // max(n, 1), pairs % max(n, 1)
    totals = np.bincount(pair_users, weights=summed)[pair_users]
    weights = (summed * np.minimum(1.0, visitor_cap / totals)).astype(np.float32)
    alive = weights > 0  # a very old event underflows
    events = np.bincount(pair_rows[alive], minlength=n).astype(np.float32)
    return Weighted(pair_users[alive].astype(np.int32), pair_rows[alive].astype(np.int32), weights[alive], events)


def visitor_weights(
    rows: Int32,
    kind_weights: Float32,
    ages_days: Float32,
    quantities: Float32,
    half_life_days: float,
    half_life_products: float = float("inf"),
) -> tuple[Int32, Float32]:
    """One visitor's products, ascending, and their weights > 0: as `interaction_weights` sees them, then `faded`."""
    distinct, places = np.unique(rows, return_inverse=True)
    worth = event_weights(
        np.zeros(rows.size, np.int32), rows, kind_weights, ages_days, quantities, half_life_days=half_life_days
    )
    summed = np.bincount(places, weights=worth, minlength=distinct.size)
    summed[summed <= ROUNDING] = 0.0
    weights = (summed * min(1.0, VISITOR_CAP / max(summed.sum(), ROUNDING))).astype(np.float32)
    latest = np.full(distinct.size, np.inf)
    np.minimum.at(latest, places, _known(ages_days, otherwise=np.inf))
    liked = weights > 0
    return distinct[liked], faded(weights[liked], latest[liked], half_life_products)


def faded(weights: Float32, ages_days: NDArray[Any], half_life_products: float) -> Float32:
    """A visitor's weights by how many other products they turned to since: w * 2^(-r / half-life), float32.

    r counts the products with a later last event. What somebody looks for now shows in their last few products, after
    an evening as well as after a year, which no half-life in days can follow.

    Args:
        weights: one for each of the visitor's products, shape (h,).
        ages_days: of the last event with each, shape (h,).
        half_life_products: > 0; inf for no fading.
    """
    since = np.searchsorted(np.sort(ages_days), ages_days, side="left")
    return (weights * np.exp2(-since / half_life_products)).astype(np.float32)


def popularity(weighted: Weighted) -> Float32:
    """The total weight on each product, float32, shape (n,): its trend, when the half-life was short."""
    return np.bincount(weighted.rows, weights=weighted.weights, minlength=weighted.events.size).astype(np.float32)


def event_weights(
    users: Int32,
    rows: Int32,
    kind_weights: Float32,
    ages_days: Float32,
    quantities: Float32,
    *,
    half_life_days: float,
) -> Float64:
    """The worth of each event: kind * 2^(-age / half-life) * min(1 + ln quantity, 3) / r.

    It is a visitor's r-th event of that kind with that product, the latest first: looking ten times says more than
    looking once, but not ten times as much. A refund subtracts: a negative kind weight, or a negative quantity.

    Args:
        users: int32, shape (e,).
        rows: int32, shape (e,).
        kind_weights: what an event of that kind is worth, float32, shape (e,); NaN counts as 0.
        ages_days: float32, shape (e,); a future event has age 0, NaN counts as very old.
        quantities: float32, shape (e,); NaN counts as 1, 0 as nothing, fractions as 1.
        half_life_days: > 0; inf for no decay.

    Returns:
        float64, shape (e,).
    """
    kinds = _known(kind_weights, otherwise=0.0)
    ages = np.maximum(_known(ages_days, otherwise=np.inf), 0.0)
    amounts = _known(quantities, otherwise=1.0)
    signs = np.where((kinds < 0) | (amounts < 0), -1.0, 1.0) * (amounts != 0)
    sizes = np.minimum(1.0 + np.log(np.maximum(np.abs(amounts), 1.0)), QUANTITY_CAP)
    decay = np.exp2(-ages / half_life_days) if np.isfinite(half_life_days) else np.isfinite(ages).astype(np.float64)
    signed = signs * np.abs(kinds)
    worth: Float64 = signed * sizes * decay / _repetition(users, rows, signed, ages, sizes)
    return worth


def _known(values: Float32, otherwise: float) -> Float64:
    """The values in float64, with another for NaN."""
    wide = np.asarray(values, np.float64)
    return np.where(np.isnan(wide), otherwise, wide)


def _repetition(users: Int32, rows: Int32, kinds: Float64, ages: Float64, sizes: Float64) -> Int64:
    """Which event of its visitor, product and kind each one is, 1 for the latest, and the largest of those at once."""
    order = np.lexsort((-sizes, ages, kinds, rows, users))
    keys = (users[order], rows[order], kinds[order])
    first = np.ones(order.size, bool)
    first[1:] = np.any([key[1:] != key[:-1] for key in keys], axis=0)
    starts = np.flatnonzero(first)
    place = np.arange(order.size) - np.repeat(starts, np.diff(np.append(starts, order.size)))
    result = np.empty(order.size, np.int64)
    result[order] = place + 1
    return result
