"""What labelled neighbours say, and how often such votes are right."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.core.confidence import fit_trust
from recommender.core.vectors import unit_rows
from recommender.core.voting import vote


def around(centre, n, rng, spread=0.05):
    return unit_rows((np.asarray(centre) + rng.normal(0, spread, (n, len(centre)))).astype(np.float32))


def test_neighbours_name_their_own_kind_and_nobody_votes_on_himself():
    rng = np.random.default_rng(0)
    vectors = np.concatenate([around([1, 0, 0], 20, rng), around([0, 1, 0], 20, rng)])
    labels = np.repeat([0, 1], 20).astype(np.int32)
    labels[0] = 1  # a wrong label among its like
    votes = vote(vectors, vectors, labels, own=np.arange(40, dtype=np.int32))
    assert votes.answers.tolist() == [0] * 20 + [1] * 20
    assert votes.trust.min() > 0.7


def test_a_far_neighbour_is_trusted_less_than_a_close_one():
    rng = np.random.default_rng(1)
    vectors = around([1, 0, 0], 10, rng)
    labels = np.zeros(10, np.int32)
    queries = unit_rows(np.array([[1, 0, 0], [0.3, 1, 0], [-1, 0, 0]], np.float32))
    trust = vote(queries, vectors, labels).trust
    assert trust[0] > 0.95 > trust[1] > trust[2] == 0


def test_nobody_to_ask_gives_no_answer():
    votes = vote(np.eye(2, 4, dtype=np.float32), np.empty((0, 4), np.float32), np.empty(0, np.int32))
    assert votes.answers.tolist() == [-1, -1]
    assert votes.trust.tolist() == [0, 0]


def test_trust_is_the_share_of_right_answers():
    strengths = np.concatenate([np.full(98, 0.2), np.full(98, 0.9)]).astype(np.float32)
    right = np.concatenate([np.arange(98) < 48, np.arange(98) < 97])
    trust = fit_trust(strengths, right)
    assert trust.apply(np.array([0.2, 0.9], np.float32)) == pytest.approx([0.49, 0.98], abs=1e-6)
    assert trust.apply(np.array([0.0, 1.0], np.float32)) == pytest.approx([0.49, 0.98], abs=1e-6)


@given(st.lists(st.tuples(st.floats(0, 1, width=32), st.booleans()), min_size=1, max_size=60))
def test_trust_never_falls_and_is_never_certain(answers):
    strengths = np.array([strength for strength, _ in answers], np.float32)
    trust = fit_trust(strengths, np.array([right for _, right in answers]))
    values = trust.apply(np.linspace(-0.5, 1.5, 50, dtype=np.float32))
    assert np.all(np.diff(values) >= 0)
    assert 0 < values.min() <= values.max() < 1
