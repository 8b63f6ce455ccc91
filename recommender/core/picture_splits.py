"""Which pictures a network learns from, which decide when it stops, and which only judge it."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from enum import IntEnum

import numpy as np

from recommender.core.types import Int32, Int64


class Part(IntEnum):
    """What a picture is for."""

    TAUGHT = 0
    HELD_OUT = 1
    JUDGING = 2


def split_by_run(products: Sequence[str], share: float) -> Int32:
    """The last pictures of each product are held out, of type `Part`, int32, shape (n,).

    Neighbours in a series of photos show the same place a second later. Random ones would be held out next to their
    twins, and any network would seem perfect.

    Args:
        products: of each picture, in the order they were taken.
        share: of a product's pictures that are held out, in [0, 1); of one or two pictures none is.
    """
    parts = np.full(len(products), Part.TAUGHT, np.int32)
    rows = defaultdict(list)
    for row, product in enumerate(products):
        rows[product].append(row)
    for members in rows.values():
        if len(members) > 2 and (count := round(share * len(members))):
            parts[members[-count:]] = Part.HELD_OUT
    return parts


def split_by_family(
    families: Sequence[str], labels: Sequence[Iterable[str]], held_out: float, judging: float, seed: int
) -> Int32:
    """Whole families are held out, and others only judge, of type `Part`, int32, shape (n,).

    The draw is stratified: of the families that share a label no more go than its share, to the nearest whole one.
    Otherwise chance takes all gold phones but one away, and their colour is judged by what one of them taught. Where
    labels leave fewer than half of the families that should go, chance takes the others.

    Args:
        families: of each picture.
        labels: of each picture, what it is known to be; those that one family alone has are left out of account.
        held_out: share of the families that decide when to stop.
        judging: share of the families that nothing is chosen by.
        seed: of the draw.
    """
    names = np.random.default_rng(seed).permutation(sorted(set(families))).tolist()
    known: dict[str, set[str]] = {name: set() for name in names}
    for family, of_picture in zip(families, labels, strict=True):
        known[family].update(of_picture)
    spread = Counter(label for of_family in known.values() for label in of_family)
    gone: Counter[str] = Counter()
    parts: dict[str, Part] = {}
    for part, share, until in ((Part.JUDGING, judging, judging), (Part.HELD_OUT, held_out, judging + held_out)):
        wanted, drawn = round(share * len(names)), 0
        for strict in (True, False):
            for name in names:
                if name in parts or drawn >= (wanted if strict else wanted // 2):
                    continue
                shared = [label for label in known[name] if spread[label] > 1]
                if strict and any(gone[label] + 1 > int(until * spread[label] + 0.5) for label in shared):
                    continue
                parts[name] = part
                drawn += 1
                gone.update(shared)
    return np.array([parts.get(family, Part.TAUGHT) for family in families], np.int32)


def halves(groups: Int64, most: int, seed: int) -> tuple[Int32, Int32]:
    """Rows of two halves that share no group, each ascending and of `most` rows at most, int32.

    Groups come in a random order and go to the half that has fewer rows. Of a group that is large, an eighth of a
    half or more, a random part comes.

    Args:
        groups: of each row, int64, shape (n,).
        most: rows of one half, >= 8.
        seed: of the draw.
    """
    rng = np.random.default_rng(seed)
    order = np.argsort(groups, kind="stable").astype(np.int32)
    members = np.split(order, np.flatnonzero(np.diff(groups[order])) + 1) if len(order) else []
    first: list[Int32] = []
    second: list[Int32] = []
    sizes = [0, 0]
    for group in rng.permutation(len(members)):
        rows = members[group]
        if len(rows) > most // 8:
            rows = rng.choice(rows, most // 8, replace=False)
        side = int(sizes[1] < sizes[0])
        if sizes[side] + len(rows) > most:
            break
        (first, second)[side].append(rows)
        sizes[side] += len(rows)
    empty = [np.empty(0, np.int32)]
    return np.sort(np.concatenate([*first, *empty])), np.sort(np.concatenate([*second, *empty]))
