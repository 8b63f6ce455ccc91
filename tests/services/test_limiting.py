"""Limits that no number of parallel tries gets around."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.cache import cache
from hypothesis import given
from hypothesis import strategies as st

from recommender.services import limiting


@pytest.fixture(autouse=True)
def empty():
    cache.clear()


@pytest.mark.parametrize(
    ("rate", "expected"), [("10/min", (10, 60)), ("3/hour", (3, 3600)), ("1/s", (1, 1)), ("5/day", (5, 86_400))]
)
def test_a_rate_is_read_by_the_first_letter_of_its_period(rate, expected):
    assert limiting.parse_rate(rate) == expected


def test_so_many_and_no_more_and_each_for_himself():
    waits = [limiting.take("login", "ada", "3/min") for _ in range(5)]
    assert waits[:3] == [0, 0, 0]
    assert all(1 <= wait <= 60 for wait in waits[3:])
    assert limiting.take("login", "bob", "3/min") == 0
    assert limiting.take("mail", "ada", "3/min") == 0


def test_of_many_at_once_only_the_allowed_ones_get_through():
    with ThreadPoolExecutor(32) as pool:
        waits = list(pool.map(lambda _: limiting.take("login", "ada", "20/min"), range(1000)))
    assert waits.count(0) == 20


def test_a_cache_that_keeps_nothing_or_garbage_leaves_a_limit_in_each_process(settings):
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
    waits = [limiting.take("login", "eve", "3/min") for _ in range(4)]
    assert waits[:3] == [0, 0, 0]
    assert waits[3] > 0


@given(st.text())
def test_whoever_it_is_nothing_of_the_name_stands_in_the_cache(who):
    limiting.take("login", who, "1/day")
    keys = list(cache._cache)
    assert not any(who in key for key in keys if len(who) > 12)
