"""What two catalogues share."""

import numpy as np
from numpy.testing import assert_array_equal

from recommender.core.carrying import origins


def ids(*names):
    return np.array([name.encode() for name in names], np.bytes_)


def test_the_same_product_with_the_same_vector_is_shared():
    before, now = np.eye(3, dtype=np.float32), np.eye(4, dtype=np.float32)[:, :3]
    assert_array_equal(origins(ids("a", "c", "d"), before, ids("a", "b", "c", "d"), now[[0, 0, 1, 1]]), [0, -1, 1, -1])


def test_another_length_or_an_empty_catalogue_shares_nothing():
    vectors = np.eye(2, dtype=np.float32)
    assert_array_equal(origins(ids("a", "b"), vectors, ids("a", "b"), np.eye(2, 3, dtype=np.float32)), [-1, -1])
    assert_array_equal(origins(np.empty(0, "S1"), vectors[:0], ids("a", "b"), vectors), [-1, -1])
    assert origins(ids("a", "b"), vectors, np.empty(0, "S1"), vectors[:0]).shape == (0,)
