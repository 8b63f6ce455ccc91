"""An exact index that reads a repeated vector once answers as one that reads it each time."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from recommender.engines.exact import ExactIndex
from recommender.engines.rescored import RescoredIndex
from recommender.exceptions import IndexUnusableError
from tests.engines.test_index_contract import apply, changes, expected, opened, vectors_of


@pytest.fixture(autouse=True)
def _codes_alone_answer(monkeypatch):
    monkeypatch.setattr(RescoredIndex, "few_rows", 2)
    monkeypatch.setattr("recommender.engines.exact._TOO_MANY", 1)


def repeated(seed, n, share=3):
    """n rows, each vector about `share` times, at random rows; some are zeros."""
    rng = np.random.default_rng(seed)
    different = vectors_of(seed, max(1, n // share), d=24)
    different[::9] = 0
    return different[rng.integers(0, len(different), n)]


@given(
    seed=st.integers(0, 10_000),
    n=st.integers(1, 400),
    share=st.integers(1, 9),
    k=st.integers(1, 30),
    among=st.none() | st.sets(st.integers(0, 420), min_size=1),
)
@settings(max_examples=300)
def test_it_finds_what_comparing_with_everything_finds(seed, n, share, k, among):
    vectors, query = repeated(seed, n, share), vectors_of(seed + 1, 1, d=24)
    index = opened(ExactIndex, vectors)
    allowed = None if among is None else np.array(sorted(among), np.int32)
    best = expected(vectors, query[0], k, None if allowed is None else allowed[allowed < n])
    assert_array_equal(index.search(query, k, among=allowed).rows[0], best)
    again = opened(ExactIndex, vectors, index.save())
    assert_array_equal(again.search(query, k, among=allowed).rows[0], best)


@given(case=changes(), k=st.integers(1, 45))
@settings(max_examples=100)
def test_rows_come_change_and_go(case, k):
    seed, n, steps = case
    vectors = np.repeat(vectors_of(seed, n), 3, axis=0)
    index = opened(ExactIndex, vectors)
    vectors = apply(index, vectors, seed, steps)
    query = vectors_of(seed + 99, 1)
    assert_array_equal(index.search(query, k).rows[0], expected(vectors, query[0], k))
    saved = index.save()
    assert_array_equal(opened(ExactIndex, vectors, saved).search(query, k).rows[0], expected(vectors, query[0], k))
    origin = np.arange(len(vectors), dtype=np.int32)[::-1]
    later = opened(ExactIndex, vectors[::-1], saved, origin=origin)
    assert_array_equal(later.search(query, k).rows[0], expected(vectors[::-1], query[0], k))


def test_what_is_saved_shrinks_with_the_different_vectors():
    vectors = np.repeat(vectors_of(0, 50), 4, axis=0)
    saved = opened(ExactIndex, vectors).save()
    assert saved["codes"].shape == (50, 6)
    assert saved["places"].shape == (200,)
    assert "places" not in opened(ExactIndex, vectors_of(0, 200)).save()


def test_codes_of_all_rows_as_earlier_versions_saved_them_can_be_opened(monkeypatch):
    vectors, query = np.repeat(vectors_of(0, 50), 4, axis=0), vectors_of(1, 1)
    monkeypatch.setattr("recommender.engines.exact._FEW_REPEATS", 0.0)
    saved = opened(ExactIndex, vectors).save()
    assert "places" not in saved
    index = opened(ExactIndex, vectors, saved)
    assert_array_equal(index.search(query, 9).rows[0], expected(vectors, query[0], 9))


@pytest.mark.parametrize("damage", ["missing", "cut", "short of one vector"])
def test_places_that_do_not_fit_are_told_from_good_ones(damage):
    vectors = np.repeat(vectors_of(0, 50), 4, axis=0)
    saved = dict(opened(ExactIndex, vectors).save())
    if damage == "missing":
        del saved["places"]
    elif damage == "cut":
        saved["places"] = saved["places"][:100]
    else:
        saved["places"] = np.minimum(saved["places"], 48)
    with pytest.raises(IndexUnusableError, match="recommender_train"):
        opened(ExactIndex, vectors, saved)


def test_a_host_without_numkong_opens_them_too():
    vectors, query = np.repeat(vectors_of(0, 50), 4, axis=0), vectors_of(1, 1)
    index = opened(lambda: ExactIndex(coded=False), vectors, opened(ExactIndex, vectors).save())
    assert_array_equal(index.search(query, 5).rows[0], expected(vectors, query[0], 5))
