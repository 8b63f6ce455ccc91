"""The trunk's maps of every picture and its varied copies, computed once and kept on disk while a training lasts."""

from __future__ import annotations

import errno
import json
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from django.template.defaultfilters import filesizeformat

from recommender.conf import settings
from recommender.core.types import Bool, Picture, Pixels
from recommender.engines.base import Progress
from recommender.engines.trained import framed
from recommender.engines.vision.backbones import Backbone
from recommender.engines.vision.exporting import make_trunk
from recommender.exceptions import ImageRefusedError, NoSpaceError
from recommender.imaging.augmenting import Variation, vary
from recommender.imaging.decode import decode
from recommender.services.teaching.examples import Example

_CHUNK = 16
"""Pictures between two notes of how far it is."""

_GROUNDS = 32
_SPARE_BYTES = 200 * 1024 * 1024


class Copies(NamedTuple):
    """Maps by copy and picture.

    Attributes:
        maps: shape (k + 1, n, ...), read-only memory map; copy 0 is the picture as it is.
        readable: which pictures could be decoded, bool, shape (n,); the maps of others are zeros.
        refused: a line for each picture that could not.
    """

    maps: Any
    readable: Bool
    refused: list[dict[str, str]]


def make_copies(
    examples: Sequence[Example],
    backbone: Backbone,
    variation: Variation,
    *,
    varied: Bool,
    count: int,
    seed: int,
    folder: Path,
    progress: Progress | None = None,
) -> Copies:
    """The maps of all pictures, each as it is and some in `count` varied copies; only the missing ones are computed.

    Args:
        examples: the pictures.
        backbone: whose trunk looks at them.
        variation: how copies differ.
        varied: which pictures have copies, bool, shape (n,); the others' are zeros.
        count: copies of each.
        seed: of the copies.
        folder: where the maps lie.
        progress: called with (pictures done, pictures).

    Raises:
        NoSpaceError: when the folder's disk cannot hold them; nothing was written then.
    """
    identity = _identity(examples, varied, backbone, variation, count, seed)
    kind = np.uint8 if backbone.trunk is None else np.float16
    shape = (count + 1, len(examples), *backbone.map_shape)
    state = _State(folder / "copies.json", identity, len(examples))
    with translated(folder):
        maps = _opened(folder / "copies.npy", shape, np.dtype(kind), fresh=state.done == 0)
    grounds, trunk = _grounds(examples, seed), make_trunk(backbone)
    while state.done < len(examples):
        rows = range(state.done, min(state.done + _CHUNK, len(examples)))
        for row, picture in _decoded(examples, rows, state):
            copies = count if varied[row] else 0
            pixels = _varied(picture, backbone.side, variation, grounds, copies, [seed, row])
            maps[: copies + 1, row] = trunk(pixels)
        maps.flush()
        state.advance(rows.stop)
        if progress:
            progress(state.done, len(examples))
    readable = np.ones(len(examples), np.bool_)
    readable[[int(line["row"]) for line in state.refused]] = False
    refused = [{"file": line["file"], "reason": line["reason"]} for line in state.refused]
    return Copies(np.load(folder / "copies.npy", mmap_mode="r"), readable, refused)


@contextmanager
def translated(folder: Path) -> Iterator[None]:
    """Turns a full disk into an error that names the cure."""
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        raise NoSpaceError(
            f"The disk of {folder} is full. Free some space, or choose another folder with --output. "
            "What is live stays as it is, and the same call goes on."
        ) from error


class _State:
    """How many pictures are done, in a file next to the maps."""

    def __init__(self, path: Path, identity: str, total: int) -> None:
        self._path, self._identity = path, identity
        self.done = 0
        self.refused: list[dict[str, str]] = []
        try:
            found = json.loads(path.read_text())
        except (OSError, ValueError):
            return
        if found.get("identity") == identity:
            self.done, self.refused = min(int(found["done"]), total), found["refused"]

    def advance(self, done: int) -> None:
        self.done = done
        partial = self._path.with_suffix(".part")
        with translated(self._path.parent):
            partial.write_text(
                json.dumps({"identity": self._identity, "done": done, "refused": self.refused}, ensure_ascii=False)
            )
            partial.replace(self._path)


def _opened(path: Path, shape: tuple[int, ...], kind: np.dtype[Any], *, fresh: bool) -> Any:
    """The file of maps, with all its space taken: a memory map on a full disk would kill the process."""
    if not fresh and path.exists():
        return np.load(path, mmap_mode="r+")
    path.unlink(missing_ok=True)
    needed = int(np.prod(shape)) * kind.itemsize + _SPARE_BYTES
    free = shutil.disk_usage(path.parent).free
    if free < needed:
        raise NoSpaceError(
            f"The varied copies need {filesizeformat(needed)}, and {path.parent} has {filesizeformat(free)}. "
            "Free some space, choose another folder with --output, or make fewer copies with --copies."
        )
    maps = np.lib.format.open_memmap(path, mode="w+", dtype=kind, shape=shape)
    with path.open("r+b") as file:
        os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
    return maps


def _decoded(examples: Sequence[Example], rows: range, state: _State) -> Iterator[tuple[int, Picture]]:
    for row in rows:
        try:
            yield row, read_picture(examples[row])
        except (ImageRefusedError, OSError) as error:
            reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
            state.refused.append({"row": str(row), "file": examples[row].name, "reason": reason})


def read_picture(example: Example) -> Picture:
    """The decoded picture.

    Raises:
        ImageRefusedError: for what is no picture.
        OSError: for what cannot be read.
    """
    return decode(example.read(), max_bytes=settings.IMAGE_MAX_BYTES, max_pixels=settings.IMAGE_MAX_PIXELS)


def _varied(
    picture: Picture, side: int, variation: Variation, grounds: Sequence[Pixels], count: int, seed: Sequence[int]
) -> Pixels:
    """The picture and its copies, uint8, shape (count + 1, side, side, 3); a picture's own seed makes its copies."""
    rng = np.random.default_rng(seed)
    shown = [picture, *(vary(picture, rng, variation, grounds=grounds) for _ in range(count))]
    return np.stack([framed(one, side) for one in shown])


def _grounds(examples: Sequence[Example], seed: int) -> list[Pixels]:
    """Photos to lay products on, from those that teach; none where there are no photos."""
    photos = [example for example in examples if example.is_photo and example.may_teach]
    rng = np.random.default_rng(seed)
    chosen = rng.permutation(len(photos))[:_GROUNDS]
    grounds = []
    for row in sorted(chosen):
        try:
            grounds.append(read_picture(photos[row]).pixels)
        except (ImageRefusedError, OSError):
            continue
    return grounds


def _identity(
    examples: Sequence[Example], varied: Bool, backbone: Backbone, variation: Variation, count: int, seed: int
) -> str:
    """What the maps depend on: among others the content of the pictures."""
    digest = sha256(json.dumps([backbone.name, asdict(variation), count, seed]).encode())
    digest.update(np.packbits(varied).tobytes())
    for example in examples:
        try:
            digest.update(sha256(example.read()).digest())
        except OSError:
            digest.update(example.name.encode())
    return digest.hexdigest()
