from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.exceptions import RecommendationIdError
from recommender.services import recommendation_ids
from recommender.services.recommendation_ids import MAX_LENGTH, Served

NAMES = st.text("abcdefghijklmnopqrstuvwxyz0123456789-_", max_size=40)
SERVED = st.builds(
    Served,
    placement=NAMES,
    strategy=NAMES,
    snapshot=st.none() | st.integers(1, 2**40),
    served_at=st.integers(0, 2**34).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    milliseconds=st.integers(0, 100_000),
    fallbacks=st.integers(0, 2**48 - 1),
)
EXAMPLE = Served("product-page", "similar", 12, datetime(2026, 3, 1, 9, 30, tzinfo=UTC), 3, 0b1001)


@given(SERVED)
def test_an_id_says_what_was_served(served):
    text = recommendation_ids.write(served)
    assert recommendation_ids.read(text) == served
    assert len(text) <= MAX_LENGTH


def test_each_id_is_another():
    assert len({recommendation_ids.write(EXAMPLE) for _ in range(100)}) == 100


@given(st.data())
def test_no_other_text_is_an_id(data):
    text = recommendation_ids.write(EXAMPLE)
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


def test_fallbacks_are_counted_among_the_places_seen():
    assert [EXAMPLE.n_fallbacks(places) for places in (0, 1, 3, 4, 12)] == [0, 1, 1, 2, 2]


@pytest.mark.parametrize("name", ["Home", "a b", "a~b", "ä"])
def test_a_name_that_an_id_cannot_carry_is_an_error(name):
    with pytest.raises(ValueError, match="a-z"):
        recommendation_ids.write(EXAMPLE._replace(placement=name))
