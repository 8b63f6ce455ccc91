"""From scored candidates to the order in which they take the places of a shelf: one product a family, varied."""

from collections.abc import Collection
from typing import NamedTuple

import numpy as np

from recommender.core.diversity import cap_groups, mmr, without_duplicates
from recommender.core.types import Bool, Float32, Int64

UNKNOWN = -1
"""The code of a group that is not known."""

FAMILY, CATEGORY, BRAND = range(3)
"""The columns of `groups`."""

_COMPARED = 20_000
"""Up to so many comparisons, comparing each with each is quicker than sorting."""


class Variety(NamedTuple):
    """How varied a shelf is.

    Attributes:
        trade_off: of `mmr`; 1 leaves the order to the scores.
        brand_share: the share of the places that one brand may take while others fit, in (0, 1].
        same_picture: the cosine from which two pictures count as the same; 1 when none do.
        pool: how many of the best products compete for the places.
    """

    trade_off: float
    brand_share: float
    same_picture: float
    pool: int


class Places(NamedTuple):
    """Candidates in the order of their places.

    Attributes:
        order: positions among the candidates, one a family, the first place first, int64.
        n_wanted: how many of them, at the start, are of the wanted category.
    """

    order: Int64
    n_wanted: int


def arrange(
    groups: Int64, *, families: Collection[int] = (), category: int = UNKNOWN, candidates: Int64 | None = None
) -> Places:
    """The best of each family, those of the wanted category before all others, else in the given order.

    Args:
        groups: codes of family, category and brand, int64, shape (m, 3), of candidates in the order of their scores.
            A product of unknown family is its own; one of unknown category may be of the wanted one.
        families: families that have a place already, or must not get one.
        category: the wanted category; unknown when all are welcome.
        candidates: positions to choose from, ascending; all when None.
    """
    positions = np.arange(groups.shape[0]) if candidates is None else candidates
    family = groups[positions, FAMILY]
    first = first_of_each(family) | (family == UNKNOWN)
    if families:
        first &= ~one_of(family, np.fromiter(families, np.int64))
    positions = positions[first]
    wanted = of_category(groups[positions, CATEGORY], category)
    return Places(np.concatenate([positions[wanted], positions[~wanted]]), int(wanted.sum()))


def vary(scores: Float32, vectors: Float32 | None, brands: Int64, k: int, variety: Variety) -> Int64:
    """The order of places that is good and mixed: like pictures and crowded brands later, unlike neighbours first.

    Products beyond a brand's share and near-duplicates of a better one come after all others. What remains is ordered
    by `mmr` for the first k places. Where the given order differs from that of the scores (a newcomer was given a
    place), a product counts as good as the best after it.

    Args:
        scores: float32, shape (m,), in [0, 1], in the order wanted without any variety.
        vectors: unit vectors, float32, shape (m, d), a zero row without a picture; None without any.
        brands: codes, int64, shape (m,), negative where unknown.
        k: the places.
        variety: how varied.

    Returns:
        Positions, int64, a permutation of 0..m-1.
    """
    m = scores.shape[0]
    alike = np.zeros((m, m), np.float32) if vectors is None else vectors @ vectors.T
    fresh = without_duplicates(alike, threshold=variety.same_picture) if variety.same_picture < 1 else np.arange(m)
    cap = max(1, int(np.ceil(variety.brand_share * k)))
    within = fresh[cap_groups(brands[fresh, None], [cap])[0]]
    worth = np.maximum.accumulate(scores[::-1])[::-1]
    among = alike if within.size == m else alike[np.ix_(within, within)]
    order = within[mmr(worth[within], among, k, trade_off=variety.trade_off)]
    left = np.ones(m, bool)
    left[order] = False
    for later in (within, fresh, np.arange(m)):
        rest = later[left[later]]
        order = np.concatenate([order, rest])
        left[rest] = False
    return order


def first_of_each(codes: Int64) -> Bool:
    """Which codes stand nowhere before, bool, shape (m,): by `np.unique` it takes twice as long for so few."""
    order = np.argsort(codes, kind="stable")
    ordered = codes[order]
    first = np.ones(codes.size, bool)
    first[order[1:]] = ordered[1:] != ordered[:-1]
    return first


def one_of(codes: Int64, few: Int64) -> Bool:
    """Which codes are among a few, bool, shape (m,): `np.isin`, which takes several times as long for so few."""
    if codes.size * few.size > _COMPARED:
        return np.isin(codes, few)
    return np.asarray((codes[:, None] == few).any(axis=1))


def of_category(codes: Int64, category: int) -> Bool:
    """Whether products of these categories may be of the wanted one, bool, of the shape of `codes`."""
    if category == UNKNOWN:
        return np.ones(codes.shape[0], bool)
    return np.asarray((codes == category) | (codes == UNKNOWN))
