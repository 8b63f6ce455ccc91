"""The default encoder: what a network sees and what colour it is, as weighted blocks of one unit vector."""

import threading
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np

from recommender.core import colour
from recommender.core.types import Block, Float32, Picture
from recommender.engines.base import Encoder
from recommender.engines.colour_encoder import colour_block
from recommender.engines.efficientnet_lite0 import FEATURES, SIDE
from recommender.engines.export import default_path, ensure_exported, missing_to_export
from recommender.engines.framing import crop_to_product, square
from recommender.engines.litert import LiteRTNetwork

WEIGHTS = {"semantic": 0.5, "colour": 0.5}


class CompositeEncoder(Encoder):
    """Blocks "semantic" (EfficientNet-Lite0, ImageNet) and "colour" (Lab histogram), each of unit length.

    A vector is the concatenation of sqrt(w_b) * block_b, so the dot product of two vectors is sum_b w_b * cos_b.

    Args:
        model_path: the exported network; it is exported there on first use when the file does not exist.
            Empty means the user's cache folder.
        weights: share of each block, non-negative; divided by their sum. Missing blocks weigh 0.
    """

    requires = ("ai_edge_litert",)
    extra = "vision"

    def __init__(self, *, model_path: str | Path = "", weights: Mapping[str, float] | None = None) -> None:
        given = dict(WEIGHTS if weights is None else weights)
        if unknown := sorted(set(given) - set(WEIGHTS)):
            raise ValueError(f"unknown blocks {', '.join(unknown)}; the blocks are {', '.join(WEIGHTS)}")
        if min(given.values(), default=0) < 0 or sum(given.values()) <= 0:
            raise ValueError("block weights must be 0 or more, and at least one above 0")
        self._weights = {name: given.get(name, 0.0) / sum(given.values()) for name in WEIGHTS}
        self._path = Path(model_path) if model_path else default_path()
        self._network: LiteRTNetwork | None = None
        self._lock = threading.Lock()

    @property
    def version(self) -> str:
        """The encoder's generation and a digest of its weights."""
        weights = ",".join(f"{name}={weight:.6f}" for name, weight in self._weights.items())
        return f"composite-1-{sha256(weights.encode()).hexdigest()[:8]}"

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Semantic columns first, then colour."""
        stop = FEATURES + colour.n_bins()
        return (
            Block("semantic", 0, FEATURES, self._weights["semantic"]),
            Block("colour", FEATURES, stop, self._weights["colour"]),
        )

    def missing(self) -> list[str]:
        """LiteRT, and the network's file unless it can be built here on first use."""
        return super().missing() + ([] if self._path.exists() else missing_to_export(self._path))

    def encode(self, pictures: Sequence[Picture]) -> Float32:
        """Unit vectors, float32, shape (n, d), in the order of the pictures.

        Raises:
            EngineUnavailableError: when LiteRT is missing, or the network is not built and cannot be.
        """
        vectors = np.empty((len(pictures), self.dimension), np.float32)
        for row, picture in enumerate(pictures):
            parts = {"semantic": self._semantic_block(picture), "colour": colour_block(picture)}
            vectors[row] = np.concatenate([np.sqrt(self._weights[name]) * part for name, part in parts.items()])
        return vectors

    def _semantic_block(self, picture: Picture) -> Float32:
        pixels = square(crop_to_product(picture), SIDE).pixels.astype(np.float32)
        return unit(self._loaded_network()(pixels))

    def _loaded_network(self) -> LiteRTNetwork:
        with self._lock:
            if self._network is None:
                self._network = LiteRTNetwork(ensure_exported(self._path))
        return self._network


def unit(vector: Float32) -> Float32:
    """The vector scaled to length 1; one of length 0 becomes the uniform direction, which is equally far from all."""
    length = np.linalg.norm(vector)
    if length == 0:
        return np.full_like(vector, 1 / np.sqrt(len(vector)))
    return (vector / length).astype(np.float32)
