"""The curve in the docs is what the code computes."""

from recommender.conf import Settings

CURE = "run: python -m docs.curve"


def test_the_committed_curve_is_what_the_code_draws():
    from docs import curve

    assert curve.FILE.read_text(encoding="utf-8") == curve.draw(), CURE


def test_at_k_events_evidence_and_prior_count_alike():
    from docs import curve

    strength = Settings().STRENGTHS["collaborative"]
    halfway = f"{curve._x(strength):.1f},{curve._y(0.5):.1f}"
    assert halfway in curve.draw()
