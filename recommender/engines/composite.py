"""The default encoder: what a network sees, its colour, its texture and its shape, as weighted blocks of one vector."""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

import numpy as np

from recommender.core.types import Block, Float32, Picture
from recommender.engines import finish, semantic, shape, texture
from recommender.engines.base import Encoder
from recommender.engines.efficientnet_lite0 import SIDE
from recommender.engines.export import default_path
from recommender.engines.framing import clutter, form_doubt, square
from recommender.engines.steps import DEFAULT_STEPS, apply_steps, find_steps, steps_digest

WEIGHTS = {"semantic": 0.50, "colour": 0.44, "texture": 0.04, "shape": 0.02}
"""How they were chosen, and what they cost elsewhere: docs/explanation/embeddings.md."""

_LENGTHS = {
    "semantic": semantic.LENGTH,
    "colour": finish.LENGTH,
    "texture": texture.LENGTH,
    "shape": shape.LENGTH,
}
_GENERATION = "composite-7"


class CompositeEncoder(Encoder):
    """Blocks "semantic" (EfficientNet-Lite0, ImageNet), "colour", "texture" and "shape", each of unit length.

    A vector is the concatenation of sqrt(w_b) * block_b, so the dot product of two vectors is sum_b w_b * cos_b.

    Args:
        model_path: the exported network; it is exported there on first use when the file does not exist.
            Empty means the user's cache folder.
        weights: share of each block, non-negative; divided by their sum. Missing blocks weigh 0.
        steps: dotted paths of functions from picture to picture, applied in this order before the blocks look.

    Raises:
        ValueError: for weights of unknown blocks, negative ones, or none above 0; for a path to no such function.
    """

    def __init__(
        self,
        *,
        model_path: str | Path = "",
        weights: Mapping[str, float] | None = None,
        steps: Sequence[str] = DEFAULT_STEPS,
    ) -> None:
        given = dict(WEIGHTS if weights is None else weights)
        if unknown := sorted(set(given) - set(WEIGHTS)):
            raise ValueError(f"Unknown blocks: {', '.join(unknown)}. The blocks are {', '.join(WEIGHTS)}.")
        if min(given.values(), default=0) < 0 or sum(given.values()) <= 0:
            raise ValueError("Block weights must be 0 or more, and one of them above 0.")
        self._weights = {name: given.get(name, 0.0) / sum(given.values()) for name in WEIGHTS}
        self._steps = find_steps(steps)
        self._steps_digest = steps_digest(steps)
        self._backbone = semantic.Backbone(Path(model_path) if model_path else default_path())

    @property
    def version(self) -> str:
        """The encoder's generation, a digest of its weights, and one of its image steps unless they are the default."""
        weights = ",".join(f"{name}={weight:.6f}" for name, weight in self._weights.items())
        return f"{_GENERATION}-{sha256(weights.encode()).hexdigest()[:8]}{self._steps_digest}"

    @property
    def sight(self) -> str:
        """The version without the weights."""
        return f"{_GENERATION}{self._steps_digest}"

    def weight_options(self, weights: Mapping[str, float]) -> dict[str, Any]:
        """See `Encoder.weight_options`."""
        return {"weights": dict(weights)}

    @property
    def blocks(self) -> tuple[Block, ...]:
        """Semantic columns first, then colour, texture and shape."""
        edges = pairwise(accumulate(_LENGTHS.values(), initial=0))
        return tuple(
            Block(name, start, stop, self._weights[name]) for name, (start, stop) in zip(_LENGTHS, edges, strict=True)
        )

    def encode(self, pictures: Sequence[Picture]) -> Float32:
        """Unit vectors, float32, shape (n, d), in the order of the pictures.

        Raises:
            EngineUnavailableError: when LiteRT is missing, or the network is not built and cannot be.
            ValueError: when an image step returns no picture.
        """
        vectors = np.empty((len(pictures), self.dimension), np.float32)
        for row, picture in enumerate(pictures):
            parts = self._parts(apply_steps(self._steps, picture))
            for block in self.blocks:
                vectors[row, block.start : block.stop] = np.float32(np.sqrt(block.weight)) * parts[block.name]
        return vectors

    def warm(self) -> None:
        """See `Encoder.warm`."""
        self._backbone.warm()

    def _parts(self, picture: Picture) -> dict[str, Float32]:
        """The blocks of one picture by name, each of unit length."""
        framed, scene = square(picture, SIDE), clutter(picture)
        maps = self._backbone(framed)
        doubt = form_doubt(picture)
        inside = framed.mask if framed.mask is not None else np.ones((SIDE, SIDE), np.bool_)
        return {
            "semantic": semantic.semantic_block(semantic.pool(picture, maps.features, scene, self._backbone), scene),
            "colour": finish.finish_block(framed, finish.colour_doubt(picture, scene)),
            "texture": texture.texture_block(maps.middle, inside, doubt),
            "shape": shape.shape_block(framed, doubt),
        }
