"""Directions that name classes."""

import numpy as np
import pytest

from recommender.core.naming import fit_naming

RNG = np.random.default_rng(5)


def labelled(n, d, classes=3):
    """Rows near one of some corners, and which."""
    labels = np.arange(n) % classes
    rows = np.eye(classes, d)[labels] + RNG.normal(0, 0.05, (n, d))
    return rows.astype(np.float32), labels.astype(np.int32)


@pytest.mark.parametrize(("n", "d"), [(12, 40), (60, 8)])
def test_it_is_the_ridge_solution_whichever_system_is_smaller(n, d):
    parts, labels = labelled(n, d)
    found = fit_naming(parts, labels, 3, penalty=0.5)
    # The same by least squares: a row for each penalised weight, and the offset as a column that costs nothing.
    x = np.vstack([np.hstack([parts, np.ones((n, 1))]), np.hstack([np.sqrt(0.5) * np.eye(d), np.zeros((d, 1))])])
    y = np.vstack([np.eye(3)[labels], np.zeros((d, 3))])
    expected = np.linalg.lstsq(x.astype(np.float64), y, rcond=None)[0]
    assert found.directions == pytest.approx(expected[:-1].T, abs=1e-5)
    assert found.offsets == pytest.approx(expected[-1], abs=1e-5)
    assert found.directions.dtype == found.offsets.dtype == np.float32


def test_it_names_what_it_never_saw_and_a_class_without_rows_never():
    parts, labels = labelled(30, 10)
    found = fit_naming(parts, labels, 4)
    fresh, truth = labelled(30, 10)
    scores = fresh @ found.directions.T + found.offsets
    assert scores.argmax(axis=1).tolist() == truth.tolist()
    assert np.allclose(scores[:, 3], 0, atol=1e-6)
