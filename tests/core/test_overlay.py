import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from recommender.core.overlay import OverlayMatrix, lay_over


@given(base=st.integers(0, 6), extra=st.integers(0, 4), seed=st.integers(0, 999))
def test_it_reads_like_the_array_it_stands_for(base, extra, seed):
    rng = np.random.default_rng(seed)
    matrix = rng.random((base, 3), np.float32)
    hidden = np.flatnonzero(rng.random(base) < 0.4)
    rows = np.concatenate([hidden, np.arange(base, base + extra)]).astype(np.int32)
    values = rng.random((rows.size, 3), np.float32)
    whole = np.concatenate([matrix, np.zeros((extra, 3), np.float32)])
    whole[rows] = values
    laid = OverlayMatrix(matrix, rows, values)
    assert laid.shape == whole.shape
    assert len(laid) == len(whole)
    wanted = rng.integers(0, max(len(whole), 1), 10)[: 10 * bool(len(whole))]
    assert np.array_equal(laid[wanted], whole[wanted])
    assert np.array_equal(laid[1:4], whole[1:4])
    assert laid[wanted].dtype == np.float32
    for row in range(len(whole)):
        assert np.array_equal(laid[row], whole[row])


def test_reading_copies():
    base = np.zeros((2, 2), np.float32)
    laid = OverlayMatrix(base, np.array([1], np.int32), np.ones((1, 2), np.float32))
    laid[np.array([0, 1])][:] = 9
    assert base.sum() == 0
    assert np.array_equal(laid[1], [1, 1])


def test_nothing_to_lay_over_is_the_base_itself():
    base = np.zeros((2, 2), np.float32)
    assert lay_over(base, np.empty(0, np.int32), np.empty((0, 2), np.float32)) is base
