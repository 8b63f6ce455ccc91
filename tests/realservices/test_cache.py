"""A cache that is gone, empty or full of garbage: pages and endpoints answer, and limits hold in each process."""

import random

import pytest
import redis
from django.core.cache import cache
from django.core.cache.backends.locmem import LocMemCache
from django.test import Client

from shopsite.cache import ForgivingClient
from tests.doors.people import open_shop
from tests.outliving.test_every_door import others_than_told
from tests.outliving.test_models import light, overview, visit  # noqa: F401 - a fixture
from tests.shop import make_product

pytestmark = [pytest.mark.realservices, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def shop(settings):
    """Five phones, and limits so that the cache is asked at each request to the API."""
    rates = {"anon": "1000/min", "user": "1000/min", "events": "100/min", "guests": "100/min", "token": "3/hour"}
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"DEFAULT_THROTTLE_RATES": rates}
    settings.LIMITS = settings.LIMITS | {"login address": "5/hour", "login account": "5/hour"}
    LocMemCache("recommender.limits", {}).clear()  # what this process counted for itself in other tests
    return [
        make_product(f"nova{n}", colour=colour) for n, colour in enumerate(("red", "gold", "blue", "green", "black"))
    ]


def tries():
    """How often a login is looked at before it is refused."""
    sent = [Client().post("/accounts/login/", {"username": "ada", "password": "x"}).status_code for _ in range(8)]
    assert sent == sorted(sent)
    return sent.count(200)


def test_an_empty_cache_is_no_matter(shop, broker):
    visit(shop[0])
    broker.flushall()
    visit(shop[1])


def spoil(broker):
    """Garbage of three kinds in the place of all that the cache holds, and how many keys that were."""
    noise = random.Random(4)
    keys = broker.keys("*")
    for number, key in enumerate(keys):
        broker.delete(key)
        if number % 3 == 0:
            broker.set(key, noise.randbytes(50))
        elif number % 3 == 1:
            broker.set(key, b"\x80\x04cnowhere\nthing\n.")
        else:
            broker.lpush(key, "a list")
    return len(keys)


@pytest.mark.parametrize("harm", [spoil, lambda broker: broker.flushall()], ids=["garbage", "empty"])
def test_with_a_cache_that_lost_all_every_address_answers_as_ever(light, broker, harm):  # noqa: F811
    shop = open_shop()
    assert others_than_told(shop) == []  # fills the cache
    assert harm(broker)
    assert others_than_told(shop) == []


def test_a_cache_full_of_garbage_is_no_matter(shop, broker):
    visit(shop[0])
    assert tries() == 5
    assert spoil(broker) >= 6
    for product in shop:
        visit(product)
    assert tries() <= 5
    assert cache.get("anything") is None


def test_a_cache_that_is_gone_is_no_matter_and_the_manager_is_told(shop, settings, tmp_path):
    settings.CACHES = {
        "default": {"BACKEND": "shopsite.cache.ForgivingRedisCache", "LOCATION": f"unix://{tmp_path}/gone.sock"}
    }
    assert isinstance(cache._cache, ForgivingClient)
    for product in shop[:2]:
        visit(product)
    assert tries() == 5, "this process counts for itself"
    assert "The cache does not answer" in overview()
    assert Client().get("/readyz").json()["checks"]["cache"] == "degraded"


def test_the_garbage_really_is_garbage(broker):
    broker.set(cache.make_key("probe"), b"\x80\x04cnowhere\nthing\n.")
    assert cache.get("probe", "not there") == "not there"
    broker.delete(cache.make_key("probe"))
    broker.lpush(cache.make_key("probe"), "a")
    with pytest.raises(redis.ResponseError):
        broker.get(cache.make_key("probe"))
    assert cache.get("probe", "not there") == "not there"
    assert cache.get_many(["probe"]) == {}
