"""The cache gives way: a stopped or frozen server is a miss after at most half a second, and it is used again later."""

import os
import shutil
import signal
import time

import pytest
from django.core.cache.backends.base import BaseCache

from shopsite import cache as module
from shopsite.cache import ForgivingRedisCache
from shopsite.stack.services import closed_room, short_folder
from shopsite.stack.valkey import Valkey


@pytest.fixture
def valkey(tmp_path):
    sockets = short_folder()
    server = Valkey(tmp_path / "data", closed_room(sockets, "v"), tmp_path)
    server.start()
    yield server
    server.stop()
    shutil.rmtree(sockets)


@pytest.fixture
def cache(valkey) -> BaseCache:
    return ForgivingRedisCache(valkey.url, {})


def test_stores_and_finds_while_the_server_is_there(cache):
    cache.set("a", 1)
    assert cache.get("a") == 1
    assert cache.get_many(["a", "b"]) == {"a": 1}
    assert cache.incr("a") == 2


def test_a_stopped_server_is_a_miss_for_every_verb(cache, valkey):
    cache.set("a", 1)
    valkey.stop()
    assert cache.get("a", "default") == "default"
    assert cache.add("a", 1) is False
    assert cache.touch("a") is False
    assert cache.delete("a") is False
    assert cache.get_many(["a"]) == {}
    assert cache.has_key("a") is False
    assert cache.set_many({"a": 1}) == []
    cache.set("a", 1)
    cache.delete_many(["a"])
    cache.clear()
    with pytest.raises(ValueError, match="not found"):
        cache.incr("a")


def test_a_frozen_server_costs_one_short_wait(cache, valkey, monkeypatch):
    monkeypatch.setattr(module, "REST_SECONDS", 1.0)
    cache.set("a", 1)
    os.kill(valkey.child.pid, signal.SIGSTOP)
    start = time.monotonic()
    assert [cache.get("a") for _ in range(20)] == [None] * 20
    waited = time.monotonic() - start
    os.kill(valkey.child.pid, signal.SIGCONT)
    assert 0.4 < waited < 0.9
    time.sleep(1.0)
    assert cache.get("a") == 1
