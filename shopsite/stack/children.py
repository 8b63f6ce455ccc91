"""Child processes that never outlive us: each leads a group of its own, and is remembered in a file while it runs."""

import contextlib
import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import psutil

LOG_LIMIT_BYTES = 5_000_000
PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class StackError(Exception):
    """A part of the stack cannot run. The message says what to do."""


def _die_with_parent(orphan_signal: signal.Signals) -> None:
    """Runs in the child before exec: on Linux the kernel ends it even if we are killed with SIGKILL."""
    if _libc is not None:
        _libc.prctl(PR_SET_PDEATHSIG, orphan_signal)


class Child:
    """One long-running process with a log file.

    Args:
        name: names the log and the record of the running process.
        command: the program and its arguments.
        folder: where logs and records are kept.
        environment: added to ours.
        stop_signal: asks the process to finish in an orderly way.
        orphan_signal: what the kernel sends it, on Linux, when we are killed; the stop signal if not given.
        grace_seconds: how long it may take before it is killed.
        uid: the user to run as; only root may give another than its own.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        folder: Path,
        *,
        environment: Mapping[str, str] | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
        orphan_signal: signal.Signals | None = None,
        grace_seconds: float = 15.0,
        uid: int | None = None,
    ) -> None:
        self.name = name
        self.command = list(command)
        self.log = folder / "logs" / f"{name}.log"
        self._record = folder / "running" / f"{name}.json"
        self._environment = {**os.environ, **(environment or {})}
        self._stop_signal = stop_signal
        self._orphan_signal = orphan_signal or stop_signal
        self._grace_seconds = grace_seconds
        self._uid = uid
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process, after ending the one that an earlier, killed run of ours left behind.

        Raises:
            StackError: when the program is missing.
        """
        self.end_leftover()
        for path in (self.log, self._record):
            path.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT_BYTES:
            self.log.unlink()
        identity: dict[str, Any] = {} if self._uid is None else {"user": self._uid, "group": self._uid}
        with self.log.open("ab") as log:
            try:
                self._process = subprocess.Popen(  # noqa: S603 - our own commands # nosec B603
                    self.command,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env=self._environment,
                    start_new_session=True,
                    preexec_fn=partial(_die_with_parent, self._orphan_signal),
                    **identity,
                )
            except OSError as error:
                raise StackError(f"{self.name} cannot start ({error}). Run `make install`.") from error
        started_at = psutil.Process(self._process.pid).create_time()
        self._record.write_text(json.dumps({"pid": self._process.pid, "started_at": started_at}), encoding="ascii")

    @property
    def pid(self) -> int | None:
        """The process id, or None before the start."""
        return self._process.pid if self._process else None

    def is_running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.poll() is None

    @property
    def exit_code(self) -> int | None:
        """How the process ended; None while it runs."""
        return self._process.poll() if self._process else None

    def ask_to_stop(self) -> None:
        """Send the stop signal and return at once."""
        if self._process is not None and self.is_running():
            self._process.send_signal(self._stop_signal)

    def stop(self) -> None:
        """Stop the process and everything it started: orderly if it can, by force after the grace time."""
        if self._process is None:
            return
        self.ask_to_stop()
        try:
            self._process.wait(self._grace_seconds)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        _kill_group(self._process.pid)
        self._record.unlink(missing_ok=True)

    def end_leftover(self) -> None:
        """End the process that the record names, if it is still that process: a process id alone may be reused."""
        try:
            record = json.loads(self._record.read_text(encoding="ascii"))
            leftover = psutil.Process(record["pid"])
            is_ours = abs(leftover.create_time() - record["started_at"]) < 1.0
        except (OSError, ValueError, KeyError, TypeError, psutil.NoSuchProcess):
            is_ours = False
        if is_ours:
            with contextlib.suppress(psutil.NoSuchProcess, psutil.TimeoutExpired):
                leftover.send_signal(self._stop_signal)
                leftover.wait(self._grace_seconds)
            _kill_group(record["pid"])
        self._record.unlink(missing_ok=True)

    def last_words(self, lines: int = 8) -> str:
        """The end of the log."""
        try:
            return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
        except OSError:
            return ""


def _kill_group(pid: int) -> None:
    """Kill what is left of a process group, and wait until it is gone."""
    deadline = time.monotonic() + 5
    with contextlib.suppress(ProcessLookupError, PermissionError):
        while time.monotonic() < deadline:
            os.killpg(pid, signal.SIGKILL)
            time.sleep(0.02)


def stop_all(children: Sequence[Child]) -> None:
    """Stop several at once: all are asked before the first is waited for."""
    for child in children:
        child.ask_to_stop()
    for child in children:
        child.stop()
