"""Products seen from several sides: each picture is compared with the one that it matches best of the other product.

The mean of a product's pictures finds candidates quickly, and evens out how they were taken. But the mean of a front
and a back is like neither, so pairs of products are judged picture by picture as well.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from recommender.core.overlay import lay_over
from recommender.core.similarity import block_cosines, cosines
from recommender.core.types import Block, Bool, Float32, Int32, Int64

MOST_VIEWS = 8
"""So many of a product's pictures, the first ones, are compared one by one: each costs memory and time."""


@dataclass(frozen=True, eq=False)
class Views:
    """The pictures of those of n products that have several.

    Attributes:
        vectors: unit vectors, float32, shape (v, d), those of one product in consecutive rows.
        spans: each product's first row and how many it has, int64, shape (n, 2); 0 of them for a product with one
            picture or none, whose own vector says all.
    """

    vectors: Float32
    spans: Int64

    def of(self, row: int) -> Float32:
        """One product's, float32, shape (its views, d)."""
        first, count = self.spans[row].tolist()
        return np.asarray(self.vectors[np.arange(first, first + count)], np.float32)


def pictures(vectors: Float32, views: Views | None, row: int) -> Float32:
    """The vectors by which a product is compared, float32, shape (its views, d): its own one where it has no views."""
    known = None if views is None else views.of(row)
    return np.asarray(vectors[row], np.float32)[None, :] if known is None or not len(known) else known


def look_cosines(
    vectors: Float32, views: Views | None, row: int, rows: Int32, factors: Float32 | None = None
) -> Float32:
    """How alike a product and others look, float32, shape (m,), in [-1, 1]; 0 without a picture.

    With one picture each it is their cosine. Else s(a, b) = (cos(a, b) + the mean of cos(i, j) over matched pictures) /
    2. Matched are the two pictures that are most alike, then the two most alike of the others, until one product has
    none left: a single picture is compared with the best matching view.

    Args:
        vectors: the products' unit vectors, float32, shape (n, d), a zero row without a picture.
        views: the pictures of those that have several; None when none has.
        row: the product.
        rows: the others, int32, shape (m,).
        factors: what the product's side is multiplied by, float32, shape (d,), to weigh blocks otherwise
            (`blocks.weighed_queries`).
    """
    weighed = np.float32(1) if factors is None else factors
    found: Float32 = cosines(np.asarray(vectors[row], np.float32)[None, :] * weighed, vectors, rows)[0]
    if views is None:
        return found
    mine = pictures(vectors, views, row) * weighed
    paired = np.flatnonzero(_are_paired(views, mine, rows))
    if paired.size:
        values = _matches(_picture_cosines(vectors, views, mine, rows[paired]))[0]
        matched = np.isfinite(values)
        found[paired] = (found[paired] + np.where(matched, values, 0).sum(axis=0) / matched.sum(axis=0)) / 2
    return found


def nearest_view_cosines(views: Views | None, query: Float32, rows: Int32, found: Float32) -> Float32:
    """How alike a photo and products are by the picture of each that it is most like, float32, shape (m,).

    Args:
        views: the pictures of products that have several; None when none has.
        query: the photo's vector, float32, shape (d,).
        rows: the products, int32, shape (m,).
        found: the photo's cosines with their own vectors, float32, shape (m,): they say all of those with one picture.
    """
    if views is None or not rows.size:
        return found
    first, count = views.spans[rows].T
    several = np.flatnonzero(count)
    if not several.size:
        return found
    starts = np.cumsum(count[several]) - count[several]
    every = np.repeat(first[several] - starts, count[several]) + np.arange(count[several].sum())
    # Not a matrix product, by which the same picture of two products would not have the same cosine (`core.nearest`).
    cosines_of = np.einsum("ij,j->i", np.asarray(views.vectors[every], np.float32), query)
    nearest = found.copy()
    nearest[several] = np.maximum.reduceat(cosines_of, starts)
    return nearest


def look_blocks(vectors: Float32, views: Views | None, blocks: Sequence[Block], row: int, rows: Int32) -> Float32:
    """What each block says about how alike they look, its cosines combined as `look_cosines` combines whole ones.

    Arguments as there, and the parts of a vector.

    Returns:
        float32, shape (blocks, m), in [-1, 1].
    """
    others = np.asarray(vectors[rows], np.float32)
    found = block_cosines(np.broadcast_to(vectors[row], others.shape), others, blocks)
    if views is None:
        return found
    mine = pictures(vectors, views, row)
    for place in np.flatnonzero(_are_paired(views, mine, rows)).tolist():
        theirs = pictures(vectors, views, int(rows[place]))
        _, i, j = _matches((theirs @ mine.T)[None])
        matched = block_cosines(mine[j[:, 0]], theirs[i[:, 0]], blocks)
        found[:, place] = (found[:, place] + matched.mean(axis=1)) / 2
    return found


def lay_views_over(views: Views | None, n: int, rows: Int32, several: Mapping[int, Float32]) -> Views | None:
    """The views with those of newer products laid over them; None when no product has several.

    Args:
        views: those of a snapshot, left as they are.
        n: how many products there are now.
        rows: the newer products, int32, shape (m,).
        several: row -> pictures, float32, shape (its views, d), of those of them that have several.
    """
    if views is None and not several:
        return None
    spans = np.zeros((n, 2), np.int64)
    if views is not None:
        spans[: len(views.spans)] = views.spans
    spans[rows] = 0
    if not several:
        return views and Views(views.vectors, spans)
    values = np.concatenate(list(several.values()))
    base = np.zeros((0, values.shape[1]), np.float32) if views is None else views.vectors
    counts = np.array([len(known) for known in several.values()])
    spans[list(several)] = np.stack([len(base) + np.cumsum(counts) - counts, counts], axis=1)
    return Views(lay_over(base, np.arange(len(base), len(base) + len(values), dtype=np.int32), values), spans)


def _are_paired(views: Views, mine: Float32, rows: Int32) -> Bool:
    """Whether a product with these pictures and others have more than one picture each, bool, shape (m,)."""
    return np.asarray((views.spans[rows, 1] > 0) | (len(mine) > 1))


def _picture_cosines(vectors: Float32, views: Views, mine: Float32, rows: Int32) -> Float32:
    """Cosines of each product's pictures with `mine`, float32, shape (m, w, len(mine)), -inf beyond their number."""
    first, count = views.spans[rows].T
    found = np.full((rows.size, max(int(count.max()), 1), len(mine)), -np.inf, np.float32)
    single = np.flatnonzero(count == 0)
    found[single, 0] = cosines(mine, vectors, rows[single]).T
    owner = np.repeat(np.arange(rows.size), count)
    place = np.arange(owner.size) - np.repeat(np.cumsum(count) - count, count)
    found[owner, place] = cosines(mine, views.vectors, first[owner] + place).T
    return found


def _matches(found: Float32) -> tuple[Float32, Int64, Int64]:
    """The pictures matched with each other, the most alike first.

    Args:
        found: the cosines of each product's w pictures with q others, float32, shape (m, w, q); used up.

    Returns:
        cosine, picture of the w and picture of the q, each of shape (min(w, q), m); -inf where none is left.
    """
    m, w, q = found.shape
    each, flat = np.arange(m), found.reshape(m, -1)
    steps = []
    for _ in range(min(w, q)):
        best = flat.argmax(axis=1)
        i, j = np.divmod(best, q)
        steps.append((flat[each, best], i, j))
        found[each, i], found[each, :, j] = -np.inf, -np.inf
    values, of_w, of_q = (np.stack(column) for column in zip(*steps, strict=True))
    return values, of_w, of_q
