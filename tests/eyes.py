"""Further encoders for tests: one with vectors of another length than the first one's, one of two blocks."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from recommender.core.types import Block, Float32, Picture
from recommender.core.vectors import unit_rows
from recommender.engines.base import Encoder

TWO = {"BACKEND": "tests.eyes.TwoBlocks", "OPTIONS": {}}
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


class TwoBlocks(Encoder):
    """How round a product's upper corner is, as "shape", beside its mean colour."""

    def __init__(self, *, shape: float = 0.75, sight: str = "two-1") -> None:
        self._shape, self._sight = shape, sight

    @property
    def version(self) -> str:
        return f"{self._sight}-{self._shape:.4f}"

    @property
    def sight(self) -> str:
        return self._sight

    def weight_options(self, weights: Mapping[str, float]) -> dict[str, Any]:
        return {"shape": weights["shape"]}

    @property
    def blocks(self) -> tuple[Block, ...]:
        return (Block("shape", 0, 2, self._shape), Block("colour", 2, 5, 1 - self._shape))

    def encode(self, pictures: Sequence[Picture]) -> Float32:
        found = [
            np.hstack([np.sqrt(self._shape) * _corner(one), np.sqrt(1 - self._shape) * _mean(one)]) for one in pictures
        ]
        return np.array(found, np.float32).reshape(-1, 5)


def _corner(picture: Picture) -> Float32:
    ground = (picture.pixels[13:30, 45:62] > 250).all(axis=2).mean()
    angle = np.pi / 2 * np.clip(8 * ground - 1, 0, 1)
    return np.array([np.cos(angle), np.sin(angle)], np.float32)


def _mean(picture: Picture) -> Float32:
    seen = picture.pixels[(picture.pixels < 250).any(axis=2)].mean(axis=0) + 1
    return np.asarray(seen / np.linalg.norm(seen), np.float32)


def _parts(picture: Picture) -> list[Float32]:
    pixels = picture.pixels.astype(np.float32)
    width = pixels.shape[1]
    return np.array_split(pixels[:, width // 3 : 2 * width // 3], 3)
