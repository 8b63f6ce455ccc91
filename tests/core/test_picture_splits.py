"""What is held out, and what only judges."""

import numpy as np
import pytest

from recommender.core.picture_splits import Part, halves, split_by_family, split_by_run


def test_the_last_photos_of_each_product_are_held_out():
    parts = split_by_run(["a", "b", "a", "a", "a", "b", "b", "c", "c"], 0.25)
    assert parts.tolist() == [0, 0, 0, 0, 1, 0, 1, 0, 0]


def drawn(families, labels, seed=3):
    """The part of each family, by its name."""
    parts = split_by_family(families, labels, 0.15, 0.2, seed)
    by_family = {family: set() for family in families}
    for family, part in zip(families, parts.tolist(), strict=True):
        by_family[family].add(part)
    assert all(len(kinds) == 1 for kinds in by_family.values())
    return {family: kinds.pop() for family, kinds in by_family.items()}


def test_families_are_whole_and_drawn_by_the_seed():
    families = [f"f{row % 20}" for row in range(100)]
    nothing = [()] * 100
    assert np.bincount(list(drawn(families, nothing).values())).tolist() == [13, 3, 4]
    assert drawn(families, nothing) == drawn(families, nothing)
    assert drawn(families, nothing) != drawn(families, nothing, seed=4)


@pytest.mark.parametrize("seed", range(20))
def test_no_label_loses_more_families_than_its_share(seed):
    rng = np.random.default_rng(seed)
    colours = {f"f{family}": rng.choice(12, size=2, p=[0.3, 0.3, *[0.04] * 10]) for family in range(60)}
    families = [family for family in colours for _ in range(2)]
    labels = [(f"colour {colour}", f"name {family}") for family, both in colours.items() for colour in both]
    parts = drawn(families, labels, seed)
    assert np.bincount(list(parts.values()))[2] in range(6, 13)
    for colour in range(12):
        of = [parts[family] for family, both in colours.items() if colour in both]
        if len(of) > 1:
            assert of.count(Part.JUDGING) <= int(0.2 * len(of) + 0.5)
            assert len(of) - of.count(Part.TAUGHT) <= int(0.35 * len(of) + 0.5)


def test_families_go_even_where_every_label_is_rare():
    families = [f"f{row}" for row in range(40)]
    parts = drawn(families, [(f"pair {row // 2}",) for row in range(40)])
    assert np.bincount(list(parts.values())).tolist() == [30, 6, 4]


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
