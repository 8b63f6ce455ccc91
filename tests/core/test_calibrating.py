"""Measured calibrations: the same as from all pairs, and priors that know how far pictures can be trusted."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from recommender.core import calibrating
from recommender.core.calibrating import calibrate
from recommender.core.calibration import fit_calibration
from recommender.core.cold_start import fit_image_map, held_out_factors
from recommender.core.item_signals import item_signals
from recommender.core.neighbours import visual_neighbours
from recommender.core.types import Factors
from recommender.core.vectors import unit_rows
from tests.core.shop import checkerboard

VISITORS = [(np.array([row, row + 2], np.int32), np.ones(2, np.float32)) for row in range(2, 30)]


def test_every_signal_and_every_prior_is_measured():
    shop = checkerboard()
    image_map = fit_image_map(shop.vectors, shop.artefact.items, shop.events, 1.0)
    calibrations = calibrate(replace(shop, image_map=image_map), VISITORS, seed=0).calibrations
    behaviour = {"collaborative", "collaborative_prior", "visitor_collaborative", "visitor_collaborative_prior"}
    assert set(calibrations) == behaviour | {"visual", "attributes", "affinity", "visitor_attributes", "trend"}
    assert all(0 < calibration.mean < 1 for calibration in calibrations.values())


def test_without_visitors_only_items_and_trend_are_measured():
    assert set(calibrate(checkerboard(), seed=0).calibrations) == {"visual", "collaborative", "attributes", "trend"}


def test_a_small_shop_is_measured_on_all_its_pairs():
    shop = calibrate(checkerboard(), seed=0)
    vectors = shop.vectors[1:]  # row 0 has no picture
    pairs = (vectors @ vectors.T)[~np.eye(39, dtype=bool)]
    exact = fit_calibration(pairs, scale="surprisal", upper=1.0)
    probes = np.linspace(-0.5, 1, 20)
    assert_allclose(shop.calibrations["visual"].apply(probes), exact.apply(probes), atol=0.01)


def test_a_large_shop_is_measured_by_its_lists_and_a_sample(monkeypatch):
    monkeypatch.setattr(calibrating, "QUERIES", 300)
    rng = np.random.default_rng(0)
    vectors = unit_rows(rng.normal(size=(1500, 6)).astype(np.float32))
    shop = replace(checkerboard(), n=1500, vectors=vectors, visual=visual_neighbours(vectors, 50))
    shop = replace(shop, artefact=None, attributes=None, collaborative=None, trend=None)
    pairs = (vectors @ vectors.T)[~np.eye(1500, dtype=bool)]
    exact = fit_calibration(pairs, scale="surprisal", upper=1.0)
    probes = np.quantile(pairs, [0.1, 0.5, 0.9, 0.99, 0.999, 0.9999])
    # A fifth of the products were asked, so that 1 is reached five times earlier.
    sampled = calibrate(shop, seed=0).calibrations["visual"]
    earlier = np.log(1500 * 1499) / np.log(300 * 1499)
    assert_allclose(sampled.apply(probes), exact.apply(probes) * earlier, rtol=0.05, atol=0.01)


def test_equal_seeds_measure_equally():
    first, second = (calibrate(checkerboard(n=200), VISITORS, seed=4).calibrations for _ in range(2))
    for name, calibration in first.items():
        assert_array_equal(calibration.knots, second[name].knots)
        assert_array_equal(calibration.values, second[name].values)


def with_map(shop, factors, *, held_out):
    artefact = Factors(factors, factors.T @ factors, 1.0)
    shop = replace(shop, artefact=artefact, image_map=fit_image_map(shop.vectors, factors, shop.events, 0.1))
    folds = held_out_factors(shop.vectors, factors, shop.events, 0.1, seed=0)
    return calibrate(shop, seed=0, held_out=folds if held_out else None)


def test_pictures_that_tell_behaviour_give_a_cold_product_a_prior_of_its_own():
    shop = checkerboard(n=200, d=8)
    shop = with_map(shop, shop.artefact.items, held_out=True)
    candidates = np.arange(2, 200, dtype=np.int32)

    prior = item_signals(shop, 1, candidates, wanted={"collaborative"}).prior[0]  # row 1 has no events

    assert prior[candidates % 2 == 1].mean() > 2 * prior[candidates % 2 == 0].mean()


def test_pictures_that_tell_nothing_give_the_mean_when_judged_on_held_out_products():
    shop = checkerboard(n=200, d=60)
    noise = np.random.default_rng(1).normal(size=(200, 4)).astype(np.float32)
    candidates = np.arange(2, 200, dtype=np.int32)

    honest = with_map(shop, noise, held_out=True)
    vain = with_map(shop, noise, held_out=False)

    mean = honest.calibrations["collaborative"].mean
    spread = [item_signals(s, 5, candidates, wanted={"collaborative"}).prior[0].std() for s in (honest, vain)]
    assert item_signals(honest, 1, candidates, wanted={"collaborative"}).prior.mean() == pytest.approx(mean, rel=0.2)
    assert spread[0] < spread[1] / 2


def test_rows_newer_than_the_stored_predictions_are_mapped_on_the_fly():
    shop = checkerboard()
    image_map = fit_image_map(shop.vectors, shop.artefact.items, shop.events, 1.0)
    shop = calibrate(replace(shop, image_map=image_map), seed=0)
    stored = replace(shop, predicted=shop.vectors[:25] @ image_map)
    rows = np.arange(40, dtype=np.int32)
    assert_allclose(item_signals(stored, 30, rows).prior, item_signals(shop, 30, rows).prior, atol=1e-6)
