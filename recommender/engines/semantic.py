"""The "semantic" block: what a network trained on ImageNet sees in a picture, pooled, centred and whitened."""

import threading
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np

from recommender.core.types import Float32, Picture
from recommender.engines.efficientnet_lite0 import FEATURES, GRID, SIDE
from recommender.engines.export import ensure_exported
from recommender.engines.framing import square, zoom
from recommender.engines.litert import LiteRTNetwork
from recommender.engines.projections import projection, published, unit
from recommender.exceptions import EngineUnavailableError

LENGTH = 512

_CENTRING = 0.8
_SCENE_SPREAD = 0.21
"""Standard deviation, as a share of the map's side, of the weight that a scene's middle gets."""


class Maps(NamedTuple):
    """What the network sees in one framed picture.

    Attributes:
        features: its last map, float32, shape (GRID, GRID, FEATURES).
        middle: the map of its middle layer, float32, shape (MIDDLE_GRID, MIDDLE_GRID, MIDDLE_FEATURES).
    """

    features: Float32
    middle: Float32


class Backbone:
    """EfficientNet-Lite0 by LiteRT, loaded on first use.

    Args:
        path: the exported network; exported there on first use when the file does not exist.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._network: LiteRTNetwork | None = None
        self._lock = threading.Lock()

    def __call__(self, framed: Picture) -> Maps:
        """The maps of a picture of SIDE x SIDE pixels.

        Raises:
            EngineUnavailableError: when LiteRT is missing, or the network is not built and cannot be, or is another.
        """
        with self._lock:
            if self._network is None:
                self._network = LiteRTNetwork(ensure_exported(self._path))
        found = self._network.outputs(framed.pixels.astype(np.float32))
        if len(found) != len(Maps._fields):
            raise EngineUnavailableError(
                f"The network {self._path} was exported by another version. Delete the file; it is made anew."
            )
        return Maps(*found)

    def warm(self) -> None:
        """Load the network, if it was exported."""
        if self._path.exists():
            self(Picture(np.full((SIDE, SIDE, 3), 255, np.uint8)))


def semantic_block(pooled: Float32, scene: float) -> Float32:
    """The block, float32, shape (LENGTH,), of unit length.

    A share of the mean vector of such pictures is taken away, one for products and one for scenes: what all photos
    taken in shops have in common says nothing about the product, yet makes them alike. Then the directions in which
    pictures of one design differ among themselves - its colours, its views - shrink, and those in which designs differ
    remain (learned whitening, Mikolajczyk & Matas 2007).

    Args:
        pooled: see `pool`.
        scene: the picture's clutter, in [0, 1].
    """
    means = published()
    mean = (1 - scene) * means["semantic.product"] + scene * means["semantic.scene"]
    return projection("semantic")(unit(np.asarray(pooled - _CENTRING * mean, np.float32)))


def pool(picture: Picture, features: Float32, scene: float, backbone: Backbone) -> Float32:
    """The last map as one unit vector, float32, shape (FEATURES,).

    A product on plain ground is pooled evenly. A scene is pooled with weight on the middle and seen a second time
    closer up: a shopper aims at what they mean. In between, both go by the picture's clutter.

    Args:
        picture: not framed.
        features: the last map of the picture, framed.
        scene: the picture's clutter, in [0, 1].
        backbone: looks again.
    """
    whole = _pooled(features, _EVEN)
    if not scene:
        return whole
    middle = _pooled(features, _middle())
    close = _pooled(backbone(square(zoom(picture), SIDE)).features, _EVEN)
    return np.asarray((1 - scene) * whole + scene * (middle + close) / 2, np.float32)


_EVEN = np.full((GRID, GRID), 1 / GRID**2, np.float32)


def _pooled(features: Float32, weights: Float32) -> Float32:
    """The generalised mean of order 2 over the map, sqrt(sum_p w_p x_p^2) per channel (Radenovic et al. 2019), unit."""
    return unit(np.sqrt(weights.ravel() @ np.square(features.reshape(-1, FEATURES))))


@lru_cache(maxsize=1)
def _middle() -> Float32:
    """A Gaussian over the cells of the map, float32, shape (GRID, GRID), summing to 1."""
    away = (np.arange(GRID) - (GRID - 1) / 2) / GRID
    bell = np.exp(-(away**2) / (2 * _SCENE_SPREAD**2))
    return np.asarray(np.outer(bell, bell) / bell.sum() ** 2, np.float32)
