"""Block weights learned from labels: figures against their definitions, and cases whose answer is known."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.core.block_weights import (
    LEAST,
    best_weights,
    block_products,
    cosines,
    distinct,
    mean_precision,
    precisions,
)
from recommender.core.blocks import reweighed, with_weights
from recommender.core.retrieval import average_precision, each_against_all
from recommender.core.types import Block
from recommender.core.vectors import unit_rows

BLOCKS = (Block("semantic", 0, 8, 0.5), Block("colour", 8, 16, 0.3), Block("shape", 16, 24, 0.2))
NOW = (50, 30, 20)
FAMILY = np.repeat(np.arange(10), 6).astype(np.int32)
COLOUR = np.tile(np.arange(6), 10).astype(np.int32)


def noise(seed, n=60):
    return unit_rows(np.random.default_rng(seed).normal(size=(n, 8)).astype(np.float32))


def about(classes, seed, spread=0.6):
    """A block that tells classes apart, the less surely the wider they spread."""
    centres = unit_rows(np.random.default_rng(seed).normal(size=(classes.max() + 1, 8)).astype(np.float32))
    return unit_rows(centres[classes] + spread * noise(seed + 1, len(classes)))


def weighed(*parts, blocks=BLOCKS):
    return np.hstack([np.sqrt(block.weight) * part for block, part in zip(blocks, parts, strict=True)]).astype("f4")


def learned(*parts, labels, now=NOW):
    blocks = tuple(block._replace(weight=weight / 100) for block, weight in zip(BLOCKS, now, strict=True))
    return best_weights(block_products(weighed(*parts, blocks=blocks), blocks), labels, now)


def worth(weights, *parts, labels):
    return mean_precision(precisions(cosines(block_products(weighed(*parts), BLOCKS), weights), labels))


@pytest.mark.parametrize("telling", [0, 1, 2])
def test_the_block_that_carries_the_label_gets_nearly_all(telling):
    parts = [about(FAMILY, 7) if place == telling else noise(place) for place in range(3)]
    found = learned(*parts, labels={"family": FAMILY})
    assert found[telling] >= 80
    assert sum(found) == 100
    assert min(found) >= LEAST


def test_two_labels_share_the_weight_between_the_blocks_that_carry_them():
    parts = about(FAMILY, 7, spread=1.5), about(COLOUR, 17, spread=1.5), noise(3)
    labels = {"family": FAMILY, "color": COLOUR}
    found = learned(*parts, labels=labels)
    assert min(found[:2]) >= 40
    assert found[2] <= 10
    for others in ((98, 1, 1), (1, 98, 1), (1, 1, 98), NOW):
        assert worth(found, *parts, labels=labels) >= worth(others, *parts, labels=labels)


def test_many_labels_of_one_block_do_not_drive_out_the_one_label_of_another():
    parts = about(FAMILY, 7), about(COLOUR, 17), noise(3)
    labels = {**{f"shape {number}": FAMILY for number in range(4)}, "color": COLOUR}
    found = learned(*parts, labels=labels)
    judged = precisions(cosines(block_products(weighed(*parts), BLOCKS), found), labels)
    alone = precisions(cosines(block_products(weighed(*parts), BLOCKS), (1, 98, 1)), labels)
    assert min(found[:2]) >= 35
    assert np.nanmean(judged["color"]) >= 0.4 * np.nanmean(alone["color"])


def test_weights_that_cannot_be_bettered_stay():
    perfect = np.eye(10, 8, dtype=np.float32)[FAMILY % 8]
    assert learned(perfect, perfect, perfect, labels={"family": FAMILY % 8}) == NOW


def test_a_block_that_weighs_nothing_stays_silent():
    found = learned(noise(1), about(FAMILY, 7), about(FAMILY, 9), labels={"family": FAMILY}, now=(60, 40, 0))
    assert found[2] == 0
    assert found[1] >= 80


def test_the_same_comes_out_every_time_and_is_told():
    products = block_products(weighed(about(FAMILY, 7), noise(1), noise(2)), BLOCKS)
    told = []
    first = best_weights(products, {"family": FAMILY}, NOW, tried=told.append)
    assert first == best_weights(products, {"family": FAMILY}, NOW)
    assert told == list(range(1, len(told) + 1))


def test_variants_that_share_their_pictures_are_one_and_contradictions_say_nothing():
    vectors = np.array([[1, 0], [0, 1], [1, 0], [0, 0], [0, 1]], np.float32)
    labels = {"family": np.array([4, 5, 4, 4, 5], np.int32), "color": np.array([1, 2, 1, 1, 3], np.int32)}
    rows, said = distinct(vectors, labels)
    assert rows.tolist() == [1, 0]
    assert {name: classes.tolist() for name, classes in said.items()} == {"family": [5, 4], "color": [-1, 1]}


@given(st.lists(st.integers(1, 90), min_size=3, max_size=3))
def test_cosines_are_those_of_vectors_weighed_anew(weights):
    stored = unit_rows(weighed(noise(1), noise(2), noise(3)) + weighed(noise(4), noise(5), noise(6)))
    after = with_weights(BLOCKS, dict(zip(("semantic", "colour", "shape"), weights, strict=True)))
    expected = unit_rows(reweighed(stored, BLOCKS, after))
    found = cosines(block_products(stored, BLOCKS), weights)
    np.testing.assert_allclose(found, expected @ expected.T, atol=1e-5)
    assert found.dtype == np.float32


def test_precisions_are_those_of_each_against_all():
    vectors = noise(5, 30)
    classes = np.array([*range(10)] * 2 + [-1] * 9 + [11], np.int32)
    found = precisions(vectors @ vectors.T, {"family": classes})["family"]
    matches = (classes[:, None] == classes[None, :]) & (classes[:, None] >= 0)
    assert np.isnan(found[20:]).all()
    assert np.nanmean(found) == pytest.approx(each_against_all(vectors, matches).mean_average_precision)
    ranked = [row for row in np.argsort(-(vectors @ vectors[3]), kind="stable") if row != 3]
    assert found[3] == pytest.approx(average_precision(matches[3, ranked]))


def test_equal_scores_go_to_the_lower_row():
    found = precisions(np.ones((3, 3), np.float32), {"family": np.array([0, 1, 0], np.int32)})["family"]
    np.testing.assert_allclose(found, [1 / 2, np.nan, 1.0])
