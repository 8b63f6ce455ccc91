"""Similarities of single pairs against their definitions, and the pieces in which rows are read."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from recommender.core import similarity
from recommender.core.types import Block
from recommender.core.vectors import unit_rows

VECTORS = unit_rows(np.random.default_rng(2).normal(size=(30, 6)).astype(np.float32))
ROWS = [np.array([3, 1, 29], np.int32), np.arange(4, 20, dtype=np.int32), np.array([5, 5], np.int32), np.zeros(0, int)]


@pytest.mark.parametrize("rows", ROWS)
@pytest.mark.parametrize("piece", [2, 4096])
def test_cosines_are_inner_products_however_they_are_read(rows, piece, monkeypatch):
    monkeypatch.setattr(similarity, "GATHER_ROWS", piece)
    found = similarity.cosines(VECTORS[:2], VECTORS, rows)
    assert found.dtype == np.float32
    assert_allclose(found, VECTORS[:2] @ VECTORS[rows].T, rtol=1e-5)


def test_cosines_never_leave_their_range():
    twice = np.float32(1.0000001) * np.eye(3, dtype=np.float32)
    assert similarity.cosines(twice, twice, np.arange(3)).max() == 1.0


def test_factor_cosines_forget_lengths_and_survive_zeros():
    factors = np.array([[2, 0], [0, 5], [3, 3], [0, 0]], np.float32)
    rows = np.arange(4, dtype=np.int32)
    assert_allclose(similarity.factor_cosines(factors[:1], factors, rows), [[1, 0, np.sqrt(0.5), 0]], rtol=1e-6)
    assert_array_equal(similarity.factor_cosines(factors[3:], factors, rows), np.zeros((1, 4)))


def test_euclidean_similarity_of_a_pythagorean_triple_and_of_equals():
    vectors = np.array([[0, 0], [3, 4]], np.float32)
    assert_allclose(similarity.euclidean_similarities(vectors[0], vectors, np.arange(2)), [1.0, 1 / 6])


def test_euclidean_similarity_orders_unit_vectors_as_the_cosine_does():
    rows = np.arange(30, dtype=np.int32)
    by_distance = np.argsort(-similarity.euclidean_similarities(VECTORS[0], VECTORS, rows))
    assert_array_equal(by_distance, np.argsort(-similarity.cosines(VECTORS[:1], VECTORS, rows)[0]))


def test_block_cosines_weigh_up_to_the_whole_cosine():
    shape, colour = VECTORS[:, :4], VECTORS[:, 4:]
    vectors = np.hstack([unit_rows(shape) * np.sqrt(0.7), unit_rows(colour) * np.sqrt(0.3)]).astype(np.float32)
    blocks = (Block("shape", 0, 4, 0.7), Block("colour", 4, 6, 0.3))
    rows = np.array([7, 2, 11], np.int32)

    parts = similarity.block_cosines(vectors[[4, 4, 4]], vectors[rows], blocks)

    assert_allclose(np.array([0.7, 0.3]) @ parts, similarity.cosines(vectors[4:5], vectors, rows)[0], rtol=1e-5)
    vectors[2, 4:] = 0
    assert similarity.block_cosines(vectors[[4]], vectors[[2]], blocks)[1, 0] == 0.0


def test_equal_share_counts_only_what_both_sides_know():
    codes = np.array([[1, 2, -1, 7], [1, 3, 4, 7], [-1, -1, 4, -1], [1, 2, 5, 7]], np.int32)
    share, known = similarity.equal_share(codes, 0, np.array([1, 2, 3, 0], np.int32))
    assert_allclose(share, [2 / 3, 0, 1, 1], rtol=1e-6)
    assert_array_equal(known, [3, 0, 3, 3])
