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
from zipfile import BadZipFile

import numpy as np

from recommender.core.types import Block, Float32, Picture, Pixels
from recommender.engines import finish, shape
from recommender.engines.base import Encoder
from recommender.engines.framing import clutter, crop_to_product, form_doubt, square, zoom
from recommender.engines.litert import LiteRTNetwork
from recommender.engines.places import LENGTH, NAMES, Places, place_blocks
from recommender.exceptions import EngineUnavailableError

_FORMAT = 3
_FORMATS = (2, _FORMAT)
"""2 has no upper and lower block."""
_FIRST_FORMAT = 1
"""Its heads read the trained block alone, and there is no shape."""
_CLOSER = (0.8, 0.65)
"""Shares of a scene's sides that closer looks see."""

LEAST = 0.02
"""What a block weighs at least where heads read it: a block that weighs nothing is not in the vectors."""

_UNREADABLE = (OSError, EOFError, ValueError, KeyError, BadZipFile)
"""What NumPy raises for a file that is missing, cut off or another one."""

_DESCRIPTION, _NETWORK, _HEADS, _PLACES = "encoder.json", "network.tflite", "heads.npz", "places.npz"


class Head(NamedTuple):
    """What the blocks of a vector say about one attribute.

    Attributes:
        classes: the values, in the order of the directions.
        directions: float32, shape (c, d): of the trained block, or of all blocks one behind the other.
        scale: products are multiplied by it before the softmax, so that probabilities are calibrated.
        offsets: added to the products, float32, shape (c,) or a number.
    """

    classes: tuple[str, ...]
    directions: Float32
    scale: float
    offsets: Float32 | float = 0.0

    def scores(self, parts: Float32) -> Float32:
        """The product of each class's direction with each row, and its offset, float32, shape (n, c).

        Args:
            parts: blocks of unit length, the trained one first, float32, shape (n, d) or wider.
        """
        return np.asarray(parts[:, : self.directions.shape[1]] @ self.directions.T + self.offsets, np.float32)

    def probabilities(self, parts: Float32) -> Float32:
        """The probability of each class, float32, shape (n, c), rows summing to 1, see `scores`."""
        logits = self.scale * self.scores(parts)
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        return np.asarray(shares / shares.sum(axis=1, keepdims=True), np.float32)


