"""Copies of a picture: alike in their hashes and in their miniatures."""

import numpy as np

from recommender.core.duplicates import alike_pairs


def test_pairs_agree_in_hash_and_miniature():
    hashes = [0b1111, 0b1110, 0b1111, -1, -1]
    miniatures = np.full((5, 48), 100, np.uint8)
    miniatures[1] += 2  # compressed otherwise
    miniatures[2, 7] += 60  # another lens
    assert list(alike_pairs(hashes, miniatures)) == [(0, 1), (3, 4)]


def test_blocks_do_not_hide_pairs():
    rng = np.random.default_rng(0)
    hashes = rng.integers(-(2**63), 2**63 - 1, 1300).tolist()
    hashes[1299] = hashes[3]
    hashes[600] = hashes[511]
    assert {(3, 1299), (511, 600)} <= set(alike_pairs(hashes, np.zeros((1300, 4), np.uint8)))
