"""What is where in the halves of a product."""

import numpy as np
import pytest

from recommender.engines.places import LENGTH, fit_places, place_blocks

RNG = np.random.default_rng(11)


def test_cosines_are_those_of_the_halves_about_their_mean():
    maps = RNG.normal(size=(40, 6, 3, 5)).astype(np.float32)
    places = fit_places(maps)
    blocks = np.stack([place_blocks(one, places) for one in maps])
    assert blocks.shape == (40, 2, LENGTH)
    assert blocks.dtype == np.float32
    for half, rows in enumerate((maps[:, :3], maps[:, 3:])):
        flat = rows.reshape(40, -1) - rows.reshape(40, -1).mean(axis=0)
        flat /= np.linalg.norm(flat, axis=1, keepdims=True)
        assert blocks[:, half] @ blocks[:, half].T == pytest.approx(flat @ flat.T, abs=2e-3)


def test_a_half_says_nothing_of_the_other():
    maps = RNG.normal(size=(30, 7, 3, 4)).astype(np.float32)
    places = fit_places(maps)
    changed = maps[0].copy()
    changed[4:] += 1  # the middle row, the fourth of seven, is in both
    before, after = place_blocks(maps[0], places), place_blocks(changed, places)
    assert np.array_equal(before[0], after[0])
    assert before[1] @ after[1] < 0.95


def test_pictures_that_are_all_alike_have_blocks_of_unit_length():
    maps = np.ones((3, 4, 2, 6), np.float32)
    blocks = place_blocks(maps[0], fit_places(maps))
    assert np.linalg.norm(blocks, axis=1) == pytest.approx(1)


def test_more_pictures_than_components_keep_the_strongest():
    strong = RNG.normal(size=(400, 1)) * RNG.normal(size=(1, 400)) * 5
    maps = (strong + RNG.normal(size=(400, 400))).reshape(400, 10, 5, 8).astype(np.float32)
    places = fit_places(maps)
    assert places.directions.shape == (2, 200, LENGTH)
    assert places.directions[0].T @ places.directions[0] == pytest.approx(np.eye(LENGTH), abs=2e-3)
    halves = maps.reshape(400, 2, 200)[:, 0]
    energies = np.square((halves - halves.mean(axis=0)) @ places.directions[0]).sum(axis=0)
    assert (np.diff(energies) <= 1e-2 * energies[:-1]).all()
