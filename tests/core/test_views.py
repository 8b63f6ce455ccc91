"""Products seen from several sides, against the definition: pictures matched one pair after the other."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from recommender.core.blocks import reweighed, weighed_queries, with_weights
from recommender.core.calibrating import calibrate
from recommender.core.item_signals import item_raws
from recommender.core.similarity import cosines
from recommender.core.types import Block
from recommender.core.vectors import unit_rows
from recommender.core.views import lay_views_over, look_blocks, look_cosines, nearest_view_cosines
from tests.core.shop import checkerboard

D = 5
NONE = np.zeros((0, D), np.float32)


def unit_means(shown):
    """Each product's vector: the mean of its pictures, of unit length."""
    return unit_rows(np.stack([one.sum(axis=0) for one in shown]).astype(np.float32))


def as_views(shown):
    """Views of these pictures of each product."""
    several = {row: one for row, one in enumerate(shown) if len(one) > 1}
    return lay_views_over(None, len(shown), np.arange(len(shown), dtype=np.int32), several)


def drawn(rng, counts):
    """So many pictures of each product."""
    return [unit_rows(rng.normal(size=(count, D)).astype(np.float32)) for count in counts]


def matched(a, b):
    """Pairs of pictures, the most alike first, until one product has none left."""
    found, pairs = (a @ b.T).astype(float), []
    while len(pairs) < min(found.shape):
        i, j = np.unravel_index(found.argmax(), found.shape)
        pairs.append((i, j))
        found[i], found[:, j] = -np.inf, -np.inf
    return pairs


def likeness(a, b, mean_a, mean_b):
    if max(len(a), len(b)) < 2 or not (len(a) and len(b)):
        return mean_a @ mean_b
    return (mean_a @ mean_b + np.mean([a[i] @ b[j] for i, j in matched(a, b)])) / 2


counted = st.lists(st.integers(0, 4), min_size=1, max_size=12)


@given(counts=counted, seed=st.integers(0, 999))
def test_it_is_half_the_means_and_half_the_matched_pictures(counts, seed):
    rng = np.random.default_rng(seed)
    shown = drawn(rng, counts)
    vectors = unit_means(shown)
    rows = rng.integers(0, len(counts), 15).astype(np.int32)
    row = int(rows[0])
    expected = [likeness(shown[row], shown[other], vectors[row], vectors[other]) for other in rows]
    found = look_cosines(vectors, as_views(shown), row, rows)
    assert found.dtype == np.float32
    assert_allclose(found, np.clip(expected, -1, 1), atol=1e-6)


@given(counts=counted, seed=st.integers(0, 999))
def test_it_is_symmetric_one_for_equals_and_forgets_the_order_of_pictures(counts, seed):
    shown = drawn(np.random.default_rng(seed), counts)
    vectors, views = unit_means(shown), as_views(shown)
    rows = np.arange(len(counts), dtype=np.int32)
    every = np.stack([look_cosines(vectors, views, row, rows) for row in rows])
    assert_allclose(every, every.T, atol=1e-6)
    assert_allclose(np.diag(every), np.array(counts) > 0, atol=1e-6)
    turned = as_views([one[::-1] for one in shown])
    assert_allclose(np.stack([look_cosines(vectors, turned, row, rows) for row in rows]), every, atol=1e-6)


@given(counts=counted, seed=st.integers(0, 999))
def test_blocks_weigh_up_to_what_the_pictures_say(counts, seed):
    """With blocks of equal length in every vector the weighted block cosines are the cosine; other weights too."""
    blocks, rng = [Block("left", 0, 2, 0.6), Block("right", 2, 4, 0.4)], np.random.default_rng(seed)
    shown = [
        np.hstack([np.sqrt(block.weight) * unit_rows(rng.normal(size=(n, 2)).astype(np.float32)) for block in blocks])
        for n in counts
    ]
    vectors = np.stack([one[0] if len(one) else np.zeros(4, np.float32) for one in shown]).astype(np.float32)
    rows = np.arange(len(counts), dtype=np.int32)
    found = look_blocks(vectors, as_views(shown), blocks, 0, rows)
    assert_allclose(np.array([0.6, 0.4]) @ found, look_cosines(vectors, as_views(shown), 0, rows), atol=1e-6)
    after = with_weights(blocks, {"left": 0.2, "right": 0.8})
    factors = weighed_queries(np.ones((1, 4), np.float32), blocks, after)[0]
    weighed = as_views([reweighed(one, blocks, after) for one in shown])
    anew = look_cosines(reweighed(vectors, blocks, after), weighed, 0, rows)
    assert_allclose(look_cosines(vectors, as_views(shown), 0, rows, factors), anew, atol=1e-6)


