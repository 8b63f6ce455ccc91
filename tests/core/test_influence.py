"""Which of a visitor's products speaks for a candidate, where the answer is known by construction."""

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from recommender.core.catalogue import BlendConfig, Catalogue
from recommender.core.influence import by_behaviour, by_looks
from recommender.core.types import Factors, ItemItem
from recommender.core.visitor_signals import history

BLEND = BlendConfig({}, {})
VECTORS = np.array([[1, 0, 0], [0, 1, 0], [0.8, 0.6, 0], [0.7071068, 0.7071068, 0], [0, 0, 0]], np.float32)


def catalogue(**values):
    return Catalogue(5, BLEND, BLEND, **values)


def past(*weights):
    return history(np.arange(len(weights), dtype=np.int32), np.array(weights, np.float32))


def rows(*values):
    return np.array(values, np.int32)


def test_the_product_that_looks_alike_dominates():
    found = by_looks(catalogue(vectors=VECTORS), past(1, 1), rows(2))
    assert_array_equal(found, [0])


def test_between_two_equals_the_heavier_one_dominates():
    assert_array_equal(by_looks(catalogue(vectors=VECTORS), past(1, 2), rows(3)), [1])


def test_three_equals_and_none_dominates():
    same = catalogue(vectors=np.ones((5, 1), np.float32))
    assert_array_equal(by_looks(same, past(1, 1, 1), rows(3, 4)), [-1, -1])


def test_looks_say_nothing_without_pictures():
    assert_array_equal(by_looks(catalogue(), past(1, 1), rows(2, 3)), [-1, -1])
    assert_array_equal(by_looks(catalogue(vectors=np.zeros((5, 3), np.float32)), past(1, 1), rows(2)), [-1])


@pytest.mark.parametrize(
    "artefact",
    [
        ItemItem(np.array([0, 2, 3, 3, 3, 3]), np.array([2, 3, 3], np.int32), np.array([4, 1, 9], np.float32)),
        Factors(np.array([[1, 0], [0, 1], [1, 0], [0, 1], [-1, -1]], np.float32), np.eye(2, dtype=np.float32), 1.0),
    ],
    ids=["item_item", "factors"],
)
def test_behaviour_joins_each_candidate_to_its_own_cause(artefact):
    found = by_behaviour(catalogue(artefact=artefact), past(1, 1), rows(2, 3, 4))
    assert_array_equal(found, [0, 1, -1])


def test_behaviour_says_nothing_without_an_artefact_or_history():
    assert_array_equal(by_behaviour(catalogue(), past(1), rows(2)), [-1])
    empty = ItemItem(np.zeros(6, np.int64), np.zeros(0, np.int32), np.zeros(0, np.float32))
    assert_array_equal(by_behaviour(catalogue(artefact=empty), past(0), rows(2)), [-1])
