"""An encoder that was trained on a shop's own labels: served from a folder, by LiteRT and NumPy alone."""

import io
import json
import os
import shutil
import tempfile
from collections.abc import Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from recommender.core.types import Block, Float32, Picture, Pixels
from recommender.engines.base import Encoder
from recommender.engines.finish import LENGTH as FINISH_LENGTH
from recommender.engines.finish import colour_doubt, finish_block
from recommender.engines.framing import clutter, crop_to_product, square, zoom
from recommender.engines.litert import LiteRTNetwork
from recommender.exceptions import EngineUnavailableError

_FORMAT = 1
_CLOSER = (0.8, 0.65)
"""Shares of a scene's sides that closer looks see."""

_DESCRIPTION, _NETWORK, _HEADS = "encoder.json", "network.tflite", "heads.npz"


class Head(NamedTuple):
    """What an embedding says about one attribute.

    Attributes:
        classes: the values, in the order of the directions.
        directions: unit vectors, float32, shape (c, d).
        scale: cosines are multiplied by it before the softmax, so that probabilities are calibrated.
    """

    classes: tuple[str, ...]
    directions: Float32
    scale: float

    def probabilities(self, embeddings: Float32) -> Float32:
        """The probability of each class, float32, shape (n, c), rows summing to 1.

        Args:
            embeddings: unit vectors, float32, shape (n, d).
        """
        logits = self.scale * (embeddings @ self.directions.T)
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(shares / shares.sum(axis=1, keepdims=True), np.float32)


class TrainedEncoder(Encoder):
    """Blocks "semantic" (a network trained on the shop's labels) and "colour" (the finish), each of unit length.

    Args:
        path: a folder that `write_artefact` wrote.
        colour: the weight of the colour block, in [0, 1); None takes what the training found best.

    Raises:
        ValueError: for a weight that is out of range.
    """

    requires = ("ai_edge_litert",)
    extra = "vision"

    def __init__(self, *, path: str | Path, colour: float | None = None) -> None:
        if colour is not None and not 0 <= colour < 1:
            raise ValueError("The weight of colour must be in [0, 1).")
        self._path = Path(path)
        self._given = colour
        self._network = LiteRTNetwork(self._path / _NETWORK)

    @property
    def version(self) -> str:
        """A digest of the trained files, and the weight of colour."""
        return f"trained-{self._description['digest'][:12]}-{round(100 * self.colour):02d}"

    @property
    def sight(self) -> str:
        """The version without the weight of colour."""
        return f"trained-{self._description['digest'][:12]}"

    def weight_options(self, weights: Mapping[str, float]) -> dict[str, Any]:
        """The weight of colour in hundredths, as the version has it, and never all."""
        return {"colour": min(round(weights.get("colour", 0.0), 2), 0.99)}

    @property
    def colour(self) -> float:
        """The weight of the colour block."""
        return float(self._description["colour"]) if self._given is None else self._given

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The trained columns first, then colour; without a weight there is no colour."""
        middle = int(self._description["dimension"])
        semantic = Block("semantic", 0, middle, 1 - self.colour)
        if not self.colour:
            return (semantic,)
        return (semantic, Block("colour", middle, middle + FINISH_LENGTH, self.colour))

    @property
    def heads(self) -> dict[str, Head]:
        """What embeddings say about attributes, by the attribute's name."""
        return read_heads(self._path)

    def missing(self) -> list[str]:
        """And the folder."""
        found = super().missing()
        if not (self._path / _NETWORK).is_file():
            found.append(f"{self._path} holds no trained encoder: run manage.py recommender_train_vision")
        return found

    def warm(self) -> None:
        """Load the network, if there is one."""
        if (self._path / _NETWORK).is_file():
            self.encode([Picture(np.full((8, 8, 3), 255, np.uint8))])

    def encode(self, pictures: Sequence[Picture]) -> Float32:
        """Unit vectors, float32, shape (n, d), in the order of the pictures.

        Raises:
            EngineUnavailableError: when LiteRT is missing, or the folder holds no trained encoder.
        """
        vectors = np.empty((len(pictures), self.dimension), np.float32)
        middle, side = int(self._description["dimension"]), int(self._description["side"])
        semantic, coloured = np.float32(np.sqrt(1 - self.colour)), np.float32(np.sqrt(self.colour))
        for row, picture in enumerate(pictures):
            vectors[row, :middle] = semantic * see(self._network, picture, side)
            if self.colour:
                vectors[row, middle:] = coloured * see_colour(picture, side)
        return vectors

    def read_attributes(self, vectors: Float32) -> dict[str, tuple[tuple[str, ...], Float32]]:
        """Calibrated probabilities from the trained heads."""
        embeddings = self.embeddings(vectors)
        return {name: (head.classes, head.probabilities(embeddings)) for name, head in self.heads.items()}

    def embeddings(self, vectors: Float32) -> Float32:
        """The trained part of vectors as unit vectors, float32, shape (n, dimension of the heads)."""
        part = vectors[:, : int(self._description["dimension"])]
        return np.asarray(part / np.maximum(np.linalg.norm(part, axis=1, keepdims=True), 1e-12), np.float32)

    @property
    def _description(self) -> dict[str, Any]:
        return read_description(self._path)


