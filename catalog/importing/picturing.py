"""The picture files of a batch of lines: accepted, scaled and stored, several at once and few in memory."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from catalog import pictures, refusals
from recommender.exceptions import ImageRefusedError

_THREADS = os.cpu_count() or 1


class Filed(NamedTuple):
    """A picture whose files are stored: the values of a `ProductImage`."""

    content_hash: str
    file: str
    width: int
    height: int


def file_pictures(paths: Iterable[Path]) -> dict[Path, Filed | ValidationError]:
    """Store each of these files once, with its renditions; or say why it is refused.

    Pillow works outside of Python's lock, so threads are as quick as processes. The files are written here, one after
    another: equal pictures under two names share their files, and two writers would not see each other's.
    """
    found: dict[Path, Filed | ValidationError] = {}
    with ThreadPoolExecutor(_THREADS, "picture") as pool:
        for path, prepared in _ahead(pool, dict.fromkeys(paths), _prepare):
            try:
                found[path] = _file(prepared.result())
            except OSError as error:
                message = _("The picture %(file)s cannot be opened: %(why)s")
                found[path] = ValidationError(message, params={"file": path.name, "why": error.strerror})
            except ImageRefusedError as error:
                message = _("The picture %(file)s is refused: %(why)s")
                found[path] = ValidationError(message, params={"file": path.name, "why": refusals.explain(error)})
    return found


def _file(picture: pictures.PreparedPicture) -> Filed:
    pictures.store(picture)
    return Filed(picture.content_hash, picture.name, picture.width, picture.height)


def _ahead(
    pool: ThreadPoolExecutor, paths: Iterable[Path], work: Callable[[Path], pictures.PreparedPicture]
) -> Iterator[tuple[Path, Future[pictures.PreparedPicture]]]:
    """Each path with its work, in order; never more than two a thread are begun and not yet taken."""
    begun: deque[tuple[Path, Future[pictures.PreparedPicture]]] = deque()
    for path in paths:
        begun.append((path, pool.submit(work, path)))
        if len(begun) >= 2 * _THREADS:
            yield begun.popleft()
    yield from begun


def _prepare(path: Path) -> pictures.PreparedPicture:
    status = path.stat()
    return _prepare_file(path, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=8)  # variants of other storage sizes share their pictures, and follow each other
def _prepare_file(path: Path, modified_ns: int, size: int) -> pictures.PreparedPicture:
    with path.open("rb") as file:
        return pictures.prepare(file, path.name)
