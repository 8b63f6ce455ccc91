"""The processes that keep the shop running: who they are, and starting them again when they die."""

import os
import signal
import sys
import time
from collections import deque
from collections.abc import Mapping
from pathlib import Path

from shopsite.stack import Child, StackError
from shopsite.stack.children import stop_all

ROOT = Path(__file__).resolve().parents[2]
WORKERS = ("vision", "training")
MAX_RESTARTS = 3
RESTART_WINDOW_SECONDS = 60.0


class Crew:
    """Web server, workers and clock.

    Args:
        folder: where logs and records are kept.
        port: the web server's.
        environment: what the shop's settings read.
    """

    def __init__(self, folder: Path, port: int, environment: Mapping[str, str]) -> None:
        celery = [sys.executable, "-m", "celery", "-A", "shopsite", "--quiet"]
        worker = [*celery, "worker", "--loglevel=INFO", "--without-gossip", "--without-mingle"]
        web = ["gunicorn", "shopsite.wsgi", f"--config={ROOT / 'gunicorn.conf.py'}", f"--bind=127.0.0.1:{port}"]
        commands = {
            "web": [sys.executable, "-m", *web, "--workers=2", "--graceful-timeout=5"],
            "vision": [*worker, "--queues=vision", f"--concurrency={_vision_processes()}", "--hostname=vision@%h"],
            "training": [*worker, "--queues=training,default", "--concurrency=1", "--hostname=training@%h"],
            "beat": [*celery, "beat", "--loglevel=WARNING", "--pidfile="],
        }
        self._children = [
            Child(
                name,
                command,
                folder,
                environment=environment,
                # A worker that is asked to quit gives its task back instead of finishing it: a training takes minutes.
                # An orphan would wait for a broker that is gone too; the broker keeps what a killed worker held.
                stop_signal=signal.SIGQUIT if name in WORKERS else signal.SIGTERM,
                orphan_signal=signal.SIGKILL,
            )
            for name, command in commands.items()
        ]
        self._restarts: dict[str, deque[float]] = {child.name: deque(maxlen=MAX_RESTARTS) for child in self._children}

    def start(self) -> None:
        """Start everyone."""
        for child in self._children:
            child.start()

    def stop(self) -> None:
        """Stop everyone; a worker finishes or gives back what it holds."""
        stop_all(self._children)

    def check(self) -> list[str]:
        """Start again who died, and return their names.

        Raises:
            StackError: when one dies again and again.
        """
        dead = [child for child in self._children if not child.is_running()]
        for child in dead:
            restarts = self._restarts[child.name]
            now = time.monotonic()
            if len(restarts) == MAX_RESTARTS and now - restarts[0] < RESTART_WINDOW_SECONDS:
                raise StackError(f"{child.name} does not stay up. The end of {child.log}:\n{child.last_words(20)}")
            restarts.append(now)
            child.start()
        return [child.name for child in dead]


def _vision_processes() -> int:
    """One core is left to the pages."""
    return max(1, min(4, (os.cpu_count() or 1) - 1))
