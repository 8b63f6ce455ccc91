"""Reading eight bits a value first gives the list that comparing all factors gives."""

import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from recommender.core.nearest import nearest
from recommender.core.types import Factors, ItemItem
from recommender.engines import coded
from recommender.engines.factor_search import MIN_ROWS, CodedFactors, factor_search


def drawn(seed, n, f, spread=0.0):
    """Factors whose lengths differ, the more the larger the spread; a third are repeated, a tenth are zeros."""
    rng = np.random.default_rng(seed)
    items = rng.standard_normal((n, f)) * 0.8 ** np.arange(f) * np.exp(spread * rng.standard_normal((n, 1)))
    items[rng.random(n) < 0.1] = 0
    third = n // 3
    items[n - third :] = items[:third]
    return items.astype(np.float32)


def fitted(n):
    items = drawn(0, n, 4)
    return Factors(items, items.T @ items, 1.0)


@given(
    seed=st.integers(0, 10**6),
    n=st.integers(1, 300),
    f=st.integers(1, 70),
    k=st.integers(1, 40),
    spread=st.sampled_from([0.0, 1.0, 4.0]),
)
@settings(max_examples=200)
def test_the_best_are_those_of_comparing_all(seed, n, f, k, spread):
    items = drawn(seed, n, f, spread)
    query = (np.random.default_rng(seed + 1).standard_normal(f) * 10 ** (seed % 7 - 3)).astype(np.float32)
    found = CodedFactors(items)(query, k)
    assert found.dtype == np.int32
    assert_array_equal(found, nearest(query, items, np.arange(n, dtype=np.int32), k).rows)


@pytest.mark.parametrize("query", [np.zeros(5, np.float32), np.eye(5, dtype=np.float32)[2]], ids=["zeros", "one"])
def test_where_all_tie_the_lower_rows_come_first(query):
    found = CodedFactors(np.ones((50, 5), np.float32))(query, 7)
    assert_array_equal(found, np.arange(7))


def test_many_factors_are_searched_and_few_are_compared():
    assert factor_search(fitted(MIN_ROWS)) is not None
    assert factor_search(fitted(MIN_ROWS - 1)) is None


def test_there_is_nothing_to_search_without_factors():
    assert factor_search(None) is None
    nothing = np.zeros(0, np.int32)
    assert factor_search(ItemItem(np.zeros(MIN_ROWS + 1, np.int64), nothing, np.zeros(0, np.float32))) is None


def test_a_host_without_numkong_compares_all(monkeypatch):
    monkeypatch.setitem(sys.modules, "numkong", None)
    monkeypatch.setattr(coded, "find_spec", lambda name: None)
    coded.has_numkong.cache_clear()
    try:
        assert factor_search(fitted(MIN_ROWS)) is None
    finally:
        coded.has_numkong.cache_clear()


def test_many_threads_find_what_one_finds():
    items = drawn(2, 3000, 16)
    queries = np.random.default_rng(3).standard_normal((200, 16)).astype(np.float32)
    search = CodedFactors(items)
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda query: search(query, 10), queries))
    assert_array_equal(together, [search(query, 10) for query in queries])


def test_the_codes_are_made_once_and_before_the_first_search_if_wanted():
    items = drawn(1, 100, 8)
    search = CodedFactors(items.copy())
    search.warm()
    before = search(items[50], 5)
    assert_array_equal(before, nearest(items[50], items, np.arange(100, dtype=np.int32), 5).rows)
