"""The arrays a recommendation is computed from: one read-only view of the catalogue, in rows 0..n-1."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from recommender.core.calibration import Calibration
from recommender.core.folded import FactorSearch
from recommender.core.ranking import top_k
from recommender.core.types import Artefact, Block, Float32, Int32, Int64, Neighbours
from recommender.core.views import Views

TRENDING = 100
"""How many of the most popular products are candidates for every visitor."""


@dataclass(frozen=True)
class BlendConfig:
    """The weights and strengths of one blend, by signal name.

    Attributes:
        weights: w_s >= 0; used after normalising over the signals that are present.
        strengths: k_s > 0, in events: how much evidence a signal needs to outweigh its prior.
    """

    weights: Mapping[str, float]
    strengths: Mapping[str, float]


@dataclass(frozen=True)
class Catalogue:
    """What scorers read. Arrays may be read-only memory maps; None where the shop has no such data.

    Attributes:
        n: the number of products.
        vectors: unit vectors, float32, shape (n, d); a zero row is a product without a picture.
            A product with several pictures has their mean, by which candidates are found.
        views: the pictures of products that have several, by which they are judged; None when none has.
        blocks: the parts of a vector.
        events: weighted events behind each product, float32, shape (n,), >= 0.
        trend: recency-weighted popularity, float32, shape (n,), >= 0, raw.
        attributes: attribute codes, int32, shape (n, a), -1 where unknown.
        attribute_names: the a columns' names.
        groups: codes of each product's family, category and brand, int64, shape (n, 3), -1 where unknown.
        artefact: what the collaborative engine published.
        image_map: ridge map from vector to factor space, float32, shape (d, f), for products without events.
        predicted: vectors @ image_map, float32, shape (n or fewer, f); rows beyond it are mapped when asked for.
        visual: nearest looks by cosine of their vectors, raw.
        collaborative: nearest by behaviour, raw.
        bought_both: how many people bought both of each pair in `collaborative`, uint8, of its shape.
        calibrations: signal name -> raw value to [0, 1]; core/calibrating.py measures them all.
        item_blend: the blend of item-to-item scores (signals "visual", "collaborative", "attributes").
        visitor_blend: the blend of for-you scores (signals "affinity", "collaborative", "attributes", "trend",
            "novelty").
        factor_search: finds the best of the artefact's factors without comparing each; None to compare each.
    """

    n: int
    item_blend: BlendConfig
    visitor_blend: BlendConfig
    vectors: Float32 | None = None
    views: Views | None = None
    blocks: tuple[Block, ...] = ()
    events: Float32 | None = None
    trend: Float32 | None = None
    attributes: Int32 | None = None
    attribute_names: tuple[str, ...] = ()
    groups: Int64 | None = None
    artefact: Artefact | None = None
    image_map: Float32 | None = None
    predicted: Float32 | None = None
    visual: Neighbours | None = None
    collaborative: Neighbours | None = None
    bought_both: NDArray[np.uint8] | None = None
    calibrations: Mapping[str, Calibration] = field(default_factory=dict)
    factor_search: FactorSearch | None = None

    @cached_property
    def trending(self) -> Int32:
        """Rows of the 100 most popular products, best first, int32: candidates for every visitor, found once."""
        if self.trend is None:
            return np.zeros(0, np.int32)
        best = top_k(np.asarray(self.trend), TRENDING)
        return np.asarray(best[np.asarray(self.trend[best]) > 0], np.int32)
