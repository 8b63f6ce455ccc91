"""The scorers on a shop whose right answers are known, and on shops that lack one thing or another."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from recommender.core import hybrid
from recommender.core.blend import blend
from recommender.core.calibrating import calibrate
from recommender.core.catalogue import BlendConfig, Catalogue
from recommender.core.item_signals import item_signals, pair_strengths
from recommender.core.ranking import top_k
from recommender.core.types import ItemItem, Neighbours
from recommender.core.visitor_signals import history, visitor_signals
from tests.core.shop import ITEM_BLEND, VISITOR_BLEND, checkerboard

NOBODY = (np.zeros(0, np.int32), np.zeros(0, np.float32))
VISITORS = [
    (np.array([2, 4, 6], np.int32), np.ones(3, np.float32)),
    (np.array([3, 5], np.int32), np.ones(2, np.float32)),
]


def shop(artefact="factors", **changes):
    return calibrate(replace(checkerboard(artefact=artefact), **changes), VISITORS, seed=0)


SHOPS = {artefact: shop(artefact) for artefact in ("factors", "item_item")}
SHOP = SHOPS["factors"]


def everything(catalogue):
    return np.arange(catalogue.n, dtype=np.int32)


@pytest.mark.parametrize("catalogue", SHOPS.values(), ids=SHOPS)
def test_similar_products_look_alike_and_are_bought_together(catalogue):
    scored = hybrid.similar(catalogue, 6, everything(catalogue))

    best = scored.rows[top_k(scored.scores, 18)]
    assert scored.signals == ("visual", "collaborative", "attributes")
    assert set(best.tolist()) <= set(range(0, 40, 2))
    assert_allclose(scored.parts.sum(axis=0), scored.scores, atol=1e-6)


@pytest.mark.parametrize("catalogue", SHOPS.values(), ids=SHOPS)
def test_for_you_follows_the_visitors_taste(catalogue):
    rows, weights = VISITORS[1]
    scored = hybrid.for_you(catalogue, rows, weights, everything(catalogue))

    best = scored.rows[top_k(scored.scores, 15)]
    assert scored.signals == ("affinity", "collaborative", "attributes", "trend")
    assert set(best.tolist()) <= set(range(1, 40, 2))


def test_a_product_nobody_bought_is_judged_by_its_looks_and_the_mean_of_behaviour():
    observed = item_signals(SHOP, 3, np.array([1], np.int32))
    parts = dict(zip(observed.signals, hybrid.similar(SHOP, 3, np.array([1], np.int32)).parts[:, 0], strict=True))

    assert observed.counts[1, 0] == 0
    assert parts["collaborative"] == pytest.approx(0.4 * SHOP.calibrations["collaborative"].mean, rel=1e-5)
    assert parts["visual"] > 0.5 * SHOP.calibrations["visual"].mean


def test_a_product_without_a_picture_gets_the_mean_of_looks():
    scored = hybrid.similar(SHOP, 0, everything(SHOP)[2:])
    assert_allclose(scored.parts[0], 0.5 * SHOP.calibrations["visual"].mean, rtol=1e-5)
    scored = hybrid.similar(SHOP, 2, np.array([0], np.int32))
    assert_allclose(scored.parts[0], 0.5 * SHOP.calibrations["visual"].mean, rtol=1e-5)


def test_the_evidence_of_behaviour_is_that_of_the_rarer_product():
    events = np.arange(40, dtype=np.float32)
    counts = item_signals(replace(SHOP, events=events), 10, np.array([3, 30], np.int32)).counts
    assert_array_equal(counts[1], [3, 10])
    assert_array_equal(counts[0], [np.inf, np.inf])
    assert_array_equal(counts[2], [2, 2])  # two attributes known on both sides


def test_without_event_counts_behaviour_is_taken_as_certain():
    assert_array_equal(item_signals(replace(SHOP, events=None), 10, np.array([3], np.int32)).counts[1], [np.inf])


@pytest.mark.parametrize("catalogue", SHOPS.values(), ids=SHOPS)
def test_scores_do_not_depend_on_what_else_is_scored(catalogue):
    some = np.array([30, 3, 17, 8], np.int32)
    assert_allclose(
        hybrid.similar(catalogue, 6, some).scores,
        hybrid.similar(catalogue, 6, everything(catalogue)).scores[some],
        atol=1e-6,
    )
    assert_allclose(
        hybrid.for_you(catalogue, *VISITORS[0], some).scores,
        hybrid.for_you(catalogue, *VISITORS[0], everything(catalogue)).scores[some],
        atol=1e-6,
    )


def test_candidates_by_default_come_from_the_lists_without_the_product():
    rows = hybrid.similar(SHOP, 7).rows
    expected = set(SHOP.visual.rows[7].tolist()) | set(SHOP.collaborative.rows[7].tolist())
    assert_array_equal(rows, sorted(expected - {7, -1}))
    assert rows.dtype == np.int32


def test_a_visitor_gets_candidates_from_lists_behaviour_and_trend():
    rows = set(hybrid.for_you(SHOP, *VISITORS[0]).rows.tolist())
    assert set(SHOP.visual.rows[[2, 4, 6]].ravel().tolist()) <= rows
    assert set(range(1, 40)) <= rows  # all but row 0 trend


@pytest.mark.parametrize(("n_alike", "expected"), [(1, 200), (2, 100), (10, 160), (20, 160)])
def test_lists_that_say_the_same_are_read_further_down(n_alike, expected):
    """All products list the same ones; of the lists of 20 products the best 10 would be candidates."""
    rows = np.tile(np.arange(100, 300, dtype=np.int32), (300, 1))
    catalogue = Catalogue(300, ITEM_BLEND, VISITOR_BLEND, visual=Neighbours(rows, np.ones(rows.shape, np.float32)))
    past = history(np.arange(n_alike, dtype=np.int32), np.ones(n_alike, np.float32))
    assert_array_equal(hybrid.visitor_candidates(catalogue, past), np.arange(100, 100 + expected))


def test_somebody_unknown_gets_what_trends():
    scored = hybrid.for_you(SHOP, *NOBODY)
    assert_array_equal(scored.rows[top_k(scored.scores, 5)], [39, 38, 37, 36, 35])


def test_refunded_products_do_not_speak_for_a_visitor():
    rows, weights = VISITORS[0]
    with_refund = hybrid.for_you(SHOP, np.append(rows, 5).astype(np.int32), np.append(weights, np.float32(-3)))
    assert_array_equal(with_refund.scores, hybrid.for_you(SHOP, rows, weights).scores)


def test_the_history_is_led_by_its_heaviest_products():
    past = history(np.arange(30, dtype=np.int32), np.arange(30, dtype=np.float32))
    assert past.rows.size == 29
    assert_array_equal(past.seeds, np.arange(29, 9, -1))
    assert past.shares.sum() == pytest.approx(1.0)


def test_affinity_of_one_product_is_its_cosine_and_of_many_lies_between_mean_and_best():
    rows = everything(SHOP)[1:]
    plain = replace(SHOP, calibrations={})
    one = visitor_signals(plain, history(np.array([4], np.int32), np.ones(1, np.float32)), rows, wanted={"affinity"})
    assert_allclose(one.evidence[0], np.clip(SHOP.vectors[rows] @ SHOP.vectors[4], 0, 1), atol=1e-6)

    liked = np.array([4, 7, 10], np.int32)
    many = visitor_signals(plain, history(liked, np.ones(3, np.float32)), rows, wanted={"affinity"}).evidence[0]
    alike = SHOP.vectors[liked] @ SHOP.vectors[rows].T
    assert (many <= np.clip(alike.max(axis=0), 0, 1) + 1e-6).all()
    assert (many >= np.clip(alike.mean(axis=0), 0, 1) - 1e-6).all()


def test_visitor_attributes_are_shares_of_the_history():
    attributes = np.array([[0, 5], [1, 5], [1, -1], [0, -1], [2, 6]], np.int32)
    catalogue = Catalogue(n=5, item_blend=ITEM_BLEND, visitor_blend=VISITOR_BLEND, attributes=attributes)
    past = history(np.array([0, 1, 2], np.int32), np.array([2, 1, 1], np.float32))

    observed = visitor_signals(catalogue, past, everything(catalogue))

    # column 0: value 0 has share 1/2, value 1 too; column 1 is known for 3/4 of the history, all of it value 5
    assert_allclose(observed.counts[0], [1.75, 1.75, 1, 1, 1.75])
    assert_allclose(observed.evidence[0], [1.25 / 1.75, 1.25 / 1.75, 0.5, 0.5, 0], rtol=1e-6)


def test_products_newer_than_the_artefact_have_no_behaviour_yet():
    for catalogue in SHOPS.values():
        grown = replace(
            catalogue,
            n=42,
            vectors=np.vstack([catalogue.vectors, catalogue.vectors[2:4]]),
            events=np.append(catalogue.events, [0, 0]).astype(np.float32),
            trend=np.append(catalogue.trend, [0, 0]).astype(np.float32),
            attributes=np.pad(catalogue.attributes, ((0, 2), (0, 0)), constant_values=-1),
        )
        assert hybrid.similar(grown, 2, np.array([40], np.int32)).scores[0] > 0
        assert item_signals(grown, 41, np.array([3, 40], np.int32)).counts[1].tolist() == [0, 0]
        assert hybrid.similar(grown, 41).rows.size == 0
        newest = hybrid.for_you(grown, np.array([40, 4], np.int32), np.ones(2, np.float32), everything(grown))
        assert np.isfinite(newest.scores).all()


def test_a_history_without_behaviour_is_no_evidence_of_behaviour():
    silent = SHOPS["item_item"]
    past = history(np.array([1], np.int32), np.ones(1, np.float32))  # nothing goes with row 1
    observed = visitor_signals(silent, past, everything(silent), wanted={"collaborative"})
    assert_array_equal(observed.counts, np.zeros((1, 40)))


def test_item_item_weights_are_found_and_absent_pairs_are_zero():
    artefact = ItemItem(np.array([0, 2, 2, 3]), np.array([1, 2, 0], np.int32), np.array([5, 7, 9], np.float32))
    found = pair_strengths(artefact, np.array([2, 0, 9, 1], np.int32), np.array([2, 0, 1, 8], np.int32))
    assert_array_equal(found, [[0, 9, 0, 0], [7, 0, 5, 0], [0, 0, 0, 0], [0, 0, 0, 0]])


@pytest.mark.parametrize("missing", [{"vectors"}, {"artefact"}, {"attributes"}, {"vectors", "artefact", "trend"}])
def test_a_shop_without_some_data_blends_what_it_has(missing):
    catalogue = replace(SHOP, **dict.fromkeys(missing))
    names = {"vectors": {"visual", "affinity"}, "artefact": {"collaborative"}}
    gone = set().union(*(names.get(name, {name}) for name in missing))
    similar = hybrid.similar(catalogue, 6, everything(catalogue))
    for_you = hybrid.for_you(catalogue, *VISITORS[0], everything(catalogue))
    assert set(similar.signals) == {"visual", "collaborative", "attributes"} - gone
    assert set(for_you.signals) == {"affinity", "collaborative", "attributes", "trend"} - gone
    assert np.isfinite(similar.scores).all()
    assert similar.scores.max() <= 1


def test_a_shop_with_nothing_scores_zero():
    empty = Catalogue(n=3, item_blend=ITEM_BLEND, visitor_blend=VISITOR_BLEND)
    assert_array_equal(hybrid.similar(empty, 0, everything(empty)).scores, np.zeros(3))
    assert hybrid.similar(empty, 0).rows.size == 0
    assert hybrid.for_you(empty, *NOBODY).rows.size == 0


def test_signals_of_weight_zero_are_not_computed():
    only_looks = replace(SHOP, item_blend=BlendConfig({"visual": 1.0, "collaborative": 0.0}, {"visual": 1.0}))
    scored = hybrid.similar(only_looks, 6, everything(SHOP))
    assert scored.signals == ("visual",)
    assert_allclose(scored.scores[2:], SHOP.calibrations["visual"].apply(SHOP.vectors[2:] @ SHOP.vectors[6]), atol=1e-5)


def test_the_score_is_the_blend_of_the_observed_signals():
    rows = everything(SHOP)
    observed = item_signals(SHOP, 6, rows)
    expected = blend(*observed[1:], weights=[0.5, 0.4, 0.1], strength=[1.0, 5.0, 1.0])
    assert_allclose(hybrid.similar(SHOP, 6, rows).scores, expected, atol=1e-6)


@given(st.permutations(range(40)), st.sampled_from(sorted(SHOPS)))
def test_permuting_candidates_permutes_scores(order, artefact):
    catalogue, candidates = SHOPS[artefact], np.array(order, np.int32)
    for scored, plain in (
        (hybrid.similar(catalogue, 6, candidates), hybrid.similar(catalogue, 6, everything(catalogue))),
        (
            hybrid.for_you(catalogue, *VISITORS[0], candidates),
            hybrid.for_you(catalogue, *VISITORS[0], everything(catalogue)),
        ),
    ):
        assert scored.scores.dtype == np.float32
        assert scored.parts.dtype == np.float32
        assert_allclose(scored.scores, plain.scores[candidates], atol=1e-6)
