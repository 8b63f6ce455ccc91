"""Average precision and ranks, against results worked out by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.core.retrieval import (
    PhotoSearch,
    Retrieval,
    average_precision,
    best_per_group,
    each_against_all,
    photo_search,
)


@pytest.mark.parametrize(
    ("ranking", "expected"),
    [
        ([1, 1, 0], 1.0),
        ([0, 1], 1 / 2),
        ([1, 0, 1, 0], (1 + 2 / 3) / 2),
        ([0, 0, 1, 1], (1 / 3 + 2 / 4) / 2),
        ([0, 0], 0.0),
        ([], 0.0),
    ],
)
def test_average_precision(ranking, expected):
    assert average_precision(np.array(ranking, bool)) == pytest.approx(expected)


@given(st.lists(st.booleans(), min_size=1))
def test_average_precision_lies_between_the_worst_and_the_best_order(ranking):
    relevant = np.array(ranking)
    found = average_precision(relevant)
    assert average_precision(np.sort(relevant)) <= found + 1e-12
    assert found <= average_precision(np.sort(relevant)[::-1]) + 1e-12


def test_each_picture_queries_all_others():
    vectors = np.array([[1, 0], [0.8, 0.6], [0.6, 0.8], [0, 1]], np.float32)
    matches = np.zeros((4, 4), bool)
    matches[0, 2] = matches[2, 0] = True
    # Row 0 sees 1, 2, 3: its match is second. Row 2 sees 1, 3, 0: its match is third.
    assert each_against_all(vectors, matches) == pytest.approx(Retrieval(0.0, (1 / 2 + 1 / 3) / 2, 2))


def test_a_picture_never_finds_itself_and_one_without_match_is_no_query():
    vectors = np.eye(3, dtype=np.float32)
    assert each_against_all(vectors, np.eye(3, dtype=bool)) == Retrieval(0.0, 0.0, 0)


def test_ties_go_to_the_lower_row():
    vectors = np.ones((3, 1), np.float32)
    matches = np.zeros((3, 3), bool)
    matches[0, 2] = matches[2, 0] = True
    assert each_against_all(vectors, matches) == pytest.approx(Retrieval(0.5, 0.75, 2))


def test_the_best_picture_of_a_product_counts():
    scores = np.array([[0.1, 0.9, 0.3], [0.5, 0.2, 0.4]], np.float32)
    best = best_per_group(scores, np.array([0, 0, 1]), 3)
    assert np.array_equal(best, np.array([[0.9, 0.3, -np.inf], [0.5, 0.4, -np.inf]], np.float32))


def test_ranks_of_photos():
    scores = np.array([[3, 2, 1, 0, 0, 0], [3, 2, 1, 0, 0, 0], [0, 0, 0, 0, 0, 0], [9, 8, 7, 6, 5, 4]], np.float32)
    # Ranks 1, 3, 2 (a tie) and 6.
    found = photo_search(scores, np.array([0, 2, 1, 5]))
    assert found == pytest.approx(PhotoSearch(0.25, 0.75, (1 + 1 / 3 + 1 / 2 + 1 / 6) / 4, 4))


def test_no_photos():
    assert photo_search(np.empty((0, 3), np.float32), np.empty(0, np.int64)) == PhotoSearch(0.0, 0.0, 0.0, 0)