class TrainedEncoder(Encoder):
    """Blocks of unit length: "semantic" (a network trained on the shop's labels), "colour" (the finish), and others.

    Args:
        path: a folder that `write_artefact` wrote.
        colour: the weight of the colour block, in [0, 1); None takes what the training found best.
        shape: the same of the shape block, which encoders have whose heads read it.
        upper: the same of what is where in the upper half of a product, see `places`.
        lower: the same of the lower half.

    Raises:
        ValueError: for weights that are out of range, or leave nothing to what was trained.
    """

    requires = ("ai_edge_litert",)
    extra = "vision"

    def __init__(
        self,
        *,
        path: str | Path,
        colour: float | None = None,
        shape: float | None = None,
        upper: float | None = None,
        lower: float | None = None,
    ) -> None:
        given = {"colour": colour, "shape": shape, "upper": upper, "lower": lower}
        self._given = {name: weight for name, weight in given.items() if weight is not None}
        if any(not 0 <= weight < 1 for weight in self._given.values()) or sum(self._given.values()) >= 1:
            raise ValueError(f"The weights of {', '.join(given)} must be in [0, 1), and their sum below 1.")
        self._path = Path(path)
        self._network = LiteRTNetwork(self._path / _NETWORK)

    @property
    def version(self) -> str:
        """A digest of the trained files, and the weights of the blocks beside the trained one."""
        weights = "-".join(f"{round(100 * weight):02d}" for weight in self._beside.values())
        return f"{self.sight}-{weights}"

    @property
    def sight(self) -> str:
        """The version without the weights."""
        return f"trained-{self._description['digest'][:12]}"

    def weight_options(self, weights: Mapping[str, float]) -> dict[str, Any]:
        """The weights beside the trained block in hundredths, as the version has them, and never all."""
        return _sparing({name: round(weights.get(name, 0.0), 2) for name in self._beside})

    @property
    def blocks(self) -> tuple[Block, ...]:
        """The trained columns first, then the others; what weighs nothing is not there."""
        beside = self._beside
        edge = int(self._description["dimension"])
        found = [Block("semantic", 0, edge, 1 - sum(beside.values()))]
        for name, weight in beside.items():
            if weight:
                found.append(Block(name, edge, edge + LENGTHS[name], weight))
                edge += LENGTHS[name]
        return tuple(found)

    @property
    def heads(self) -> dict[str, Head]:
        """What vectors say about attributes, by the attribute's name."""
        return read_heads(self._path)

    def missing(self) -> list[str]:
        """And the folder."""
        found = super().missing()
        if not (self._path / _NETWORK).is_file():
            found.append(f"{self._path} holds no trained encoder: run manage.py recommender_train_vision")
        elif self._description["places"] and not (self._path / _PLACES).is_file():
            found.append(f"{self._path / _PLACES} is missing: copy the whole folder, or run recommender_train_vision")
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
        side, blocks = int(self._description["side"]), self.blocks
        places = read_places(self._path) if self._description["places"] else None
        for row, picture in enumerate(pictures):
            seen = see(self._network, picture, side)
            parts = {"semantic": seen.embedding}
            if places is not None and seen.maps is not None:
                parts.update(zip(NAMES, place_blocks(seen.maps, places), strict=True))
            for block in blocks:
                part = parts[block.name] if block.name in parts else _LOOKS[block.name](picture, side)
                vectors[row, block.start : block.stop] = np.float32(np.sqrt(block.weight)) * part
        return vectors

    def read_attributes(self, vectors: Float32) -> dict[str, tuple[tuple[str, ...], Float32]]:
        """Calibrated probabilities from the trained heads."""
        parts = self.parts(vectors)
        return {name: (head.classes, head.probabilities(parts)) for name, head in self.heads.items()}

    def parts(self, vectors: Float32) -> Float32:
        """The vectors with each block scaled to unit length, as heads read them, float32, shape (n, d)."""
        parts = np.empty(vectors.shape, np.float32)
        for block in self.blocks:
            part = vectors[:, block.start : block.stop]
            length = np.maximum(np.linalg.norm(part, axis=1, keepdims=True), 1e-12)
            parts[:, block.start : block.stop] = part / length
        return parts

    @property
    def _beside(self) -> dict[str, float]:
        """The weights of the blocks beside the trained one, by name."""
        found = {}
        for name, weight in self._description["weights"].items():
            least = LEAST if weight and self._description["reads_all"] else 0.0
            found[name] = max(self._given.get(name, float(weight)), least)
        return _sparing(found)

    @property
    def _description(self) -> dict[str, Any]:
        return read_description(self._path)


def _sparing(weights: Mapping[str, float]) -> dict[str, float]:
    """The weights with so much less for the heaviest that a hundredth is left to what was trained."""
    over = max(sum(weights.values()) - 0.99, 0.0)
    heaviest = max(weights, key=weights.__getitem__, default="")
    return {name: round(weight - over, 6) if name == heaviest else weight for name, weight in weights.items()}


def framed(picture: Picture, side: int) -> Pixels:
    """What a trained network looks at: the product, letterboxed on white, uint8, shape (side, side, 3)."""
    return square(crop_to_product(picture), side).pixels


class Seen(NamedTuple):
    """What a network sees in a picture.

    Attributes:
        embedding: a unit vector, float32, shape (d,).
        maps: of its trunk, float32, shape (rows, columns, channels); None without a trunk.
    """

    embedding: Float32
    maps: Float32 | None


def see(network: LiteRTNetwork, picture: Picture, side: int) -> Seen:
    """The embedding of a picture, and what the network's trunk sees where.

    A scene is looked at three times, whole and twice closer up, and what is seen is averaged: a shopper aims at what
    they mean. On held-out photos that names more of them right than one look.
    """
    looks = [picture]
    if clutter(picture) > 0:
        looks += [zoom(picture, share) for share in _CLOSER]
    seen = [{part.ndim: part for part in network.outputs(framed(look, side).astype(np.float32))} for look in looks]
    embeddings = [parts[1] / max(float(np.linalg.norm(parts[1])), 1e-12) for parts in seen]
    mean = np.mean(embeddings, axis=0)
    return Seen(np.asarray(mean / max(float(np.linalg.norm(mean)), 1e-12), np.float32), seen[0].get(3))


