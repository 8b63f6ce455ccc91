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

_CHUNK = 1 << 16
"""Bytes read at once. The C library keeps a larger block for the next reader, once for each thread of a server."""

_verified: dict[Path, tuple[int, int, int]] = {}
"""Inode, size and time of change of the files that this process has read from end to end and found to be whole."""


class ObjectStore:
    """Arrays by checksum: written once, verified when a process first opens them, mapped from this host's cache folder.

    Files are replaced as a whole and never written to. What a failing disk or a person does to one is found
    by the next process that opens it; those that have it mapped may see anything, or be ended by the kernel.
    """

    def __init__(self, storage: Storage, cache: Path) -> None:
        self.storage = storage
        self.cache = cache / "objects"

    def put(self, array: NDArray[Any]) -> tuple[str, int]:
        """Store an array; return its checksum and size in bytes. Storing the same bytes again costs no space.

        Raises:
            OSError: when the cache or the storage is full; what was begun is cleared away here or by the next `put`.
        """
        self.cache.mkdir(parents=True, exist_ok=True)
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
        try:
            _verify(path, checksum)
            return _mapped(path)
        except (ValueError, OSError):
            self._fetch(checksum, path)  # not here yet, or damaged: this host's copy heals from the storage
        try:
            return _mapped(path)
        except (ValueError, OSError) as error:
            raise SnapshotCorruptError(
                f"The snapshot file {path} cannot be read: {error}. Roll back, or run `manage.py recommender_train`."
            ) from error

    def prune(self, keep: set[str]) -> int:
        """Delete every object that is not in `keep`, here and in the storage; return how many went from the storage."""
        for path in self.cache.glob("*.npy"):
            if path.stem not in keep:
                path.unlink(missing_ok=True)
                _verified.pop(path, None)
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
            source = self.storage.open(self.name(checksum))
        except OSError as error:
            raise SnapshotCorruptError(
                f"The snapshot file {self.name(checksum)} is not in the storage: {error}. "
                "Roll back, or run `manage.py recommender_train`."
            ) from error
        try:
            with source:
                self._take_over(source, checksum, path)
        except OSError as error:
            raise SnapshotCorruptError(
                f"The snapshot file {self.name(checksum)} cannot be copied to {self.cache}: {error}. "
                "Make room there, and let this user write to it."
            ) from error

    def _take_over(self, source: File[bytes], checksum: str, path: Path) -> None:
        """Copy the file into the cache if it is whole."""
        self.cache.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self.cache, prefix=".part-", delete=False) as part:
            try:
                for chunk in source.chunks():
                    part.write(chunk)
                part.seek(0)
                if _sha256(part) != checksum:
                    raise SnapshotCorruptError(
                        f"The snapshot file {self.name(checksum)} is damaged. "
                        "Roll back, or run `manage.py recommender_train`."
                    )
                Path(part.name).replace(path)
            except BaseException:
                Path(part.name).unlink(missing_ok=True)
                raise


def _mapped(path: Path) -> NDArray[Any]:
    # A plain array over the mapping: a memmap object takes several times as long for each small read.
    return np.asarray(np.load(path, mmap_mode="r", allow_pickle=False))


def _verify(path: Path, checksum: str) -> None:
    """Read the file once a process; what is read now is in memory when the first page needs it.

    Raises:
        ValueError: when its content is not what its name says.
        OSError: when it cannot be read.
    """
    state = path.stat()
    known = (state.st_ino, state.st_size, state.st_mtime_ns)
    if _verified.get(path) == known:
        return
    with path.open("rb") as file:
        if _sha256(file) != checksum:
            raise ValueError("its content is not what its name says")
    for other in [one for one in list(_verified) if not one.exists()]:
        _verified.pop(other, None)
    _verified[path] = known


def _sha256(file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while chunk := file.read(_CHUNK):
        digest.update(chunk)
    return digest.hexdigest()
