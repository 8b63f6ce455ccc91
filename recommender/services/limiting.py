"""How often somebody may do something: counted in the cache, so that all processes together keep the limit.

Adding and incrementing are atomic on Redis, Valkey, Memcached and in local memory: of any number of requests at once,
no more than allowed get through.
"""

from __future__ import annotations

import time

from django.core.cache import caches
from django.core.cache.backends.base import BaseCache
from django.core.cache.backends.locmem import LocMemCache
from django.utils.crypto import salted_hmac

from recommender.conf import settings

_PERIODS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_own = LocMemCache("recommender.limits", {"OPTIONS": {"MAX_ENTRIES": 100_000}})


def parse_rate(rate: str) -> tuple[int, int]:
    """How many in how many seconds: "10/min" is (10, 60). Only the first letter of the period counts."""
    most, _, period = rate.partition("/")
    return int(most), _PERIODS[period[0]]


def take(what: str, who: str, rate: str) -> float:
    """Count one try, and return the seconds to wait before the next when this one is refused; 0 when it is allowed.

    A period begins with the first try in it. While the cache is away each process counts for itself.

    Args:
        what: the name of the limit.
        who: a user or an address; only a keyed digest of it is kept.
        rate: as `parse_rate` takes it.
    """
    most, seconds = parse_rate(rate)
    digest = salted_hmac(__name__, f"{what}\n{who}", algorithm="sha256").hexdigest()
    key = f"recommender.limit.{digest[:32]}"
    try:
        return _count(caches[settings.CACHE], key, most, seconds)
    except Exception:  # noqa: BLE001 - each backend raises what its library raises
        return _count(_own, key, most, seconds)


def _count(cache: BaseCache, key: str, most: int, seconds: int) -> float:
    """The wait, by this cache's count.

    Raises:
        ValueError: when the cache keeps nothing.
    """
    begun = cache.add(key, 0, seconds)
    if begun:
        cache.set(f"{key}.until", time.time() + seconds, seconds)
    try:
        n = cache.incr(key)
    except ValueError:  # the period ended just now
        begun = cache.add(key, 0, seconds)
        n = cache.incr(key)
    if n == 1 and not begun:
        cache.touch(key, seconds)  # Redis counts on from nothing, without an end, when a key expires as it is asked for
    if n <= most:
        return 0.0
    until = cache.get(f"{key}.until")
    left = until - time.time() if isinstance(until, float) else seconds
    return min(max(left, 1.0), seconds)
