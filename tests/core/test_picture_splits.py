"""What is held out, and what only judges."""

import numpy as np

from recommender.core.picture_splits import Part, halves, split_by_family, split_by_run


def test_the_last_photos_of_each_product_are_held_out():
    parts = split_by_run(["a", "b", "a", "a", "a", "b", "b", "c", "c"], 0.25)
    assert parts.tolist() == [0, 0, 0, 0, 1, 0, 1, 0, 0]


def test_families_are_whole_and_drawn_by_the_seed():
    families = [f"f{row % 20}" for row in range(100)]
    parts = split_by_family(families, 0.15, 0.2, seed=3)
    by_family = {family: {int(parts[row]) for row in range(100) if families[row] == family} for family in families}
    assert all(len(kinds) == 1 for kinds in by_family.values())
    assert [sum(kinds == {part} for kinds in by_family.values()) for part in Part] == [13, 3, 4]
    assert np.array_equal(parts, split_by_family(families, 0.15, 0.2, seed=3))
    assert not np.array_equal(parts, split_by_family(families, 0.15, 0.2, seed=4))


def test_halves_share_no_group_and_are_drawn_by_the_seed():
    groups = np.arange(100) % 20
    first, second = halves(groups, 1000, seed=3)
    assert len(first) == len(second) == 50
    assert not set(groups[first]) & set(groups[second])
    assert sorted([*first, *second]) == list(range(100))
    assert np.array_equal(first, halves(groups, 1000, seed=3)[0])
    assert not np.array_equal(first, halves(groups, 1000, seed=4)[0])


def test_halves_are_bounded_and_no_large_group_fills_one():
    groups = np.concatenate([np.zeros(5000, np.int64), 1 + np.arange(300) // 3])
    for rows in halves(groups, 80, seed=0):
        assert 70 <= len(rows) <= 80
        assert np.count_nonzero(groups[rows] == 0) in (0, 10)
    assert [len(rows) for rows in halves(np.empty(0, np.int64), 80, seed=0)] == [0, 0]