def framed(picture: Picture, side: int) -> Pixels:
    """What a trained network looks at: the product, letterboxed on white, uint8, shape (side, side, 3)."""
    return square(crop_to_product(picture), side).pixels


def see(network: LiteRTNetwork, picture: Picture, side: int) -> Float32:
    """The embedding of a picture, a unit vector, float32, shape (d,).

    A scene is looked at three times, whole and twice closer up, and what is seen is averaged: a shopper aims at what
    they mean. On held-out photos that names more of them right than one look.
    """
    looks = [picture]
    if clutter(picture) > 0:
        looks += [zoom(picture, share) for share in _CLOSER]
    seen = [network(framed(look, side).astype(np.float32)) for look in looks]
    mean = np.mean([embedding / max(float(np.linalg.norm(embedding)), 1e-12) for embedding in seen], axis=0)
    return np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-12), np.float32)


def see_colour(picture: Picture, side: int) -> Float32:
    """The colour block of a picture, a unit vector, float32, shape (FINISH_LENGTH,)."""
    return finish_block(square(crop_to_product(picture), side), colour_doubt(picture, clutter(picture)))


def write_artefact(
    folder: Path, network: bytes, heads: Mapping[str, Head], *, side: int, colour: float, about: Mapping[str, Any]
) -> Path:
    """Write a trained encoder under the folder, in a folder of its own that is named by its content.

    It appears whole or not at all, and never in the place of another.

    Args:
        folder: where trained encoders are kept; created when missing.
        network: from `exporting.to_litert`.
        heads: by attribute.
        side: input pixels a side.
        colour: the weight of the colour block.
        about: plain values on how it came about, for people.

    Returns:
        The folder of the encoder.
    """
    arrays = io.BytesIO()
    numbered: dict[str, Any] = {f"h{row}": head.directions for row, head in enumerate(heads.values())}
    np.savez(arrays, **numbered)
    content = {_NETWORK: network, _HEADS: arrays.getvalue()}
    described = {
        "format": _FORMAT,
        "side": side,
        "colour": colour,
        "dimension": next(iter(heads.values())).directions.shape[1],
        "heads": [{"name": name, "classes": head.classes, "scale": head.scale} for name, head in heads.items()],
    }
    digest = sha256(json.dumps(described, sort_keys=True).encode())
    for data in content.values():
        digest.update(sha256(data).digest())
    description = {**described, "digest": digest.hexdigest(), "about": dict(about)}
    target = folder / f"encoder-{digest.hexdigest()[:12]}"
    folder.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(dir=folder, prefix=".encoder-"))
    try:
        for name, data in content.items():
            (draft / name).write_bytes(data)
        (draft / _DESCRIPTION).write_text(json.dumps(description, indent=1, ensure_ascii=False))
        draft.chmod(0o755)
        if not target.exists():
            os.replace(draft, target)  # noqa: PTH105 - a folder, at once
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return target


@lru_cache(maxsize=8)
def read_description(folder: Path) -> dict[str, Any]:
    """What a trained encoder says of itself.

    Raises:
        EngineUnavailableError: when the folder holds none, or one of another version of this package.
    """
    try:
        description: dict[str, Any] = json.loads((folder / _DESCRIPTION).read_text())
    except (OSError, ValueError) as error:
        raise EngineUnavailableError(
            f"{folder} holds no trained encoder. Run `manage.py recommender_train_vision`, or name the folder "
            "that it printed."
        ) from error
    if description.get("format") != _FORMAT:
        raise EngineUnavailableError(
            f"The encoder in {folder} has format {description.get('format')}, this version reads {_FORMAT}. "
            "Train again."
        )
    return description


@lru_cache(maxsize=8)
def read_heads(folder: Path) -> dict[str, Head]:
    """The heads of a trained encoder by attribute.

    Raises:
        EngineUnavailableError: when the folder holds none.
    """
    described = read_description(folder)["heads"]
    try:
        with np.load(folder / _HEADS, allow_pickle=False) as file:
            return {
                head["name"]: Head(tuple(head["classes"]), file[f"h{row}"].astype(np.float32), float(head["scale"]))
                for row, head in enumerate(described)
            }
    except (OSError, ValueError, KeyError) as error:
        raise EngineUnavailableError(f"The heads in {folder} are damaged: {error}. Train again.") from error
