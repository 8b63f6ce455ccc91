"""One demo a folder, and one program a port."""

import fcntl
import os
import socket
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from shopsite.stack import StackError


class FolderLock:
    """Held while the demo runs. The kernel lets go of it when we die, however we die: it cannot go stale."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "lock"
        self._file: IO[str] | None = None

    def __enter__(self) -> Self:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._path.open("a+", encoding="ascii")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._file.seek(0)
            holder = self._file.read().strip() or "unknown"
            self._file.close()
            raise StackError(
                f"The demo already runs from this folder (process {holder}). Stop it: kill {holder}"
            ) from error
        self._file.truncate(0)
        self._file.write(str(os.getpid()))
        self._file.flush()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._file is not None:
            self._file.close()


def check_port(port: int) -> None:
    """Make sure that the web server will get its port.

    Raises:
        StackError: when another program listens there.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # a port that was just left counts as free
        try:
            probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError) as error:
            raise StackError(
                f"Port {port} cannot be used ({getattr(error, 'strerror', error)}). "
                f"Take another: make demo PORT={port + 1 if port < 65535 else 8000}"
            ) from error
