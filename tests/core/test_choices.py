"""From what people chose to a blend: the rows are the right ones, and learning from them moves choices up."""

from dataclasses import replace

import numpy as np
from numpy.testing import assert_allclose, assert_array_equal

from recommender.core import hybrid
from recommender.core.calibrating import calibrate
from recommender.core.catalogue import BlendConfig
from recommender.core.choices import item_choices, visitor_choices
from recommender.core.item_signals import item_signals
from recommender.core.learning import learn_blend
from tests.core.shop import VISITOR_BLEND, checkerboard

PASTS = [np.array([row, row + 2], np.int32) for row in range(2, 34)]
SHOP = calibrate(checkerboard(), [(rows, np.ones(2, np.float32)) for rows in PASTS], seed=0)


def same_crowd(n_rounds):
    """Each visitor chooses three unseen products of the parity of their past, whatever trends."""
    rng = np.random.default_rng(1)
    return [
        (rows, np.ones(2, np.float32), rng.choice(np.arange(rows[0] % 2 + 2, 40, 2), 3, replace=False).astype(np.int32))
        for _ in range(n_rounds)
        for rows in PASTS
    ]


def test_item_choices_are_the_signals_of_the_chosen_and_of_others():
    chosen = np.array([6, 8, 4], np.int32)
    positive, negative = item_choices(SHOP, [(4, chosen)], seed=0)
    expected = item_signals(SHOP, 4, np.array([6, 8], np.int32))  # the product itself does not count
    assert positive.signals == negative.signals == expected.signals
    assert_allclose(positive.evidence, expected.evidence)
    assert 0 < negative.evidence.shape[1] <= 10


def test_nothing_chosen_gives_no_rows_and_the_defaults():
    positive, negative = visitor_choices(SHOP, [(PASTS[0], np.ones(2, np.float32), PASTS[0])], seed=0)
    assert positive.evidence.shape == negative.evidence.shape == (0, 0)
    assert learn_blend(positive, negative, VISITOR_BLEND) is VISITOR_BLEND


def test_equal_seeds_give_equal_rows():
    first, second = (visitor_choices(SHOP, same_crowd(2), seed=5) for _ in range(2))
    assert_array_equal(first[1].evidence, second[1].evidence)


def test_learning_from_choices_puts_later_choices_higher():
    only_trend = BlendConfig({"trend": 0.9, "affinity": 0.05, "collaborative": 0.05}, VISITOR_BLEND.strengths)

    learned = learn_blend(*visitor_choices(SHOP, same_crowd(20), seed=0), only_trend)

    assert learned.weights["trend"] < 0.2

    def mean_rank(config):
        scored = hybrid.for_you(replace(SHOP, visitor_blend=config), PASTS[3], np.ones(2, np.float32), np.arange(40))
        ranks = np.argsort(np.argsort(-scored.scores))
        return ranks[np.arange(3, 40, 2)].mean()

    assert mean_rank(learned) < mean_rank(only_trend) - 5
