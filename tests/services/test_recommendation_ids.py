from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.exceptions import RecommendationIdError
from recommender.services import recommendation_ids
from recommender.services.recommendation_ids import MAX_LENGTH, Run, Served

NAMES = st.text("abcdefghijklmnopqrstuvwxyz0123456789-_", max_size=40)
STRATEGIES = st.text("abcdefghijklmnopqrstuvwxyz_", min_size=1, max_size=16)
SERVED = st.builds(
    Served,
    placement=NAMES,
    runs=st.lists(st.builds(Run, STRATEGIES, st.integers(1, 48), st.booleans()), max_size=8).map(tuple),
    snapshot=st.none() | st.integers(1, 2**40),
    served_at=st.integers(0, 2**34).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    milliseconds=st.integers(0, 100_000),
)
MIXED = (Run("for_you", 8), Run("similar", 2), Run("trending", 2, is_fallback=True))
EXAMPLE = Served("product-page", MIXED, 12, datetime(2026, 3, 1, 9, 30, tzinfo=UTC), 3)

WRITTEN = recommendation_ids.write(EXAMPLE)


@given(SERVED)
def test_an_id_says_what_was_served(served):
    text = recommendation_ids.write(served)
    assert recommendation_ids.read(text) == served
    assert len(text) <= MAX_LENGTH


def test_each_id_is_another():
    assert len({recommendation_ids.write(EXAMPLE) for _ in range(100)}) == 100


@given(st.data())
def test_no_other_text_is_an_id(data):
    text = WRITTEN
    at = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters(min_codepoint=0, max_codepoint=300))
    changed = text[:at] + other + text[at + 1 :]
    if changed != text:
        with pytest.raises(RecommendationIdError):
            recommendation_ids.read(changed)


@pytest.mark.parametrize("text", ["", "~", "~" * 7, "x" * 10_000, "\ud800", "a~b~1~1~1~1~1~", "é" * 8])
def test_what_we_did_not_make_is_refused(text):
    with pytest.raises(RecommendationIdError):
        recommendation_ids.read(text)


def test_ids_outlive_a_change_of_the_secret_key(settings):
    text = recommendation_ids.write(EXAMPLE)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new", [settings.SECRET_KEY]
    assert recommendation_ids.read(text) == EXAMPLE
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(RecommendationIdError):
        recommendation_ids.read(text)


def test_each_place_knows_what_filled_it():
    names = [EXAMPLE.strategy_at(position) for position in (None, 1, 8, 9, 10, 11, 12, 99)]
    assert names == ["for_you"] * 3 + ["similar"] * 2 + ["trending"] * 3
    assert EXAMPLE._replace(runs=()).strategy_at(1) == ""


def test_runs_join_equal_neighbours_and_can_be_cut():
    places = [("similar", False)] * 2 + [("trending", True)] + [("similar", False)]
    runs = recommendation_ids.runs_of(places)
    assert recommendation_ids.write_runs(runs) == "similar.2.-trending.1.similar.1"
    assert recommendation_ids.write_runs(recommendation_ids.first(MIXED, 9)) == "for_you.8.similar.1"
    assert recommendation_ids.first(MIXED, 0) == ()


@pytest.mark.parametrize("name", ["a.b", "a b", "a~b", "ä"])
def test_a_name_that_an_id_cannot_carry_is_an_error(name):
    with pytest.raises(ValueError, match="a-z"):
        recommendation_ids.write(EXAMPLE._replace(placement=name))
