"""What must be there before the first page: tables, compiled static files, and a web server that answers.

Django must be set up before `prepare` is called.
"""

import http.client
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management import CommandError, call_command
from django.db import DatabaseError
from django.utils import timezone

from shopsite.stack import StackError

BASE = Path(__file__).resolve().parent.parent.parent
ANSWER_SECONDS = 90.0


def prepare(folder: Path) -> None:
    """Bring tables and static files up to date.

    Raises:
        StackError: naming the command that failed.
    """
    _manage("migrate")
    stamp = folder / "static.stamp"
    if not stamp.exists() or stamp.stat().st_mtime < _newest_static_file():
        _manage("collectstatic", clear=True)
        stamp.touch()


def bury_jobs() -> None:
    """Close the jobs of an earlier run: its processes are gone, and nobody else works on this database."""
    from recommender.models import Job  # models exist only once Django is set up

    Job.objects.filter(state=Job.State.RUNNING).update(
        state=Job.State.FAILED, finished_at=timezone.now(), message="The demo was stopped meanwhile."
    )


def await_answer(port: int, idle: Callable[[], None]) -> None:
    """Wait for the first page.

    Raises:
        StackError: when the server stays silent or its first page fails.
    """
    deadline = time.monotonic() + ANSWER_SECONDS
    problem = "it does not answer"
    while time.monotonic() < deadline:
        idle()
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        try:
            connection.request("GET", "/")
            status = connection.getresponse().status
            if status < 500:
                return
            problem = f"its first page fails with {status}"
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()
        time.sleep(0.2)
    raise StackError(f"The web server runs, but {problem}. Look at logs/web.log in the demo's folder.")


def _manage(name: str, **options: Any) -> None:
    try:
        call_command(name, interactive=False, verbosity=0, **options)
    except (CommandError, DatabaseError, OSError) as error:
        raise StackError(f"`manage.py {name}` failed: {error}") from error


def _newest_static_file() -> float:
    """When the project's own static files or the pinned packages changed last."""
    folders = [BASE / "catalog" / "static", BASE / "recommender" / "static"]
    files = [BASE / "requirements.txt", *(path for folder in folders for path in folder.rglob("*"))]
    return max(path.stat().st_mtime for path in files)
