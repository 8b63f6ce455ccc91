"""Block weights at query time: the weighted sum of the blocks' cosines, whatever the vectors were weighed with."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.core.blocks import is_known, reweighed, weighed_queries, with_weights
from recommender.core.types import Block
from recommender.core.vectors import unit_rows

BLOCKS = (Block("semantic", 0, 4, 0.5), Block("colour", 4, 7, 0.3), Block("shape", 7, 9, 0.2))
SHARES = st.floats(0.01, 10)


def parts(n=6):
    rng = np.random.default_rng(1)
    return [unit_rows(rng.normal(size=(n, block.stop - block.start)).astype(np.float32)) for block in BLOCKS]


def vectors(blocks, found):
    return np.hstack([np.sqrt(block.weight) * part for block, part in zip(blocks, found, strict=True)]).astype("f4")


@given(SHARES, SHARES, SHARES)
def test_a_dot_product_becomes_the_weighted_sum_of_the_blocks_cosines(semantic, colour, shape):
    found = parts()
    stored = vectors(BLOCKS, found)
    after = with_weights(BLOCKS, {"semantic": semantic, "colour": colour, "shape": shape})
    scores = weighed_queries(stored, BLOCKS, after) @ stored.T
    expected = sum(block.weight * part @ part.T for block, part in zip(after, found, strict=True))
    np.testing.assert_allclose(scores, expected, atol=1e-5)
    np.testing.assert_allclose(np.diag(scores), 1, atol=1e-5)
    assert scores.dtype == np.float32


def test_equal_weights_change_nothing():
    stored = vectors(BLOCKS, parts())
    after = with_weights(BLOCKS, {block.name: 100 * block.weight for block in BLOCKS})
    np.testing.assert_allclose(weighed_queries(stored, BLOCKS, after), stored, rtol=1e-6)


def test_a_block_that_is_not_named_is_switched_off():
    after = with_weights(BLOCKS, {"colour": 2})
    assert [block.weight for block in after] == [0, 1, 0]
    weighed = weighed_queries(vectors(BLOCKS, parts()), BLOCKS, after)
    assert not weighed[:, :4].any()
    assert not weighed[:, 7:].any()


def test_a_block_that_weighed_nothing_says_nothing():
    silent = with_weights(BLOCKS, {"semantic": 1, "colour": 1})
    weighed = weighed_queries(vectors(silent, parts()), silent, BLOCKS)
    assert np.isfinite(weighed).all()
    assert not weighed[:, 7:].any()


@pytest.mark.parametrize(
    "weights", [{}, {"smell": 1.0}, {"colour": -1.0, "semantic": 2.0}, {"colour": 0.0}, {"colour": float("nan")}]
)
def test_impossible_weights_are_refused(weights):
    with pytest.raises(ValueError, match="lock"):
        with_weights(BLOCKS, weights)


@given(SHARES, SHARES, SHARES)
def test_vectors_weighed_anew_are_those_made_with_these_weights(semantic, colour, shape):
    found = parts()
    after = with_weights(BLOCKS, {"semantic": semantic, "colour": colour, "shape": shape})
    assert is_known(BLOCKS, after)
    weighed = reweighed(vectors(BLOCKS, found), BLOCKS, after)
    np.testing.assert_allclose(weighed, vectors(after, found), atol=1e-6)
    np.testing.assert_allclose(np.linalg.norm(weighed, axis=1), 1, atol=1e-5)
    assert weighed.dtype == np.float32
    np.testing.assert_allclose(reweighed(weighed, after, BLOCKS), vectors(BLOCKS, found), atol=1e-5)


def test_a_block_that_is_left_out_leaves_the_vector():
    found = parts()
    after = (Block("shape", 0, 2, 0.4), Block("semantic", 2, 6, 0.6))
    weighed = reweighed(vectors(BLOCKS, found), BLOCKS, after)
    assert weighed.shape == (6, 6)
    np.testing.assert_allclose(weighed, np.hstack([0.4**0.5 * found[2], 0.6**0.5 * found[0]]), atol=1e-6)


def test_what_was_never_stored_is_not_known():
    silent = with_weights(BLOCKS, {"semantic": 1, "colour": 1})
    assert is_known(BLOCKS, silent)
    assert not is_known(silent, BLOCKS)
    assert not is_known(BLOCKS[:2], BLOCKS)
    assert not is_known(BLOCKS, (Block("semantic", 0, 5, 1.0),))
    assert not reweighed(vectors(BLOCKS, parts()), BLOCKS, silent)[:, 7:].any()
