"""The image-to-behaviour map: it recovers a map that exists, and promises nothing where none does."""

import numpy as np
from numpy.testing import assert_allclose, assert_array_equal

from recommender.core import cold_start
from recommender.core.cold_start import (
    behaviour_factors,
    choose_regularization,
    fit_image_map,
    held_out_factors,
    predict_factors,
)
from recommender.core.types import Factors, ItemItem
from recommender.core.vectors import unit_rows

RNG = np.random.default_rng(3)
VECTORS = unit_rows(RNG.normal(size=(300, 12)).astype(np.float32))
TRUE_MAP = np.linalg.qr(RNG.normal(size=(12, 5)))[0].astype(np.float32)
FACTORS = VECTORS @ TRUE_MAP
EVENTS = np.full(300, 10.0, np.float32)


def cosines(left, right):
    return np.einsum("ij,ij->i", unit_rows(left), unit_rows(right))


def test_a_linear_map_is_recovered_for_products_it_never_saw():
    events = EVENTS.copy()
    events[200:] = 0
    image_map = fit_image_map(VECTORS, FACTORS, events, 0.01)
    assert image_map.shape == (12, 5)
    assert image_map.dtype == np.float32
    assert cosines(predict_factors(VECTORS[200:], image_map), FACTORS[200:]).mean() > 0.97


def test_lengths_of_factors_do_not_matter():
    popularity = RNG.uniform(0.1, 50, (300, 1)).astype(np.float32)
    assert_allclose(
        fit_image_map(VECTORS, FACTORS * popularity, EVENTS, 1.0),
        fit_image_map(VECTORS, FACTORS, EVENTS, 1.0),
        atol=1e-4,
    )


def test_both_forms_of_the_ridge_agree_with_its_definition():
    for rows in (8, 200):
        x, y = VECTORS[:rows].astype(np.float64), unit_rows(FACTORS[:rows])
        expected = np.linalg.solve(x.T @ x + 0.5 * np.eye(12), x.T @ y)
        assert_allclose(fit_image_map(VECTORS[:rows], FACTORS[:rows], EVENTS[:rows], 0.5), expected, atol=1e-5)


def test_products_without_picture_events_or_factors_are_not_learned_from():
    vectors, factors, events = VECTORS.copy(), FACTORS.copy(), EVENTS.copy()
    vectors[0], factors[1], events[2] = 0, 0, 1
    factors[[0, 2]] = 1e6
    assert_allclose(
        fit_image_map(vectors, factors, events, 1.0),
        fit_image_map(VECTORS[3:], FACTORS[3:], EVENTS[3:], 1.0),
        atol=1e-5,
    )


def test_without_anything_to_learn_from_the_map_is_zero():
    image_map = fit_image_map(VECTORS, FACTORS, np.zeros(300, np.float32), 1.0)
    assert_array_equal(image_map, np.zeros((12, 5)))
    assert choose_regularization(VECTORS, FACTORS, np.zeros(300, np.float32), seed=0) == 100.0


def test_held_out_predictions_find_no_signal_in_noise():
    noise = RNG.normal(size=(300, 5)).astype(np.float32)
    in_sample = predict_factors(VECTORS, fit_image_map(VECTORS, noise, EVENTS, 0.01))
    held_out = held_out_factors(VECTORS, noise, EVENTS, 0.01, seed=0)
    assert cosines(in_sample, noise).mean() > 0.1
    assert cosines(held_out, noise).mean() < 0.05


def test_held_out_predictions_of_cold_products_are_the_plain_ones():
    events = EVENTS.copy()
    events[:50] = 0
    held_out = held_out_factors(VECTORS, FACTORS, events, 1.0, seed=0)
    plain = predict_factors(VECTORS, fit_image_map(VECTORS, FACTORS, events, 1.0))
    assert_array_equal(held_out[:50], plain[:50])
    assert not np.array_equal(held_out[50:], plain[50:])


def test_the_ridge_is_weak_for_a_clear_map_and_strong_for_a_noisy_one():
    assert choose_regularization(VECTORS, FACTORS, EVENTS, seed=0, grid=(0.01, 10.0)) == 0.01
    rng = np.random.default_rng(0)
    vectors = unit_rows((rng.normal(size=(300, 250)) * np.linspace(3, 0.1, 250) ** 2).astype(np.float32))
    factors = (vectors[:, :5] + 0.3 * rng.normal(size=(300, 5))).astype(np.float32)
    assert choose_regularization(vectors, factors, EVENTS, seed=0, grid=(0.01, 10.0)) == 10.0


def test_the_ridge_of_a_large_shop_is_chosen_on_a_part_of_it(monkeypatch):
    monkeypatch.setattr(cold_start, "MAX_JUDGED", 50)
    assert choose_regularization(VECTORS, FACTORS, EVENTS, seed=0, grid=(0.01, 10.0)) == 0.01


def test_item_factors_are_their_own_factor_space():
    assert_array_equal(behaviour_factors(Factors(FACTORS, FACTORS.T @ FACTORS, 1.0), seed=0), FACTORS)


def test_factors_of_item_item_weights_reproduce_them():
    hidden = RNG.normal(size=(30, 3)).astype(np.float32)
    weights = hidden @ hidden.T
    artefact = ItemItem(np.arange(0, 901, 30), np.tile(np.arange(30, dtype=np.int32), 30), weights.ravel())
    factors = behaviour_factors(artefact, 3, seed=0)
    assert factors.dtype == np.float32
    assert_allclose(factors @ factors.T, weights, atol=1e-3)


def test_weights_of_nothing_have_zero_factors():
    nothing = ItemItem(np.zeros(6, np.int64), np.zeros(0, np.int32), np.zeros(0, np.float32))
    assert_array_equal(behaviour_factors(nothing, 3, seed=0), np.zeros((5, 3)))
