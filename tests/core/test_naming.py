"""Directions that name classes."""

import numpy as np
import pytest

from recommender.core.naming import choose_blocks, fit_naming

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


def by_group_left_out(blocks, names, labels, groups, classes):
    """The mean squared error on each group by a fit to all others, fitted anew each time."""
    parts, total = np.hstack([blocks[name] for name in names]), 0.0
    for group in np.unique(groups):
        away = groups == group
        found = fit_naming(parts[~away], labels[~away], classes)
        scores = parts[away] @ found.directions.T + found.offsets
        total += float(np.square(scores - np.eye(classes)[labels[away]]).sum())
    return total / len(labels)


def chosen_by_fitting_anew(blocks, labels, groups, classes):
    chosen, least = [], np.inf
    while waiting := [name for name in blocks if name not in chosen]:
        errors = {name: by_group_left_out(blocks, [*chosen, name], labels, groups, classes) for name in waiting}
        best = min(errors, key=errors.get)
        if errors[best] >= least:
            break
        chosen, least = [*chosen, best], errors[best]
    return tuple(name for name in blocks if name in chosen)


def unit(rows):
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize("seed", range(10))
def test_the_choice_is_that_of_a_fit_anew_for_each_group(seed):
    rng = np.random.default_rng(seed)
    groups = np.sort(rng.integers(0, 12, 50)).astype(np.int32)
    labels = ((groups + rng.integers(0, 2, 50)) % 3).astype(np.int32)
    noise = rng.uniform(0.2, 2, 4)
    blocks = {f"b{k}": unit(np.eye(3, 8)[labels] + rng.normal(0, noise[k], (50, 8))) for k in range(4)}
    assert choose_blocks(blocks, labels, groups, 3) == chosen_by_fitting_anew(blocks, labels, groups, 3)


def test_a_block_that_was_learned_by_heart_is_not_read():
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(12), 4).astype(np.int32)
    labels = (groups % 3).astype(np.int32)
    blocks = {
        "by heart": unit(np.eye(12)[groups] + rng.normal(0, 0.1, (48, 12))),
        "seen": unit(np.eye(3, 8)[labels] + rng.normal(0, 0.4, (48, 8))),
    }
    heart = fit_naming(blocks["by heart"], labels, 3)
    assert ((blocks["by heart"] @ heart.directions.T + heart.offsets).argmax(axis=1) == labels).all()
    assert choose_blocks(blocks, labels, groups, 3) == ("seen",)


def test_a_second_block_joins_when_it_helps_and_all_are_taken_of_one_group():
    labels = np.tile(np.arange(4), 10).astype(np.int32)
    groups = np.repeat(np.arange(10), 4).astype(np.int32)
    blocks = {
        "nothing": np.ones((40, 2), np.float32),
        "low": np.eye(2, dtype=np.float32)[labels % 2],
        "high": np.eye(2, dtype=np.float32)[labels // 2],
    }
    assert choose_blocks(blocks, labels, groups, 4) == ("low", "high")
    assert choose_blocks(blocks, labels, np.zeros(40, np.int32), 4) == ("nothing", "low", "high")
