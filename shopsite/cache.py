"""A Redis cache whose failure is a miss: pages get slower, never broken."""

import logging
import time
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError
from redis.retry import Retry

from shopsite.environment import is_unix

logger = logging.getLogger(__name__)

TIMEOUT_SECONDS = 0.5
"""How long one page may wait for the cache."""

REST_SECONDS = 5.0
"""How long a cache that failed is left alone, so that a frozen server costs one wait and not one for each key."""


class ForgivingClient(RedisCacheClient):
    """Django's client with time limits, which says "not cached" while the server is away."""

    def __init__(self, servers: list[str], **options: Any) -> None:
        options |= {"socket_timeout": TIMEOUT_SECONDS, "retry": Retry(NoBackoff(), 0)}
        if not any(is_unix(server) for server in servers):
            options["socket_connect_timeout"] = TIMEOUT_SECONDS
        super().__init__(servers, **options)
        self._resting_until = 0.0

    def attempt(self, call: Callable[[], Any], otherwise: Any) -> Any:
        """What the server answers, or `otherwise` when it does not."""
        if time.monotonic() < self._resting_until:
            return otherwise
        try:
            return call()
        except (RedisConnectionError, RedisTimeoutError) as error:
            self._resting_until = time.monotonic() + REST_SECONDS
            logger.warning("The cache does not answer and is left alone for %.0f s: %s", REST_SECONDS, error)
            return otherwise
        except Exception as error:  # noqa: BLE001 - reading garbage raises anything, as unpickling does
            logger.warning("The cache holds something that is not ours: %s", type(error).__name__)
            return otherwise


class ForgivingRedisCache(RedisCache):
    """Django's Redis cache over a `ForgivingClient`."""

    def __init__(self, server: str | list[str], params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = ForgivingClient


def _forgiving(name: str, otherwise: Any) -> Callable[..., Any]:
    original = getattr(RedisCacheClient, name)

    def method(self: ForgivingClient, *args: Any, **kwargs: Any) -> Any:
        return self.attempt(lambda: original(self, *args, **kwargs), otherwise)

    return method


def _get(self: ForgivingClient, key: str, default: Any) -> Any:
    return self.attempt(lambda: RedisCacheClient.get(self, key, default), default)


def _incr(self: ForgivingClient, key: str, delta: int) -> int:
    def count() -> int | None:
        try:
            return int(RedisCacheClient.incr(self, key, delta))
        except ValueError:
            return None

    value: int | None = self.attempt(count, None)
    if value is None:
        raise ValueError(f"Key {key!r} not found")  # what Django's caches say of a missing key
    return value


_WHEN_AWAY: dict[str, Any] = {
    "add": False,
    "set": None,
    "touch": False,
    "delete": False,
    "get_many": {},
    "has_key": False,
    "set_many": None,
    "delete_many": None,
    "clear": False,
}
for _name, _answer in _WHEN_AWAY.items():
    setattr(ForgivingClient, _name, _forgiving(_name, _answer))
ForgivingClient.get = _get  # type: ignore[method-assign,assignment]
ForgivingClient.incr = _incr  # type: ignore[method-assign,assignment]
