"""What a product's pictures look like: copies of them elsewhere in the shop, and the products most alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from recommender.conf import settings
from recommender.core.types import Float32, Int32
from recommender.core.views import look_cosines
from recommender.imaging.fingerprint import SAME, differing_bits
from recommender.services import serving
from recommender.services.engines import get_encoder
from recommender.services.viewing import Serving
from recommender.sources import Card, get_source
from recommender.storage import embeddings

_LOOKED_AT = 50
"""Copies are looked for among so many of the most alike products, and everywhere by the file's digest.

A fingerprint alone would not do: it knows no colour, and pictures taken in one pose differ in little else.
"""

SHOWN = 8


@dataclass(frozen=True)
class Copy:
    """Another product with the same picture.

    Attributes:
        product: it.
        card: what it looks like.
        exact: whether it is the same file, or only the same picture.
    """

    product: Any
    card: Card
    exact: bool


@dataclass(frozen=True)
class LookAlike:
    """A product that looks like this one.

    Attributes:
        product: it.
        card: what it looks like.
        match: how alike, among random pairs, in [0, 1].
        is_variant: whether it is of the same family.
    """

    product: Any
    card: Card
    match: float
    is_variant: bool

    @property
    def match_percent(self) -> int:
        """The match in hundredths."""
        return round(100 * self.match)


@dataclass(frozen=True)
class Likenesses:
    """What is known about the looks of a product.

    Attributes:
        waiting: how many of its pictures are not looked at yet.
        failed: how many could not be.
        is_known: whether its looks count.
        copies: products of other families that have one of its pictures, exact copies first.
        alike: the products most alike, the most alike first.
    """

    waiting: int
    failed: int
    is_known: bool
    copies: Sequence[Copy]
    alike: Sequence[LookAlike]


def likenesses(product: Any) -> Likenesses:
    """Copies of a product's pictures and the products most alike; sold-out and hidden ones too."""
    view = serving.current()
    states = [row.status for row in embeddings.of_products([product.pk], get_encoder().version)]
    waiting, failed = (states.count(state) for state in (embeddings.Status.PENDING, embeddings.Status.FAILED))
    row = view.row(product.pk)
    vectors = view.catalogue.vectors
    if row is None or vectors is None or not vectors[row].any():
        return Likenesses(waiting, failed, False, (), ())
    rows, cosines = _nearest(view, row, vectors)
    keys = view.keys(rows)
    same = _same_pictures(view, vectors, product.pk, keys)
    exact = embeddings.with_same_files(product.pk, get_encoder().version)
    source = get_source()
    wanted = {*keys[: 3 * SHOWN], *same, *exact}
    products = {str(one.pk): one for one in source.queryset().filter(pk__in=wanted)}
    own = source.family(product)
    copies = [
        Copy(products[key], source.card(products[key]), key in exact)
        for key in [*sorted(exact), *(key for key in same if key not in exact)]
        if key in products and source.family(products[key]) != own
    ]
    calibration = view.catalogue.calibrations.get("visual")
    matches = cosines if calibration is None else calibration.apply(cosines)
    alike = [
        LookAlike(products[key], source.card(products[key]), float(match), source.family(products[key]) == own)
        for key, match in zip(keys, matches.tolist(), strict=True)
        if key in products
    ]
    return Likenesses(waiting, failed, True, copies, alike[:SHOWN])


def _nearest(view: Serving, row: int, vectors: Float32) -> tuple[Int32, Float32]:
    """The rows of the most alike products, the most alike first, and their cosines."""
    rows = view.alive(view.lookalikes(row))
    rows = rows[rows != row]
    cosines = look_cosines(vectors, view.catalogue.views, row, rows)
    best = np.argsort(-cosines, kind="stable")[:_LOOKED_AT]
    return rows[best], cosines[best]


def _same_pictures(view: Serving, vectors: Float32, key: Any, others: Sequence[str]) -> list[str]:
    """Which of these products have a picture that is one of this product's, scaled or compressed otherwise at most."""
    encoder = get_encoder()
    found: dict[str, _Views] = {}
    for name, pictures, hashes in embeddings.views(encoder.version, encoder.dimension, [key, *others]):
        # The vector of an only picture is the product's own.
        row = view.row(name) if pictures is None else None
        own_vector = None if row is None else np.asarray(vectors[row : row + 1], np.float32)
        if (known := own_vector if pictures is None else pictures) is not None:
            found[name] = known, hashes
    own = found.pop(str(key), None)
    if own is None:
        return []
    return [name for name in others if name in found and _share_a_picture(own, found[name])]


_Views = tuple[Float32, list[int | None]]


def _share_a_picture(one: _Views, two: _Views) -> bool:
    cosines = one[0] @ two[0].T
    return any(
        mine is not None and theirs is not None and differing_bits(mine, theirs) <= SAME
        for i, mine in enumerate(one[1])
        for j, theirs in enumerate(two[1])
        if cosines[i, j] >= settings.SAME_PICTURE
    )
