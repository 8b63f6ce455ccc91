"""A Redis cache whose failure is a miss: pages get slower, never broken."""

import logging
import time
from collections.abc import Callable
from typing import Any, TypeVar

from django.core.cache.backends.redis import RedisCache, RedisCacheClient
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from shopsite.environment import is_unix

logger = logging.getLogger(__name__)
Answer = TypeVar("Answer")

TIMEOUT_SECONDS = 0.5
"""How long one page may wait for the cache."""

REST_SECONDS = 5.0
"""How long a cache that failed is left alone, so that a frozen server costs one wait and not one for each key."""


class ForgivingClient(RedisCacheClient):
    """Django's client with time limits, which answers "not cached" while the server is away."""

    def __init__(self, servers: list[str], **options: Any) -> None:
        options.setdefault("socket_timeout", TIMEOUT_SECONDS)
        if not any(is_unix(server) for server in servers):
            options.setdefault("socket_connect_timeout", TIMEOUT_SECONDS)
        super().__init__(servers, **options)
        self._resting_until = 0.0

    def _try(self, call: Callable[[], Answer], otherwise: Answer) -> Answer:
        if time.monotonic() < self._resting_until:
            return otherwise
        try:
            return call()
        except (RedisConnectionError, RedisTimeoutError) as error:
            self._resting_until = time.monotonic() + REST_SECONDS
            logger.warning("The cache does not answer and is left alone for %.0f s: %s", REST_SECONDS, error)
            return otherwise

    def add(self, key: str, value: Any, timeout: int | None) -> bool:
        """Whether the value was stored now; False too while the server is away."""
        return self._try(lambda: super(ForgivingClient, self).add(key, value, timeout), False)

    def get(self, key: str, default: Any) -> Any:
        """The value, or `default`."""
        return self._try(lambda: super(ForgivingClient, self).get(key, default), default)

    def set(self, key: str, value: Any, timeout: int | None) -> None:
        """Store the value if the server answers."""
        self._try(lambda: super(ForgivingClient, self).set(key, value, timeout), None)

    def touch(self, key: str, timeout: int | None) -> bool:
        """Whether the key was there to be prolonged."""
        return self._try(lambda: super(ForgivingClient, self).touch(key, timeout), False)

    def delete(self, key: str) -> bool:
        """Whether the key was there to be deleted."""
        return self._try(lambda: super(ForgivingClient, self).delete(key), False)

    def get_many(self, keys: list[str]) -> dict[str, Any]:
        """The values of those keys that are cached."""
        return self._try(lambda: super(ForgivingClient, self).get_many(keys), {})

    def has_key(self, key: str) -> bool:
        """Whether the key is cached."""
        return self._try(lambda: super(ForgivingClient, self).has_key(key), False)

    def set_many(self, data: dict[str, Any], timeout: int | None) -> None:
        """Store the values if the server answers."""
        self._try(lambda: super(ForgivingClient, self).set_many(data, timeout), None)

    def delete_many(self, keys: list[str]) -> None:
        """Delete the keys if the server answers."""
        self._try(lambda: super(ForgivingClient, self).delete_many(keys), None)

    def clear(self) -> bool:
        """Whether the cache was emptied."""
        return self._try(lambda: super(ForgivingClient, self).clear(), False)


class ForgivingRedisCache(RedisCache):
    """Django's Redis cache over a `ForgivingClient`."""

    def __init__(self, server: str | list[str], params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self._class = ForgivingClient
