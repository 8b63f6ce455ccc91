"""Content-addressed array files: named by their SHA-256, kept in the recommender storage, mapped from a cache."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path
from typing import IO, Any

import numpy as np
from django.core.files import File
from django.core.files.storage import Storage
from numpy.typing import NDArray

from recommender.exceptions import SnapshotCorruptError

_CHUNK = 1 << 20


class ObjectStore:
    """Arrays by checksum: written once, verified on arrival, memory-mapped from this host's cache folder."""

    def __init__(self, storage: Storage, cache: Path) -> None:
        self.storage = storage
        self.cache = cache / "objects"
        self.cache.mkdir(parents=True, exist_ok=True)

    def put(self, array: NDArray[Any]) -> tuple[str, int]:
        """Store an array; return its checksum and size in bytes. Storing the same bytes again costs no space."""
        with tempfile.NamedTemporaryFile(dir=self.cache, prefix=".part-", delete=False) as part:
            try:
                np.lib.format.write_array(part, np.ascontiguousarray(array), allow_pickle=False)
                part.seek(0)
                checksum = _sha256(part)
                Path(part.name).replace(self.path(checksum))
            except BaseException:
                Path(part.name).unlink(missing_ok=True)
                raise
        path = self.path(checksum)
        size = path.stat().st_size
        name = self.name(checksum)
        if self.storage.exists(name) and self.storage.size(name) != size:
            self.storage.delete(name)  # what a killed writer left
        if not self.storage.exists(name):
            with path.open("rb") as source:
                self.storage.save(name, File(source))
        return checksum, size

    def get(self, checksum: str) -> NDArray[Any]:
        """The array with this checksum, as a read-only memory map.

        Raises:
            SnapshotCorruptError: when the file is missing, truncated or altered.
        """
        path = self.path(checksum)
        if not path.exists():
            self._fetch(checksum, path)
        try:
            array: NDArray[Any] = np.load(path, mmap_mode="r", allow_pickle=False)
        except (ValueError, OSError) as error:
            path.unlink(missing_ok=True)  # a damaged cache heals from the storage
            raise SnapshotCorruptError(f"The cached file {path} cannot be read: {error}. It was removed.") from error
        return array

    def prune(self, keep: set[str]) -> int:
        """Delete every object that is not in `keep`, here and in the storage; return how many went from the storage."""
        for path in self.cache.glob("*.npy"):
            if path.stem not in keep:
                path.unlink(missing_ok=True)
        _, names = self.storage.listdir("objects") if self.storage.exists("objects") else ([], [])
        gone = [name for name in names if name.removesuffix(".npy") not in keep]
        for name in gone:
            self.storage.delete(f"objects/{name}")
        return len(gone)

    def path(self, checksum: str) -> Path:
        """Where this host keeps the object."""
        return self.cache / f"{checksum}.npy"

    def name(self, checksum: str) -> str:
        """What the storage calls the object."""
        return f"objects/{checksum}.npy"

    def _fetch(self, checksum: str, path: Path) -> None:
        try:
            with (
                self.storage.open(self.name(checksum)) as source,
                tempfile.NamedTemporaryFile(dir=self.cache, prefix=".part-", delete=False) as part,
            ):
                for chunk in source.chunks():
                    part.write(chunk)
        except OSError as error:
            raise SnapshotCorruptError(
                f"The snapshot file {self.name(checksum)} is not in the storage: {error}. "
                "Roll back, or run `manage.py recommender_train`."
            ) from error
        with Path(part.name).open("rb") as arrived:
            found = _sha256(arrived)
        if found != checksum:
            Path(part.name).unlink()
            raise SnapshotCorruptError(
                f"The snapshot file {self.name(checksum)} is damaged. Roll back, or run `manage.py recommender_train`."
            )
        Path(part.name).replace(path)


def _sha256(file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
    return digest.hexdigest()
