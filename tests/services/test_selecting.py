"""Selections on histories whose right answer is known, and the gate on its own."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.core.catalogue import BlendConfig
from recommender.models import Selection
from recommender.services import configuring
from recommender.services.configuring import Configuration
from recommender.services.evaluating.history import History, shop_history
from recommender.services.histories import Events
from recommender.services.selecting import words
from recommender.services.selecting.cases import divide, next_of_another_family
from recommender.services.selecting.gate import Candidate, decide
from recommender.services.selecting.selection import is_due, select
from tests.services.tastes import collected, make_habits, make_looks

Verdict = Selection.Verdict


@pytest.fixture(scope="module")
def shops():
    return {"looks": make_looks(), "habits": make_habits()}


@pytest.fixture
def findings(shops, cached={}):  # noqa: B006 # one finding a shop serves the module
    for taste in shops if not cached else ():
        cached[taste] = found(shops[taste], budget=1.5)
    return cached


def found(history: History, live: Configuration | None = None, *, budget: float = 1e-9, seed: int = 0):
    return select(history, live, budget_seconds=budget, seed=seed)


def shares(blend: BlendConfig) -> dict[str, float]:
    total = sum(blend.weights.values())
    return {name: weight / total for name, weight in blend.weights.items()}


def means(row: Selection) -> dict[str, float]:
    return {one["name"]: one["means"]["for_you"] for one in row.candidates}


def test_where_taste_is_looks_the_blend_learns_to_look(findings):
    finding = findings["looks"]
    assert finding.row.verdict == Verdict.LEARNED
    assert shares(finding.configuration.visitor_blend)["affinity"] > 0.4
    assert means(finding.row)["learned"] > means(finding.row)["defaults"]
    assert means(finding.row)["affinity"] > means(finding.row)["trend"]


def test_where_taste_is_habit_behaviour_leads(findings):
    finding = findings["habits"]
    assert finding.row.winner in ("learned", "collaborative")
    assert shares(finding.configuration.visitor_blend)["collaborative"] > 0.6
    learned = finding.row.candidates[0]["visitor_weights"]
    assert learned["collaborative"] > 0.6
    assert learned.get("affinity", 0) < 0.25
    assert means(finding.row)["learned"] > means(finding.row)["defaults"] > 2 * means(finding.row)["affinity"]


def test_a_selection_tells_all_it_did(findings):
    row = findings["looks"].row
    assert row.n_positives > 500
    assert row.n_judges > 100
    assert row.winner == "learned"
    assert [one["name"] for one in row.candidates] == ["learned", "defaults", "affinity", "collaborative", "trend"]
    assert {"recent_popularity", "graph"} <= {trial["engine"] for trial in row.trials}
    assert [trial["value"] for trial in row.trials] == sorted((trial["value"] for trial in row.trials), reverse=True)
    rivals = {comparison["rival"] for comparison in row.candidates[0]["against"]}
    assert rivals == {"defaults", "affinity", "collaborative", "trend"}
    for comparison in row.candidates[0]["against"]:
        assert comparison["low"] <= comparison["difference"] <= comparison["high"]
        assert comparison["high"] >= 0
    assert row.candidates[1]["against"] == []


def test_equal_seeds_give_equal_findings(shops):
    first, second = (found(shops["habits"], seed=3) for _ in range(2))
    assert first.configuration == second.configuration
    assert first.row.candidates == second.row.candidates


def test_histories_without_times_are_split_at_random():
    history = make_habits(dated=False)
    assert not history.is_dated
    assert found(history).row.winner in ("learned", "collaborative")


def test_the_halves_share_nobody(shops):
    cases = divide(shops["looks"], seed=0)
    assert not set(cases.judges) & set(cases.teaching.users)
    assert set(cases.judges) | set(cases.teaching.users) == set(cases.teaching.problem.users)


def test_the_live_configuration_is_a_rival_of_the_next(shops, findings):
    live = findings["habits"].configuration
    again = found(shops["habits"], live)
    assert [one["name"] for one in again.row.candidates][:3] == ["learned", "live", "defaults"]
    assert {row["rival"] for row in again.row.candidates[0]["against"]} >= {"live", "collaborative"}
    assert means(again.row)[again.row.winner] > 2 * means(again.row)["affinity"]


def test_what_the_settings_name_is_left_alone(settings, shops):
    engine = {"BACKEND": "recommender.engines.ease.EASE", "OPTIONS": {"regularization": 3.0}}
    settings.RECOMMENDER = settings.RECOMMENDER | {
        "COLLABORATIVE": engine,
        "EVENT_HALF_LIFE_DAYS": 77.0,
        "VISITOR_WEIGHTS": {"affinity": 0.5, "collaborative": 0.5},
    }
    finding = found(shops["habits"])
    assert finding.configuration.engine == engine
    assert finding.configuration.half_life_days == 77.0
    assert finding.configuration.visitor_blend.weights == {"affinity": 0.5, "collaborative": 0.5}
    assert {trial["engine"] for trial in finding.row.trials} <= {"recent_popularity", "given"}
    assert finding.row.pinned == ["COLLABORATIVE", "VISITOR_WEIGHTS", "EVENT_HALF_LIFE_DAYS"]
    assert "VISITOR_WEIGHTS" in words.verdict(finding.row)[-1]


def test_a_shop_that_names_a_setting_later_is_obeyed_at_the_next_fit(settings, findings):
    learned = findings["habits"].configuration
    settings.RECOMMENDER = settings.RECOMMENDER | {"WEIGHTS": {"visual": 1.0}}
    obeyed = configuring.respecting_settings(learned)
    assert obeyed.item_blend.weights == {"visual": 1.0}
    assert obeyed.visitor_blend == learned.visitor_blend
    assert obeyed.engine == learned.engine


def test_it_is_due_first_and_when_the_history_has_doubled(settings):
    done = Selection(verdict=Verdict.LEARNED, n_events=1000)
    assert is_due(None, 0)
    assert is_due(Selection(verdict=Verdict.TOO_LITTLE, n_events=1000), 1001)
    assert not is_due(done, 1999)
    assert is_due(done, 2000)
    settings.RECOMMENDER = settings.RECOMMENDER | {"TRAINING_BUDGET_SECONDS": 0}
    assert not is_due(None, 10**6)


# The gate ------------------------------------------------------------------------------------------------------------


def candidate(name: str, for_you, similar=()) -> Candidate:
    values = {"for_you": np.asarray(for_you, float), "similar": np.asarray(similar, float)}
    return Candidate(name, configuring.from_settings(), values)


NOISE = np.random.default_rng(0).normal(0, 0.1, 400)


@pytest.mark.parametrize(
    ("learned", "live", "winner"),
    [
        (NOISE, NOISE + 0.05, "live"),
        (NOISE + 0.05, NOISE, "learned"),
        (NOISE, NOISE, "learned"),
        (NOISE, NOISE[::-1], "learned"),
    ],
    ids=["worse", "better", "equal", "a tie"],
)
def test_the_worse_is_refused_and_ties_pass(learned, live, winner):
    candidates = [candidate("learned", learned), candidate("live", live), candidate("affinity", NOISE - 0.5)]
    assert decide(candidates, ["live", "affinity"], seed=0).winner == winner


def test_one_kind_of_list_is_enough_to_refuse():
    candidates = [candidate("learned", NOISE + 0.2, NOISE), candidate("live", NOISE, NOISE + 0.1)]
    decision = decide(candidates, ["live"], seed=0)
    assert decision.winner == "live"
    assert [row.is_worse for row in decision.comparisons["learned"]] == [False, True]


def test_the_best_signal_alone_wins_where_no_blend_reaches_it():
    candidates = [
        candidate("learned", NOISE),
        candidate("live", NOISE),
        candidate("affinity", NOISE - 0.1),
        candidate("collaborative", NOISE + 0.1),
    ]
    assert decide(candidates, ["live", "affinity", "collaborative"], seed=0).winner == "collaborative"


@given(st.floats(-1, 1), st.floats(-1, 1), st.integers(0, 5))
def test_nobody_surely_worse_than_a_rival_ever_goes_live(gain, other, seed):
    candidates = [candidate("learned", NOISE[:50] + gain), candidate("live", NOISE[50:100] + other)]
    decision = decide(candidates, ["live"], seed=seed)
    assert not any(row.is_worse for row in decision.comparisons[decision.winner])


# Bad input -----------------------------------------------------------------------------------------------------------


def events(users, rows, *, ages=None, quantities=None, kinds=None, n_users=None) -> Events:
    users = np.asarray(users, np.int32)
    ones = np.ones(users.size, np.float32)
    return Events(
        users,
        np.asarray(rows, np.int32),
        ones if kinds is None else np.asarray(kinds, np.float32),
        np.linspace(50, 0, users.size).astype(np.float32) if ages is None else np.asarray(ages, np.float32),
        ones if quantities is None else np.asarray(quantities, np.float32),
        n_users or (int(users.max()) + 1 if users.size else 0),
    )


E_MANY = 2000
RNG = np.random.default_rng(1)
ANYBODY, ANYTHING = RNG.integers(0, 100, E_MANY), RNG.integers(0, 30, E_MANY)
BAD = {
    "no interactions": events([], []),
    "one user": events(np.zeros(E_MANY), ANYTHING),
    "one product": events(ANYBODY, np.zeros(E_MANY)),
    "all identical": events(np.zeros(E_MANY), np.zeros(E_MANY), ages=np.zeros(E_MANY)),
    "all cold": events(np.arange(E_MANY), np.arange(E_MANY)),
    "duplicates": events(np.repeat(ANYBODY[:40], 50), np.repeat(ANYTHING[:40], 50)),
    "only refunds": events(ANYBODY, ANYTHING, kinds=-np.ones(E_MANY)),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_judged_says_so_and_changes_nothing(name):
    n = max(30, int(BAD[name].rows.max(initial=0)) + 1)
    live = make_live()
    finding = found(shop_history(collected(n), BAD[name]), live)
    assert finding.row.verdict == Verdict.TOO_LITTLE
    assert finding.configuration == live
    assert "There is not enough history to judge" in words.verdict(finding.row)[0]


def test_odd_quantities_and_the_future_do_not_spread(shops):
    history = shops["habits"]
    amounts, ages = history.train.quantities.copy(), history.train.ages_days.copy()
    amounts[::10], amounts[1::50], amounts[2::50], amounts[3::50] = np.nan, -1, np.inf, 0
    ages[-20:] = -1e6
    odd = history.train._replace(quantities=amounts, ages_days=ages)
    finding = found(shop_history(history.products, odd))
    assert finding.row.verdict in Verdict.values
    assert all(np.isfinite(list(one["means"].values())).all() for one in finding.row.candidates)
    assert all(np.isfinite(list(one["visitor_weights"].values())).all() for one in finding.row.candidates)


def make_live() -> Configuration:
    """A configuration that is not the defaults."""
    engine = {"BACKEND": "recommender.engines.ease.EASE", "OPTIONS": {}}
    blend = BlendConfig({"affinity": 0.1, "collaborative": 0.9}, {"collaborative": 2.0})
    return Configuration("learned", engine, 30.0, 14.0, BlendConfig({"visual": 1.0}, {}), blend)


# Steps between products ----------------------------------------------------------------------------------------------


def test_a_step_leads_to_the_next_family_within_half_an_hour():
    minutes = np.array([0, 5, 10, 45, 60, 0, 1])
    history = events([0, 0, 0, 0, 0, 1, 1], [0, 1, 2, 0, 4, 3, 4], ages=(100 - minutes) / 1440, kinds=[1] * 6 + [-1])
    families = np.array([7, 7, 8, 9, 9])
    who, steps = next_of_another_family(history, families)
    assert who.tolist() == [0, 0, 0]
    assert steps.tolist() == [[0, 2], [1, 2], [0, 4]]


def test_without_events_there_are_no_steps():
    who, steps = next_of_another_family(events([], []), np.zeros(0, np.int32))
    assert who.size == 0
    assert steps.shape == (0, 2)
