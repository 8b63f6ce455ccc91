"""A year of simulated shopping: missions, visits, a slate seen from the top, baskets and orders.

A shopper sets out on a mission with something in mind, comes back a few times, looks at what stands high in the list
and suits their taste, puts the best aside and sometimes buys it. Nothing happens to a phone before its launch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from catalog.demo.tastes import Shoppers, draw_shoppers, wants
from catalog.demo.variants import DAYS_PER_MONTH, Variant, price_after, released_on
from recommender.sources import InteractionRecord

Float = NDArray[np.float64]
Int = NDArray[np.int64]
Bool = NDArray[np.bool_]

DAYS = 365
GUESTS = 0.17
MISSIONS = 3.6
"""Missions a year of the average shopper."""
SLATE = 24
"""Products that a visit scrolls through."""
SECONDS_A_LOOK = 45.0
LAUNCH_SHARE = 0.22
"""Missions that a launch sets off."""


@dataclass(frozen=True)
class _Missions:
    shopper: Int
    start: Float
    utility: Float


@dataclass(frozen=True)
class _Visits:
    mission: Int
    at: Float
    is_last: Bool


class _Events(NamedTuple):
    """Columns of events, shape (m,): mission, product, seconds since the first day, kind, pieces, order (-1: none)."""

    mission: Int
    product: Int
    at: Float
    kind: Int
    quantity: Int
    order: Int


VIEW, CART, PURCHASE = range(3)
KINDS = ("view", "cart", "purchase")


def history(variants: Sequence[Variant], *, shoppers: int, seed: int, end: date) -> list[InteractionRecord]:
    """What `shoppers` people did in the year before the day `end`, oldest first.

    Shoppers are named s00001, s00002, ...; guests leave only orders, with an empty user id.
    """
    random = np.random.default_rng([seed, shoppers])
    people = draw_shoppers(random, shoppers, GUESTS, variants)
    launch = np.array([DAYS - (end - released_on(variant.family, end)).days for variant in variants], float)
    missions = _set_out(random, people, variants, launch, end)
    visits = _visit(random, missions)
    events = _shop(random, missions, visits, launch)
    return list(_records(events, missions, people, variants, end))


def _season(end: date) -> Float:
    """How much people shop on each day of the year before `end`: weekends, autumn, the weeks before Christmas."""
    days = [end - timedelta(days=DAYS - number) for number in range(DAYS)]
    weight = [1.0 + 0.25 * (day.weekday() >= 5) for day in days]
    busy = [
        1.9
        if (11, 20) <= (day.month, day.day) <= (12, 22)
        else 1.3
        if day.month in (9, 10)
        else 0.85
        if day.month in (2, 7)
        else 1.0
        for day in days
    ]
    season = np.array(weight) * np.array(busy)
    return np.asarray(season / season.sum())


def _set_out(
    random: np.random.Generator, people: Shoppers, variants: Sequence[Variant], launch: Float, end: date
) -> _Missions:
    n = len(people.budget)
    shopper = np.repeat(np.arange(n), 1 + random.poisson((MISSIONS - 1) * people.activity))
    start = random.choice(DAYS, size=len(shopper), p=_season(end)) + random.random(len(shopper))
    fashion = random.normal(0, 0.45, len({variant.family.title for variant in variants}))
    family = np.unique([variant.family.title for variant in variants], return_inverse=True)[1]
    taste = wants(people, variants)
    utility = taste[shopper] + fashion[family] + random.gumbel(0, 0.55, (len(shopper), len(variants)))
    fresh = np.flatnonzero(launch > 0)
    if len(fresh):
        called = np.flatnonzero(random.random(len(shopper)) < LAUNCH_SHARE)
        favourite = fresh[utility[np.ix_(called, fresh)].argmax(axis=1)]
        start[called] = launch[favourite] + random.exponential(12.0, len(called))
    utility = (utility - utility.mean(axis=1, keepdims=True)) / utility.std(axis=1, keepdims=True)
    keep = start < DAYS
    return _Missions(shopper[keep], start[keep], utility[keep])


def _visit(random: np.random.Generator, missions: _Missions) -> _Visits:
    """One to about five visits a mission, days apart, mostly in the evening."""
    count = 1 + random.poisson(1.5, len(missions.start))
    mission = np.repeat(np.arange(len(count)), count)
    first = np.concatenate([[0], np.cumsum(count)[:-1]])
    number = np.arange(len(mission)) - first[mission]
    gaps = np.where(number > 0, random.exponential(2.2, len(mission)), 0.0)
    waited = np.cumsum(gaps)
    day = np.floor(missions.start[mission] + waited - waited[first][mission])
    hour = np.clip(random.normal(18.6, 3.4, len(mission)), 0.2, 23.2)
    keep = day < DAYS
    return _Visits(mission[keep], (day + hour / 24)[keep] * 86400, (number == count[mission] - 1)[keep])


def _shop(random: np.random.Generator, missions: _Missions, visits: _Visits, launch: Float) -> _Events:
    slate = _slates(random, missions, visits, launch)
    utility = np.take_along_axis(missions.utility[visits.mission], slate, axis=1)
    launched = launch[slate] < visits.at[:, None] / 86400
    seen = launched & (random.random(slate.shape) < _attention(utility))
    liked = np.where(seen, utility, -np.inf)
    best = liked.argmax(axis=1)
    eager = 1 / (1 + np.exp(-1.6 * (liked.max(axis=1) - 1.5)))
    carts = np.flatnonzero(random.random(len(best)) < eager * np.where(visits.is_last, 0.70, 0.26))
    bought = carts[visits.is_last[carts] & (random.random(len(carts)) < 0.72)]
    bought = bought[np.argsort(visits.at[bought], kind="stable")]
    done = visits.at + SECONDS_A_LOOK * (slate.shape[1] + 1)

    row, place = np.nonzero(seen)
    looked_at = visits.at[row] + SECONDS_A_LOOK * place + random.uniform(0, 0.8 * SECONDS_A_LOOK, len(row))
    second, extra = _seconds(random, bought, liked, best, slate)
    pieces = 1 + (random.random(len(bought)) < 0.03)
    orders = np.arange(len(bought))
    return _join(
        _events(visits.mission[row], slate[row, place], looked_at, VIEW),
        _events(visits.mission[carts], slate[carts, best[carts]], done[carts], CART),
        _events(visits.mission[bought], slate[bought, best[bought]], done[bought] + 300, PURCHASE, pieces, orders),
        _events(visits.mission[bought[second]], extra, done[bought[second]] + 300, PURCHASE, None, orders[second]),
    )


def _slates(random: np.random.Generator, missions: _Missions, visits: _Visits, launch: Float) -> Int:
    """What a visit scrolls through, best place first, shape (visits, SLATE): searched and filtered, imperfectly."""
    age = visits.at[:, None] / 86400 - launch[None, :]
    news = np.where(age > 0, 0.9 * np.exp(-np.clip(age, 0, None) / 40), -np.inf)
    rank = 0.75 * missions.utility[visits.mission] + news + random.gumbel(0, 0.75, news.shape)
    k = min(SLATE, rank.shape[1])
    top = np.argpartition(-rank, k - 1, axis=1)[:, :k]
    order = np.argsort(-np.take_along_axis(rank, top, axis=1), axis=1, kind="stable")
    return np.take_along_axis(top, order, axis=1)


def _attention(utility: Float) -> Float:
    """The chance that a product is opened: taste times the position bias (1 + place)^-0.6 (Joachims et al. 2017)."""
    bias = (1.0 + np.arange(utility.shape[1])) ** -0.6
    return np.asarray(bias / (1 + np.exp(-1.5 * (utility - 0.55))))


def _seconds(random: np.random.Generator, bought: Int, liked: Float, best: Int, slate: Int) -> tuple[Int, Int]:
    """The orders that also take the second-best product seen, for somebody else at home, and that product."""
    rest = liked[bought].copy()
    rest[np.arange(len(bought)), best[bought]] = -np.inf
    choice = rest.argmax(axis=1)
    taken = np.flatnonzero((random.random(len(bought)) < 0.11) & np.isfinite(rest.max(axis=1)))
    return taken, slate[bought[taken], choice[taken]]


def _events(
    mission: Int, product: Int, at: Float, kind: int, quantity: Int | None = None, order: Int | None = None
) -> _Events:
    n = len(mission)
    ones, none = np.ones(n, np.int64), np.full(n, -1)
    return _Events(
        mission, product, at, np.full(n, kind), ones if quantity is None else quantity, none if order is None else order
    )


def _join(*parts: _Events) -> _Events:
    """All parts, oldest first."""
    joined = [np.concatenate(column) for column in zip(*parts, strict=True)]
    order = np.argsort(joined[2], kind="stable")
    return _Events(*(column[order] for column in joined))


def _records(
    events: _Events, missions: _Missions, people: Shoppers, variants: Sequence[Variant], end: date
) -> Iterator[InteractionRecord]:
    midnight = datetime.combine(end, time(), UTC)
    shopper = missions.shopper[events.mission]
    guest = people.guest[shopper]
    wanted = ~guest | (events.kind == PURCHASE)
    rows = zip(*(column[wanted].tolist() for column in (shopper, guest, *events[1:])), strict=True)
    for line, (who, is_guest, product, at, kind, quantity, order) in enumerate(rows, start=2):
        variant = variants[product]
        left = DAYS - at / 86400
        age = variant.family.age_months - left / DAYS_PER_MONTH
        yield InteractionRecord(
            line=line,
            user_id="" if is_guest else f"s{who + 1:05d}",
            product_id=variant.product_id,
            kind=KINDS[kind],
            occurred_at=midnight - timedelta(seconds=round(left * 86400)),
            quantity=quantity,
            price=Decimal(price_after(variant.launch_price, age)),
            order_id=f"D{order + 1:06d}" if order >= 0 else "",
        )
