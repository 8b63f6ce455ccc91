"""What must be there before the first page: tables, compiled static files, and a web server that answers."""

import http.client
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from shopsite.stack import StackError

BASE = Path(__file__).resolve().parent.parent.parent
ANSWER_SECONDS = 90.0


def prepare(folder: Path, environment: Mapping[str, str]) -> None:
    """Bring tables and static files up to date.

    Raises:
        StackError: with the end of the command's output.
    """
    _manage("migrate", "--noinput", environment=environment)
    stamp = folder / "static.stamp"
    if not stamp.exists() or stamp.stat().st_mtime < _newest_static_file():
        _manage("collectstatic", "--noinput", "--clear", environment=environment)
        stamp.touch()


def await_answer(port: int, idle: Callable[[], None]) -> None:
    """Wait for the first page.

    Raises:
        StackError: when the server stays silent.
    """
    deadline = time.monotonic() + ANSWER_SECONDS
    while time.monotonic() < deadline:
        idle()
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.request("GET", "/")
            if connection.getresponse().status < 500:
                return
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()
        time.sleep(0.2)
    raise StackError("The web server does not answer. Its log is web.log in the demo's logs folder.")


def _manage(*arguments: str, environment: Mapping[str, str]) -> None:
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "manage.py", *arguments, "-v", "0"],
        cwd=BASE,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        end = "\n".join(done.stderr.splitlines()[-12:])
        raise StackError(f"`manage.py {arguments[0]}` failed:\n{end}")


def _newest_static_file() -> float:
    """When the project's own static files or the installed packages changed last."""
    folders = [BASE / "catalog" / "static", BASE / "recommender" / "static", BASE / "requirements.txt"]
    files = [path for folder in folders for path in (folder.rglob("*") if folder.is_dir() else [folder])]
    return max((path.stat().st_mtime for path in files), default=0.0)
