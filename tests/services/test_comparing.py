from hypothesis import given
from hypothesis import strategies as st

from recommender.services.comparing import Move, changes
from recommender.services.listing import Recommended
from recommender.sources import Card


def shelf(*keys):
    return [Recommended(None, Card(key, key), 0.0, {}, None, "", place) for place, key in enumerate(keys, start=1)]


def told(before, after):
    return [(change.item.card.id, change.move, change.by) for change in changes(shelf(*before), shelf(*after))]


def test_what_comes_goes_and_moves():
    assert told("abcd", "cbe") == [
        ("c", Move.UP, 2),
        ("b", Move.STAYS, 0),
        ("e", Move.IN, 0),
        ("a", Move.OUT, 0),
        ("d", Move.OUT, 0),
    ]
    assert told("ab", "ba") == [("b", Move.UP, 1), ("a", Move.DOWN, 1)]
    assert told("", "a") == [("a", Move.IN, 0)]
    assert told("a", "") == [("a", Move.OUT, 0)]


@given(st.permutations("abcdef"), st.permutations("abcdef"), st.integers(0, 6), st.integers(0, 6))
def test_every_product_has_one_change_and_moves_add_up(one, other, n, m):
    before, after = one[:n], other[:m]
    found = changes(shelf(*before), shelf(*after))
    assert sorted(change.item.card.id for change in found) == sorted({*before, *after})
    for change in found:
        step = {Move.UP: 1, Move.DOWN: -1}.get(change.move, 0) * change.by
        assert change.before is None or change.after is None or change.before - change.after == step