def test_a_shop_with_one_picture_a_product_gets_the_cosine_of_its_vectors():
    shown = drawn(np.random.default_rng(1), [1] * 30)
    vectors, views = unit_means(shown), as_views(shown)
    rows = np.array([4, 2, 29, 2], np.int32)
    assert views is None
    assert_array_equal(look_cosines(vectors, views, 7, rows), cosines(vectors[7:8], vectors, rows)[0])


def test_products_of_one_picture_are_compared_as_ever_beside_others_of_several():
    shown = drawn(np.random.default_rng(1), [1, 1, 3, 1])
    rows = np.array([1, 3], np.int32)
    vectors = unit_means(shown)
    assert_array_equal(look_cosines(vectors, as_views(shown), 0, rows), cosines(vectors[:1], vectors, rows)[0])


FRONT, BACK, SIDE, INSIDE, OTHER = np.eye(5, dtype=np.float32)


def test_a_shared_view_counts_where_the_mean_is_blurred():
    """The one has a picture of the other; the rival resembles all of its pictures a little, as their mean does."""
    seed = np.stack([FRONT, BACK, SIDE])
    shown = [seed, BACK[None], unit_rows((FRONT + BACK + SIDE + 2 * OTHER)[None])]
    vectors = unit_means(shown)
    rows = np.array([1, 2], np.int32)
    by_mean, rival_by_mean = vectors[0] @ vectors[rows].T
    assert by_mean < rival_by_mean
    shared, rival = look_cosines(vectors, as_views(shown), 0, rows)
    assert shared > rival
    colour = look_blocks(vectors, as_views(shown), (Block("colour", 0, 5, 1.0),), 0, rows)[0]
    assert_allclose(colour, [shared, rival], atol=1e-6)


def test_a_view_that_all_products_share_does_not_hide_the_others():
    """Every front shows the same screen: the back tells which is which."""
    seed, same_back, other_back = [np.stack([FRONT, back]) for back in (BACK, BACK, SIDE)]
    shown = [seed, same_back, other_back]
    same, other = look_cosines(unit_means(shown), as_views(shown), 0, np.array([1, 2], np.int32))
    assert_allclose([same, other], [1.0, 0.5], atol=1e-6)


@given(before=counted, now=counted, seed=st.integers(0, 999))
def test_newer_products_are_laid_over_as_if_all_were_new(before, now, seed):
    rng = np.random.default_rng(seed)
    old = [one if len(one) > 1 else NONE for one in drawn(rng, before)]
    base = as_views(old)
    fresh = drawn(rng, now + [1] * max(0, len(before) - len(now)))
    n = len(fresh)
    rows = np.flatnonzero((rng.random(n) < 0.5) | (np.arange(n) >= len(before))).astype(np.int32)
    several = {row: fresh[row] for row in rows.tolist() if len(fresh[row]) > 1}
    laid = lay_views_over(base, n, rows, several)
    expected = [several.get(row, NONE) if row in rows else old[row] for row in range(n)]
    if laid is None:
        assert all(one is NONE for one in expected)
        return
    for row in range(n):
        assert_array_equal(laid.of(row), expected[row])


FRONT_OF_ALL = np.eye(1, 8, 7, dtype=np.float32)[0]


def test_what_is_served_is_calibrated_by_the_same_measure():
    """A random pair's mean evidence is that of the calibration, which the cosines of means would miss."""
    shop = checkerboard(n=40)
    shown = [np.stack([vector, FRONT_OF_ALL]) for vector in shop.vectors]
    views = lay_views_over(None, 40, np.arange(40, dtype=np.int32), dict(enumerate(shown[1:], 1)))
    seen = calibrate(replace(shop, views=views), seed=1)
    everyone = np.arange(1, 40, dtype=np.int32)
    evidence, rivals = [], []
    for row in everyone.tolist():
        others = everyone[everyone != row]
        raw = item_raws(seen, row, others, wanted={"visual"})["visual"].values
        assert_allclose(raw, look_cosines(shop.vectors, views, row, others))
        evidence.append(seen.calibrations["visual"].apply(raw).mean())
        rivals.append(seen.calibrations["visual"].apply(shop.vectors[others] @ shop.vectors[row]).mean())
    assert_allclose(np.mean(evidence), seen.calibrations["visual"].mean, atol=0.01)
    assert abs(np.mean(rivals) - seen.calibrations["visual"].mean) > 0.02


@given(counts=st.lists(st.integers(1, 4), min_size=1, max_size=6), seed=st.integers(0, 99), picked=st.randoms())
def test_a_photo_is_as_like_a_product_as_its_nearest_picture(counts, seed, picked):
    rng = np.random.default_rng(seed)
    shown = drawn(rng, counts)
    query = unit_rows(rng.normal(size=(1, D)).astype(np.float32))[0]
    rows = np.array(picked.sample(range(len(counts)), picked.randint(0, len(counts))), np.int32)
    found = nearest_view_cosines(as_views(shown), query, rows, unit_means(shown)[rows] @ query)
    assert_allclose(found, [float((shown[row] @ query).max()) for row in rows], atol=1e-6)
