"""The "semantic" block: what a network trained on ImageNet sees in a picture, pooled and centred."""

import threading
from functools import lru_cache
from pathlib import Path

import numpy as np

from recommender.core.types import Float32, Picture
from recommender.engines.efficientnet_lite0 import FEATURES, GRID, SIDE
from recommender.engines.export import ensure_exported
from recommender.engines.framing import clutter, crop_to_product, square, zoom
from recommender.engines.litert import LiteRTNetwork

_CENTRING = 0.8
_SCENE_SPREAD = 0.21
"""Standard deviation, as a share of the map's side, of the weight that a scene's middle gets."""


class SemanticBlock:
    """EfficientNet-Lite0's last feature map as one unit vector of 1,280 numbers.

    A product on plain ground is cropped and its map pooled. A scene is pooled with weight on the middle and seen a
    second time closer up: a shopper aims at what they mean. Then a share of the mean vector of such pictures is taken
    away, one for products and one for scenes. What all photos taken in shops have in common says nothing about the
    product, yet makes them alike. In between, both go by the picture's clutter.

    Args:
        path: the exported network; exported there on first use when the file does not exist.
    """

    length = FEATURES

    def __init__(self, path: Path) -> None:
        self._path = path
        self._network: LiteRTNetwork | None = None
        self._lock = threading.Lock()

    def __call__(self, picture: Picture) -> Float32:
        """The block, float32, shape (1280,), of unit length."""
        scene, means = clutter(picture), _means()
        mean = (1 - scene) * means["product"] + scene * means["scene"]
        return unit(np.asarray(self.uncentred(picture) - _CENTRING * mean, np.float32))

    def warm(self) -> None:
        """Load the network, if it was exported."""
        if self._path.exists():
            self(Picture(np.full((SIDE, SIDE, 3), 255, np.uint8)))

    def uncentred(self, picture: Picture) -> Float32:
        """The block before centring, float32, shape (1280,); the published means are means of these."""
        features = self._map(square(crop_to_product(picture), SIDE))
        whole = _pooled(features, _EVEN)
        scene = clutter(picture)
        if not scene:
            return whole
        middle = _pooled(features, _middle())
        close = _pooled(self._map(square(zoom(picture), SIDE)), _EVEN)
        return np.asarray((1 - scene) * whole + scene * (middle + close) / 2, np.float32)

    def _map(self, picture: Picture) -> Float32:
        with self._lock:
            if self._network is None:
                self._network = LiteRTNetwork(ensure_exported(self._path))
        return self._network(picture.pixels.astype(np.float32))


def unit(vector: Float32) -> Float32:
    """The vector scaled to length 1; one of length 0 becomes the uniform direction, which favours nothing."""
    length = np.linalg.norm(vector)
    if length == 0:
        return np.full(vector.shape, 1 / np.sqrt(vector.size), np.float32)
    return np.asarray(vector / length, np.float32)


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


@lru_cache(maxsize=1)
def _means() -> dict[str, Float32]:
    """The published means of `uncentred` over product pictures and over scenes, made by benchmarks/feature_means.py."""
    with np.load(Path(__file__).with_name("feature_means.npz"), allow_pickle=False) as file:
        return {kind: file[kind].astype(np.float32) for kind in ("product", "scene")}
