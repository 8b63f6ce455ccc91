"""Rules on an order of merit: by hand on a few products, and what must hold on any shelf."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from recommender.core.merchandising import Rules, allowance, lifted, lowered, pinned, slots, steer
from recommender.core.shelf import UNKNOWN, Places

SCORES = np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4], np.float32)
MERIT = Places(np.arange(6), 6)
APART = np.arange(6)


def steered(*rules, scores=SCORES, merit=MERIT, families=APART, wanted=None, k=6, budget=6, free=None):
    """Rules as (boosts, strength, the positions that they mean[, most places])."""
    hits = np.zeros((len(rules), len(scores)), bool)
    for row, (_, _, positions, *_) in enumerate(rules):
        hits[row, list(positions)] = True
    core = Rules(
        np.array([rule[0] for rule in rules], bool),
        np.array([rule[1] for rule in rules], np.float32),
        [rule[3] if len(rule) > 3 else k for rule in rules],
    )
    wanted = np.ones(len(scores), bool) if wanted is None else wanted
    return steer(merit, scores, families, wanted, core, hits, k=k, budget=budget, free=free)


BOOST, BURY = True, False


def test_a_boosted_product_goes_to_the_place_that_its_lifted_score_earns():
    found = steered((BOOST, 0.5, [4]))  # .5 becomes .75
    assert_array_equal(found.places.order, [0, 1, 4, 2, 3, 5])
    assert found.promoted == {4}
    assert found.rules == {4: 0}


def test_at_full_strength_it_is_the_first_and_a_buried_one_the_last():
    assert_array_equal(steered((BOOST, 1.0, [5])).places.order, [5, 0, 1, 2, 3, 4])
    buried = steered((BURY, 1.0, [0]))
    assert_array_equal(buried.places.order, [1, 2, 3, 4, 5, 0])
    assert buried.promoted == frozenset()
    assert buried.rules == {0: 0}


def test_burying_goes_before_boosting():
    assert_array_equal(steered((BOOST, 1.0, [2]), (BURY, 0.5, [2])).places.order, [0, 1, 3, 4, 5, 2])


def test_the_budget_and_each_rule_s_own_share_are_kept_by_the_best():
    assert_array_equal(steered((BOOST, 1.0, [3, 4, 5]), budget=2).places.order, [3, 4, 0, 1, 2, 5])
    assert_array_equal(steered((BOOST, 1.0, [3, 4, 5], 1)).places.order, [3, 0, 1, 2, 4, 5])
    assert_array_equal(steered((BOOST, 0.9, [3], 0), (BOOST, 0.5, [3])).places.order, [0, 3, 1, 2, 4, 5])


def test_who_needs_no_boost_spends_no_place():
    found = steered((BOOST, 0.1, [0, 5]), budget=1)  # the first stays the first; .4 becomes .46
    assert_array_equal(found.places.order, MERIT.order)
    assert found.promoted == frozenset()
    found = steered((BOOST, 0.5, [0, 5]), budget=1)
    assert_array_equal(found.places.order, [0, 1, 5, 2, 3, 4])


def test_places_that_nobody_sees_cost_nothing():
    found = steered((BOOST, 0.2, [5]), k=3)  # from the sixth place to the fifth
    assert found.promoted == frozenset()


def test_a_product_that_is_not_listed_comes_in_only_by_its_boost():
    listed = Places(np.arange(4), 4)
    found = steered((BOOST, 0.5, [4, 5], 1), merit=listed)
    assert_array_equal(found.places.order, [0, 1, 4, 2, 3])
    assert found.places.n_wanted == 5


def test_a_boosted_variant_takes_the_place_of_its_family_and_never_a_second_one():
    families = np.array([1, 2, 3, 4, 3, 1])
    listed = Places(np.arange(4), 4)
    found = steered((BOOST, 0.9, [4]), merit=listed, families=families)
    assert_array_equal(found.places.order, [4, 0, 1, 3])
    assert_array_equal(steered((BOOST, 0.5, [5]), merit=listed, families=families).places.order, [0, 1, 2, 3])


def test_a_lift_stays_within_its_category():
    wanted = np.array([True, True, False, False, False, False])
    found = steered((BOOST, 1.0, [4]), merit=Places(np.arange(6), 2), wanted=wanted)
    assert_array_equal(found.places.order, [0, 1, 4, 2, 3, 5])
    assert found.places.n_wanted == 2
    found = steered((BURY, 1.0, [0]), merit=Places(np.arange(6), 2), wanted=wanted)
    assert_array_equal(found.places.order, [1, 0, 2, 3, 4, 5])


def test_an_order_that_was_varied_stays_what_it_is():
    merit = Places(np.array([0, 3, 1, 2, 4, 5]), 6)  # .9 .6 .8 .7 .5 .4
    assert_array_equal(steered((BOOST, 0.5, [5]), merit=merit).places.order, [0, 3, 1, 5, 2, 4])


def test_unwelcome_products_are_not_lifted():
    assert_array_equal(steered((BOOST, 1.0, [5]), free=np.arange(6) != 5).places.order, MERIT.order)


@pytest.mark.parametrize(("share", "k", "n"), [(0.25, 12, 3), (0.25, 2, 1), (0.29, 100, 29), (0, 12, 0), (1, 5, 5)])
def test_how_many_places_may_be_promoted(share, k, n):
    assert allowance(share, k) == n


def test_pins_take_the_next_free_place_and_fall_off_the_end():
    assert slots([2, 0, 2, 3, 3], 5) == [2, 0, 3, 4, -1]
    assert pinned(["a", "b", "c"], {1: "P", 4: "Q"}, 5) == ["a", "P", "b", "c", "Q"]
    assert pinned(["a"], {3: "P"}, 5) == ["a", "P"]
    assert pinned([], {0: "P"}, 1) == ["P"]


def test_scores_stay_scores():
    scores = np.array([0, 0.25, 1], np.float32)
    assert_allclose(lifted(scores, np.float32(0.5)), [0.5, 0.625, 1])
    assert_allclose(lowered(scores, np.float32(0.5)), [0, 0.125, 0.5])


@st.composite
def shelves(draw):
    m = draw(st.integers(0, 14))
    listed = draw(st.integers(0, m))
    k = draw(st.integers(1, 8))
    scores = np.array(draw(st.lists(st.floats(0, 1, width=32), min_size=m, max_size=m)), np.float32)
    families = np.array(draw(st.lists(st.integers(UNKNOWN, 9), min_size=m, max_size=m)), np.int64)
    category = np.array(draw(st.lists(st.booleans(), min_size=m, max_size=m)), bool)
    order = [int(at) for at in draw(st.permutations(range(listed)))]
    seen = set()
    order = [at for at in order if families[at] == UNKNOWN or not (families[at] in seen or seen.add(families[at]))]
    order = [at for at in order if category[at]] + [at for at in order if not category[at]]
    merit = Places(np.array(order, np.int64), int(category[order].sum()) if order else 0)
    n = draw(st.integers(0, 4))
    hits = np.array(draw(st.lists(st.booleans(), min_size=n * m, max_size=n * m)), bool).reshape(n, m)
    rules = Rules(
        np.array(draw(st.lists(st.booleans(), min_size=n, max_size=n)), bool),
        np.array(draw(st.lists(st.floats(0.125, 1, width=32), min_size=n, max_size=n)), np.float32),
        draw(st.lists(st.integers(0, k), min_size=n, max_size=n)),
    )
    return merit, scores, families, category, rules, hits, k, draw(st.integers(0, k))


@given(shelves())
def test_what_holds_on_any_shelf(shelf):
    merit, scores, families, category, rules, hits, k, budget = shelf
    found = steer(merit, scores, families, category, rules, hits, k=k, budget=budget)
    order, before = found.places.order.tolist(), merit.order.tolist()
    first = order[:k]
    assert len(set(order)) == len(order)
    known = [families[at] for at in order if families[at] != UNKNOWN]
    assert len(set(known)) == len(known)  # one a family
    # Those of the wanted category come first.
    assert [bool(category[at]) for at in order] == sorted((bool(category[at]) for at in order), reverse=True)
    assert found.places.n_wanted == sum(bool(category[at]) for at in order)
    untouched = [at for at in order if not hits[:, at].any()]
    assert untouched == [at for at in before if at in set(untouched)]  # order among the unaffected stays
    # Nobody disappears but for a variant of his own.
    assert {at for at in before if at not in order} <= {
        at for at in before if families[at] in {families[other] for other in found.promoted}
    }
    # Whoever passed an unaffected product, or was not listed, is promoted; and those are never more than the share.
    for at in first:
        passed = at not in before or any(
            before.index(other) < before.index(at) and order.index(other) > order.index(at) for other in untouched
        )
        assert not passed or at in found.promoted
    assert len([at for at in first if at in found.promoted]) <= budget
    for rule in range(len(rules.strengths)):
        moved = [at for at in found.promoted if found.rules[at] == rule]
        assert len(moved) <= rules.most[rule]
        assert all(hits[rule, at] and rules.boosts[rule] for at in moved)


@given(shelves())
def test_without_a_rule_that_means_anything_the_list_is_the_same(shelf):
    merit, scores, families, category, rules, hits, k, budget = shelf
    found = steer(merit, scores, families, category, rules, np.zeros_like(hits), k=k, budget=budget)
    assert_array_equal(found.places.order, merit.order)
    assert found.places.n_wanted == merit.n_wanted
    assert (found.rules, found.promoted) == ({}, frozenset())


@given(st.lists(st.integers(0, 12), max_size=8), st.integers(1, 10), st.integers(0, 12))
def test_pins_stand_at_their_places_and_the_others_keep_their_order(wanted, k, n):
    places = slots(wanted, k)
    pins = {place: f"pin {rule}" for rule, place in enumerate(places) if place >= 0}
    assert len(set(pins)) == sum(place >= 0 for place in places)  # no place twice
    others = list(range(n))
    shelf = pinned(others, pins, k)
    assert len(shelf) == min(k, n + len(pins))
    assert [thing for thing in shelf if not isinstance(thing, str)] == others[: len(shelf) - len(pins)]
    for place, name in pins.items():
        assert shelf[place] == name if len(shelf) > place and n >= place else name in shelf
    for rule, place in enumerate(places):
        if place >= 0 and place != wanted[rule]:
            assert place > wanted[rule]
            assert all(between in pins for between in range(wanted[rule], place))
