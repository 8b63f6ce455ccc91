"""Learning a blend: it finds weights and strengths that made the data, and keeps the defaults without enough of it."""

from dataclasses import replace

import numpy as np
import pytest

from recommender.core.catalogue import BlendConfig
from recommender.core.learning import learn_blend
from recommender.core.signals import Observed

DEFAULTS = BlendConfig({"visual": 0.5, "collaborative": 0.5}, {"visual": 1.0, "collaborative": 20.0, "trend": 3.0})
NAMES = ("visual", "collaborative")


def choices(weights, n=4000, seed=0, counts=np.inf, true_strength=0.0):
    """Pairs of products, of which the one with the higher noisy blend was chosen."""
    rng = np.random.default_rng(seed)
    evidence = rng.random((2, 2, n)).astype(np.float32)
    events = np.full((2, 2, n), np.inf, np.float32)
    events[:, 1] = counts if np.isscalar(counts) else rng.choice(counts, (2, n))
    shrunk = 0.5 + (evidence - 0.5) / (1 + true_strength / events)
    scores = 12 * np.tensordot(weights, shrunk, ([0], [1])) + rng.gumbel(size=(2, n))
    chosen = scores[0] >= scores[1]
    prior = np.full((2, n), 0.5, np.float32)

    def side(first):
        pick = np.where(chosen == first, 0, 1)
        return Observed(
            NAMES,
            np.take_along_axis(evidence, pick[None, None], axis=0)[0],
            np.take_along_axis(events, pick[None, None], axis=0)[0],
            prior,
        )

    return side(True), side(False)


@pytest.mark.parametrize("share", [0.9, 0.5, 0.2])
def test_the_weights_behind_the_choices_are_found(share):
    learned = learn_blend(*choices([share, 1 - share], n=20_000), DEFAULTS)
    assert learned.weights["visual"] == pytest.approx(share, abs=0.06)
    assert sum(learned.weights.values()) == pytest.approx(1.0)


def test_a_signal_that_speaks_against_the_choice_gets_no_weight_and_never_a_negative_one():
    learned = learn_blend(*choices([1.0, -0.5], n=20_000), DEFAULTS)
    assert 0 <= learned.weights["collaborative"] < 0.02


def test_few_positives_give_the_defaults_as_they_are():
    assert learn_blend(*choices([1.0, 0.0], n=499), DEFAULTS) is DEFAULTS
    positive, _ = choices([1.0, 0.0], n=600)
    nothing = Observed(NAMES, *(np.zeros((2, 0), np.float32) for _ in range(3)))
    assert learn_blend(positive, nothing, DEFAULTS) is DEFAULTS


def test_weights_leave_the_defaults_as_evidence_grows_and_shrinkage_falls():
    few, many = (learn_blend(*choices([1.0, 0.0], n=n), DEFAULTS).weights["visual"] for n in (500, 20_000))
    held = learn_blend(*choices([1.0, 0.0], n=500), DEFAULTS, shrinkage=1e7).weights["visual"]
    assert 0.5 < few < many <= 1.0
    assert held == pytest.approx(0.5, abs=0.01)


def test_signals_that_say_nothing_keep_the_defaults():
    positive, negative = choices([0.0, 0.0], n=2000)
    learned = learn_blend(positive, replace_evidence(negative, positive), DEFAULTS)
    assert learned.weights == pytest.approx(DEFAULTS.weights, abs=0.01)


def replace_evidence(observed, other):
    return observed._replace(evidence=other.evidence, counts=other.counts)


def test_the_strength_of_counted_evidence_is_learned_and_others_are_kept():
    weak = learn_blend(*choices([0.4, 0.6], 20_000, counts=[1, 10, 100], true_strength=1.0), DEFAULTS)
    strong = learn_blend(*choices([0.4, 0.6], 20_000, counts=[1, 10, 100], true_strength=100.0), DEFAULTS)
    assert weak.strengths["collaborative"] <= 2
    assert strong.strengths["collaborative"] >= 50
    assert (weak.strengths["visual"], weak.strengths["trend"]) == (1.0, 3.0)


def test_a_strength_without_counted_evidence_stays():
    assert learn_blend(*choices([0.5, 0.5]), DEFAULTS).strengths == DEFAULTS.strengths


def test_both_sides_must_hold_the_same_signals():
    positive, negative = choices([0.5, 0.5], n=500)
    with pytest.raises(ValueError, match="Signals differ"):
        learn_blend(positive, negative._replace(signals=("visual", "trend")), DEFAULTS)


def test_a_single_signal_needs_no_weights():
    positive, negative = (
        Observed(("visual",), side.evidence[:1], side.counts[:1], side.prior[:1]) for side in choices([1.0, 0.0])
    )
    assert learn_blend(positive, negative, replace(DEFAULTS)) == DEFAULTS
