"""Vectors of the pictures in a data set folder, kept on disk by content and encoder so that a second run reads them."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TypeVar

import numpy as np

from recommender.conf import settings
from recommender.core.types import Float32, Picture
from recommender.engines.base import Encoder, Progress
from recommender.exceptions import ImageRefusedError
from recommender.imaging.decode import decode
from recommender.services.engines import cache_dir
from recommender.services.freshening import product_vector

logger = logging.getLogger(__name__)

T = TypeVar("T")


def embed_pictures(
    encoder: Encoder, pictures: Sequence[Sequence[Path]], progress: Progress | None = None
) -> Float32 | None:
    """A vector for each product from its files: the mean of its views, of unit length.

    Args:
        encoder: the shop's.
        pictures: the files of each of n products.
        progress: called with (files done, files).

    Returns:
        float32, shape (n, d), a zero row where no file could be read; None when that is so for all products.
    """
    digests, broken = _digests({file for files in pictures for file in files})
    store = VectorStore(encoder)
    files = {digest: file for file, digest in digests.items()}
    missing = [(digest, file) for digest, file in files.items() if digest not in store]
    done = len(files) - len(missing)
    for chunk in _chunks(missing, settings.EMBED_BATCH):
        broken += store.add(chunk)
        done += len(chunk)
        if progress:
            progress(done, len(files))
    if broken:
        logger.warning("%d pictures could not be read and are left out", broken)
    vectors = np.zeros((len(pictures), encoder.dimension), np.float32)
    for row, views in enumerate(pictures):
        found = [vector for file in views if (vector := store.get(digests.get(file, ""))) is not None]
        if found:
            vectors[row] = product_vector(np.stack(found))
    return vectors if vectors.any() else None


class VectorStore:
    """One small file a picture under the cache folder, named by the digest of its content."""

    def __init__(self, encoder: Encoder) -> None:
        self._encoder = encoder
        self._folder = cache_dir() / "vectors" / encoder.version

    def __contains__(self, digest: str) -> bool:
        try:
            return self._path(digest).stat().st_size == self._encoder.dimension * np.dtype(np.float16).itemsize
        except OSError:
            return False

    def get(self, digest: str) -> Float32 | None:
        """The vector of a picture, None for one that was never added or is damaged."""
        try:
            vector = np.fromfile(self._path(digest), np.float16).astype(np.float32)
        except OSError:
            return None
        return vector if vector.shape == (self._encoder.dimension,) else None

    def add(self, files: Sequence[tuple[str, Path]]) -> int:
        """Embed pictures, each given as (digest, file); return how many could not be read."""
        read: list[tuple[str, Picture]] = []
        for digest, file in files:
            try:
                read.append((digest, decode(file.read_bytes(), max_pixels=settings.IMAGE_MAX_PIXELS)))
            except (OSError, ImageRefusedError) as error:
                logger.info("%s is left out: %s", file, error)
        if read:
            vectors = self._encoder.encode([picture for _, picture in read])
            for (digest, _), vector in zip(read, vectors, strict=True):
                path = self._path(digest)
                path.parent.mkdir(parents=True, exist_ok=True)
                partial = path.with_suffix(".part")
                vector.astype(np.float16).tofile(partial)
                partial.replace(path)  # a run that is stopped leaves no half vector
        return len(files) - len(read)

    def _path(self, digest: str) -> Path:
        return self._folder / digest[:2] / f"{digest}.f16"


def _digests(files: Iterable[Path]) -> tuple[dict[Path, str], int]:
    """SHA-256 of each file's content, and how many files could not be opened or are too large."""
    digests: dict[Path, str] = {}
    broken = 0
    for file in sorted(files):
        try:
            if file.stat().st_size > settings.IMAGE_MAX_BYTES:
                broken += 1
                continue
            digests[file] = hashlib.sha256(file.read_bytes()).hexdigest()
        except OSError:
            broken += 1
    return digests, broken


def _chunks(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    rest = iter(items)
    while chunk := list(islice(rest, size)):
        yield chunk
