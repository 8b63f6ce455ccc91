"""PostgreSQL and Valkey together, for as long as something needs them."""

import os
import shutil
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

from shopsite.stack.children import Child, StackError, stop_all
from shopsite.stack.postgres import Postgres
from shopsite.stack.valkey import Valkey

SOCKET_PATH_LIMIT = 90
"""A Unix socket's path may have 103 to 107 bytes; the longest name in the folder takes 13."""


class Services:
    """The database and the broker: ours, or the ones that DATABASE_URL and REDIS_URL name.

    Args:
        folder: where data, logs and records are kept.
        durable: False trades crash safety for speed: for tests.
    """

    def __init__(self, folder: Path, *, durable: bool = True) -> None:
        self._folder = folder
        self._durable = durable
        self._sockets: Path | None = None
        self._running: list[Postgres | Valkey] = []
        self.environment = {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL") if os.environ.get(name)}

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def _start(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._sockets = short_folder()
        if "DATABASE_URL" not in self.environment:
            postgres = Postgres(
                self._folder / "postgres", closed_room(self._sockets, "pg"), self._folder, durable=self._durable
            )
            self._running.append(postgres)
            postgres.start()
            self.environment["DATABASE_URL"] = postgres.url()
        if "REDIS_URL" not in self.environment:
            valkey = Valkey(self._folder / "valkey", closed_room(self._sockets, "valkey"), self._folder)
            self._running.append(valkey)
            valkey.start()
            self.environment["REDIS_URL"] = valkey.url

    def children(self) -> list[Child]:
        """The processes that are ours."""
        return [service.child for service in self._running]

    def stop(self) -> None:
        """Stop what is ours. May be called twice."""
        stop_all(self.children())
        if self._sockets is not None:
            shutil.rmtree(self._sockets, ignore_errors=True)


def short_folder() -> Path:
    """A private folder whose path leaves room for socket names, wherever the project lies.

    Raises:
        StackError: when even the temporary folder's path is too long.
    """
    for parent in (None, "/tmp"):  # noqa: S108 - mkdtemp makes a private folder in it # nosec B108
        folder = Path(tempfile.mkdtemp(prefix="shop-", dir=parent))
        if len(os.fsencode(folder)) <= SOCKET_PATH_LIMIT - len("/valkey"):
            folder.chmod(0o711)  # the database may run as another user; the folders inside are closed
            return folder
        folder.rmdir()
    raise StackError("The path of the temporary folder is too long for Unix sockets. Set TMPDIR to a shorter one.")


def closed_room(sockets: Path, name: str) -> Path:
    """A closed folder for one service's socket."""
    room = sockets / name
    room.mkdir(mode=0o700)
    return room