def see_colour(picture: Picture, side: int) -> Float32:
    """The colour block of a picture, a unit vector, float32, shape (finish.LENGTH,)."""
    return finish.finish_block(square(crop_to_product(picture), side), finish.colour_doubt(picture, clutter(picture)))


def see_shape(picture: Picture, side: int) -> Float32:
    """The shape block of a picture, a unit vector, float32, shape (shape.LENGTH,)."""
    return shape.shape_block(square(picture, side), form_doubt(picture))


LENGTHS = {"colour": finish.LENGTH, "shape": shape.LENGTH, **dict.fromkeys(NAMES, LENGTH)}
"""Numbers of the blocks beside the trained one, in the order that vectors have them in."""

_LOOKS = {"colour": see_colour, "shape": see_shape}


def write_artefact(
    folder: Path,
    network: bytes,
    heads: Mapping[str, Head],
    *,
    side: int,
    dimension: int,
    weights: Mapping[str, float],
    about: Mapping[str, Any],
    places: Places | None = None,
) -> Path:
    """Write a trained encoder under the folder, in a folder of its own that is named by its content.

    It appears whole or not at all, and never in the place of another.

    Args:
        folder: where trained encoders are kept; created when missing.
        network: from `exporting.to_litert`.
        heads: by attribute.
        side: input pixels a side.
        dimension: numbers that the network's embedding has.
        weights: of the blocks beside it: "colour", and all others that there are where a head reads all blocks.
        about: plain values on how it came about, for people.
        places: of the upper and the lower block, where there are such.

    Returns:
        The folder of the encoder.
    """
    arrays = io.BytesIO()
    numbered: dict[str, Any] = {f"h{row}": head.directions for row, head in enumerate(heads.values())}
    numbered |= {f"o{row}": np.asarray(head.offsets, np.float32) for row, head in enumerate(heads.values())}
    np.savez(arrays, **numbered)
    content = {_NETWORK: network, _HEADS: arrays.getvalue()}
    if places is not None:
        packed = io.BytesIO()
        np.savez(packed, means=places.means, directions=places.directions.astype(np.float16))
        content[_PLACES] = packed.getvalue()
    described = {
        "format": _FORMAT,
        "side": side,
        "weights": dict(weights),
        "reads_all": any(head.directions.shape[1] > dimension for head in heads.values()),
        "dimension": dimension,
        "places": places is not None,
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
    if description.get("format") == _FIRST_FORMAT:
        return {**description, "weights": {"colour": description["colour"]}, "reads_all": False, "places": False}
    if description.get("format") not in _FORMATS:
        raise EngineUnavailableError(
            f"The encoder in {folder} has format {description.get('format')}, this version reads {_FORMAT}. "
            "Train again."
        )
    return {"places": False, **description}


@lru_cache(maxsize=8)
def read_heads(folder: Path) -> dict[str, Head]:
    """The heads of a trained encoder by attribute.

    Raises:
        EngineUnavailableError: when the folder holds none.
    """
    described = read_description(folder)["heads"]
    try:
        with (folder / _HEADS).open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            return {
                head["name"]: Head(
                    tuple(head["classes"]),
                    file[f"h{row}"].astype(np.float32),
                    float(head["scale"]),
                    file[f"o{row}"].astype(np.float32) if f"o{row}" in file else 0.0,
                )
                for row, head in enumerate(described)
            }
    except _UNREADABLE as error:
        raise EngineUnavailableError(f"The heads in {folder} are damaged: {error}. Train again.") from error


@lru_cache(maxsize=8)
def read_places(folder: Path) -> Places:
    """What the upper and the lower block of a trained encoder are made with.

    Raises:
        EngineUnavailableError: when the folder does not hold it.
    """
    try:
        with (folder / _PLACES).open("rb") as raw, np.load(raw, allow_pickle=False) as file:
            return Places(file["means"].astype(np.float32), file["directions"].astype(np.float32))
    except _UNREADABLE as error:
        raise EngineUnavailableError(f"The places in {folder} are damaged: {error}. Train again.") from error
