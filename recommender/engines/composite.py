"""The default encoder: what a network sees and what colour it is, as weighted blocks of one unit vector."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np

from recommender.core.types import Block, Float32, Picture
from recommender.engines.base import Encoder
from recommender.engines.export import default_path
from recommender.engines.finish import LENGTH as FINISH_LENGTH
from recommender.engines.finish import finish_block
from recommender.engines.semantic import SemanticBlock

WEIGHTS = {"semantic": 0.55, "colour": 0.45}
"""How they were chosen, and what they cost elsewhere: docs/explanation/embeddings.md."""


class CompositeEncoder(Encoder):
    """Blocks "semantic" (EfficientNet-Lite0, ImageNet) and "colour" (its finish), each of unit length.

    A vector is the concatenation of sqrt(w_b) * block_b, so the dot product of two vectors is sum_b w_b * cos_b.

    Args:
        model_path: the exported network; it is exported there on first use when the file does not exist.
            Empty means the user's cache folder.
        weights: share of each block, non-negative; divided by their sum. Missing blocks weigh 0.

    Raises:
        ValueError: for weights of unknown blocks, negative ones, or none above 0.
    """

    def __init__(self, *, model_path: str | Path = "", weights: Mapping[str, float] | None = None) -> None:
        given = dict(WEIGHTS if weights is None else weights)
        if unknown := sorted(set(given) - set(WEIGHTS)):
            raise ValueError(f"Unknown blocks: {', '.join(unknown)}. The blocks are {', '.join(WEIGHTS)}.")
        if min(given.values(), default=0) < 0 or sum(given.values()) <= 0:
            raise ValueError("Block weights must be 0 or more, and one of them above 0.")
        self._weights = {name: given.get(name, 0.0) / sum(given.values()) for name in WEIGHTS}
        self._semantic = SemanticBlock(Path(model_path) if model_path else default_path())

    @property
    def version(self) -> str:
        """The encoder's generation and a digest of its weights."""
        weights = ",".join(f"{name}={weight:.6f}" for name, weight in self._weights.items())
        return f"composite-6-{sha256(weights.encode()).hexdigest()[:8]}"

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Semantic columns first, then colour."""
        middle = SemanticBlock.length
        return (
            Block("semantic", 0, middle, self._weights["semantic"]),
            Block("colour", middle, middle + FINISH_LENGTH, self._weights["colour"]),
        )

    def encode(self, pictures: Sequence[Picture]) -> Float32:
        """Unit vectors, float32, shape (n, d), in the order of the pictures.

        Raises:
            EngineUnavailableError: when LiteRT is missing, or the network is not built and cannot be.
        """
        vectors = np.empty((len(pictures), self.dimension), np.float32)
        semantic, coloured = (np.float32(np.sqrt(weight)) for weight in self._weights.values())
        for row, picture in enumerate(pictures):
            vectors[row, : SemanticBlock.length] = semantic * self._semantic(picture)
            vectors[row, SemanticBlock.length :] = coloured * finish_block(picture)
        return vectors

    def warm(self) -> None:
        """See `Encoder.warm`."""
        self._semantic.warm()
