"""Eight bits a value cost no more than is proved."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_array_equal

from recommender.core.codes import at, encode, encode_one, error_bounds, remainder
from recommender.core.nearest import contenders, nearest, rivals, scan
from recommender.core.vectors import unit_rows


def drawn(seed, n, d):
    rng = np.random.default_rng(seed)
    return unit_rows((rng.normal(size=(n, d)) * rng.exponential(1, d)).astype(np.float32))


@given(seed=st.integers(0, 10**6), n=st.integers(1, 40), d=st.integers(1, 70))
def test_no_product_of_codes_is_further_off_than_the_bound(seed, n, d):
    vectors, query = drawn(seed, n, d), drawn(seed + 1, 1, d)
    codes, coded = encode(vectors), encode(query)
    products = codes.values.astype(np.int64) @ coded.values[0].astype(np.int64)
    scores = products * codes.steps.astype(float) * coded.steps.astype(float)
    exact = vectors.astype(float) @ query[0].astype(float)
    assert (np.abs(scores - exact) <= error_bounds(codes, query[0], coded)).all()


@given(seed=st.integers(0, 10**6), n=st.integers(1, 40), d=st.integers(1, 70))
def test_eight_more_bits_of_the_query_keep_to_a_narrower_bound(seed, n, d):
    vectors, query = drawn(seed, n, d), drawn(seed + 1, 1, d)
    every = encode(vectors)
    coded = encode(query)
    finer = remainder(query[0], coded)
    rows = np.arange(0, n, 2, dtype=np.int32)
    codes = at(every, rows)
    whole = coded.values[0] * coded.steps.astype(float) + finer.values[0] * finer.steps.astype(float)
    scores = (codes.values * codes.steps[:, None].astype(float)) @ whole
    exact = vectors[rows].astype(float) @ query[0].astype(float)
    bounds = error_bounds(codes, query[0], finer)
    assert (np.abs(scores - exact) <= bounds).all()
    assert (bounds <= error_bounds(codes, query[0], coded)).all()


def test_the_bound_is_small_enough_to_be_of_use():
    vectors = drawn(0, 200, 512)
    assert error_bounds(encode(vectors), vectors[0], encode(vectors[:1])).max() < 0.05


def test_zeros_stay_zeros():
    codes = encode(np.zeros((2, 3), np.float32))
    assert_array_equal(codes.values, np.zeros((2, 3)))
    assert_array_equal(codes.steps, np.zeros(2))


def test_one_vector_is_coded_as_among_others():
    vectors = drawn(3, 5, 40)
    assert np.abs(encode(vectors).values[2].astype(int) - encode_one(vectors[2])).max() <= 1  # a rounding apart


@given(seed=st.integers(0, 10**6), n=st.integers(3, 60), k=st.integers(1, 2), forbidden=st.sets(st.integers(0, 59)))
def test_contenders_hold_the_best(seed, n, k, forbidden):
    vectors, query = drawn(seed, n, 8), drawn(seed + 1, 1, 8)[0]
    allowed = ~np.isin(np.arange(n), list(forbidden))
    if allowed.sum() <= k:
        allowed[:] = True
    rows = contenders(*scan(query, vectors), k, allowed)
    best = nearest(query, vectors, np.flatnonzero(allowed).astype(np.int32), k)
    assert set(best.rows) <= set(rows)
    assert allowed[rows].all()


@given(seed=st.integers(0, 10**6), n=st.integers(3, 60), k=st.integers(1, 2), forbidden=st.sets(st.integers(0, 59)))
def test_rivals_by_codes_hold_the_best_and_are_no_more_than_contenders(seed, n, k, forbidden):
    vectors, query = drawn(seed, n, 8), drawn(seed + 1, 1, 8)[0]
    allowed = ~np.isin(np.arange(n), list(forbidden))
    if allowed.sum() <= k:
        allowed[:] = True
    codes, coded = encode(vectors), encode(query[None])
    scores = (codes.values.astype(int) @ coded.values[0] * codes.steps * coded.steps[0]).astype(np.float32)
    errors = error_bounds(codes, query, coded)
    alike = contenders(scores.copy(), float(errors.max()), k, allowed)
    rows = rivals(query, vectors, scores, errors, k, allowed)
    best = nearest(query, vectors, np.flatnonzero(allowed).astype(np.int32), k)
    assert set(best.rows) <= set(rows) <= set(alike)
    assert allowed[rows].all()
    finer = remainder(query, coded)

    def refine(rows, before):
        some = at(codes, rows)
        added = some.values.astype(int) @ finer.values[0] * some.steps * finer.steps[0]
        return (before + added).astype(np.float32), error_bounds(some, query, finer)

    errors = error_bounds(codes, query, coded)
    refined = rivals(query, vectors, scores, errors, k, allowed, refine)
    assert set(best.rows) <= set(refined) <= set(rows)


def test_a_row_scores_the_same_wherever_it_lies():
    vectors = np.repeat(drawn(0, 1, 37), 50, axis=0)
    query = drawn(1, 1, 37)[0]
    scores = nearest(query, vectors, np.arange(50, dtype=np.int32), 50).scores
    assert len(set(scores.tolist())) == 1
    assert nearest(query, vectors, np.array([17], np.int32), 1).scores[0] == scores[0]
