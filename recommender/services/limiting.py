"""How often somebody may do something: counted in the cache, so that all processes together keep the limit.

Adding and incrementing are atomic on Redis, Valkey, Memcached and in local memory: of any number of requests at once,
no more than allowed get through.
"""

from __future__ import annotations

import time
from typing import NamedTuple

from django.core.cache import caches
from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.locmem import LocMemCache
from django.utils.crypto import salted_hmac

from recommender.conf import settings

_PERIODS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_own = LocMemCache("recommender.limits", {"OPTIONS": {"MAX_ENTRIES": 100_000}})


class Counted(NamedTuple):
    """Where somebody stands with a limit after one more try.

    Attributes:
        most: how many tries a period allows.
        period: its length in seconds.
        left: tries that are left in it.
        until: seconds until the next one begins.
        refused: whether this try was one too many.
    """

    most: int
    period: int
    left: int
    until: float
    refused: bool


def parse_rate(rate: str) -> tuple[int, int]:
    """How many in how many seconds: "10/min" is (10, 60). Only the first letter of the period counts."""
    most, _, period = rate.partition("/")
    return int(most), _PERIODS[period[0]]


def take(what: str, who: str, rate: str, cost: int = 1) -> float:
    """Count one try, and return the seconds to wait before the next when this one is refused; 0 when it is allowed.

    Args:
        what: the name of the limit.
        who: a user or an address; only a keyed digest of it is kept.
        rate: as `parse_rate` takes it.
        cost: what this try counts for, such as its bytes where those are limited.
    """
    counted = count(what, who, rate, cost)
    return counted.until if counted.refused else 0.0


def count(what: str, who: str, rate: str, cost: int = 1) -> Counted:
    """As `take`, and where that leaves one.

    A period begins with the first try in it. While the cache is away each process counts for itself.
    """
    most, seconds = parse_rate(rate)
    digest = salted_hmac(__name__, f"{what}\n{who}", algorithm="sha256").hexdigest()
    key = f"recommender.limit.{digest[:32]}"
    try:
        n, until = _count(caches[settings.CACHE], key, seconds, cost)
    except Exception:  # noqa: BLE001 - each backend raises what its library raises
        n, until = _count(_own, key, seconds, cost)
    return Counted(most, seconds, max(0, most - n), until, n > most)


def _count(cache: BaseCache, key: str, seconds: int, cost: int) -> tuple[int, float]:
    """What was counted in the period, this try included, by this cache, and the seconds that are left of the period.

    Raises:
        ValueError: when the cache keeps nothing.
    """
    begun = cache.add(key, 0, seconds)
    if begun:
        cache.set(f"{key}.until", time.time() + seconds, seconds)
    try:
        n = cache.incr(key, cost)
    except ValueError:  # the period ended just now
        begun = cache.add(key, 0, seconds)
        n = cache.incr(key, cost)
    if n == cost and not begun:
        cache.touch(key, seconds)  # Redis counts on from nothing, without an end, when a key expires as it is asked for
    until = time.time() + seconds if begun else cache.get(f"{key}.until")
    left = until - time.time() if isinstance(until, float) else seconds
    return n, min(max(left, 1.0), seconds)
