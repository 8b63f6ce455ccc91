"""A second encoder for tests, with vectors of another length than the first one's."""

from collections.abc import Sequence

import numpy as np

from recommender.core.types import Block, Float32, Picture
from recommender.core.vectors import unit_rows
from recommender.engines.base import Encoder

COARSE = {"BACKEND": "tests.eyes.CoarseEncoder", "OPTIONS": {}}


class CoarseEncoder(Encoder):
    """Mean colours of the middle of a picture, its top and its bottom; nine numbers."""

    def __init__(self, *, name: str = "coarse") -> None:
        self._name = name

    @property
    def version(self) -> str:
        return f"{self._name}-1"

    @property
    def blocks(self) -> tuple[Block, ...]:
        return (Block("colour", 0, 9, 1.0),)

    def encode(self, pictures: Sequence[Picture]) -> Float32:
        rows = [np.concatenate([part.mean(axis=(0, 1)) for part in _parts(one)]) for one in pictures]
        return unit_rows(np.array(rows, np.float32).reshape(-1, 9) + 1)


def _parts(picture: Picture) -> list[Float32]:
    pixels = picture.pixels.astype(np.float32)
    width = pixels.shape[1]
    return np.array_split(pixels[:, width // 3 : 2 * width // 3], 3)
