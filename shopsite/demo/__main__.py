"""Starts the demo, keeps it running, and ends it on Ctrl-C without leaving anything behind."""

import os
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import FrameType

from rich.console import Console

from shopsite.demo.crew import Crew
from shopsite.demo.lock import FolderLock, check_port
from shopsite.demo.progress import Bars
from shopsite.stack import Services, StackError

FOLDER = Path(os.environ.get("DEMO_DIR") or Path(__file__).resolve().parents[2] / ".demo").resolve()
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Asked(BaseException):
    """Someone asked us to stop."""


def main() -> int:
    """Run until asked to stop; return the exit status."""
    console = Console()
    for number in SIGNALS:
        signal.signal(number, _stop)
    try:
        port = _port()
        with FolderLock(FOLDER):
            check_port(port)
            Demo(FOLDER, port, console).run()
    except StackError as error:
        console.print(f"[red]{error}[/red]" if console.is_terminal else str(error), highlight=False, soft_wrap=True)
        return 1
    except Asked:
        console.print(f"Stopped. The data stays in {FOLDER.name}; `make demo` goes on from here.", highlight=False)
    return 0


class Demo:
    """The demo over one folder and port."""

    def __init__(self, folder: Path, port: int, console: Console) -> None:
        self._folder = folder
        self._port = port
        self._bars = Bars(console)
        self._services = Services(folder)
        self._given = dict(self._services.environment)
        self._crew: Crew | None = None

    def run(self) -> None:
        """Start everything, fill the shop, and look after it until a signal ends it."""
        begun = time.monotonic()
        say = self._bars.say
        with self._services:
            environment = {**self._services.environment, "DATA_DIR": str(self._folder), "LOG_LEVEL": "INFO"}
            say("The database and the broker run.")
            _set_up_django(environment)
            from shopsite.demo.site import await_answer, bury_jobs, prepare  # these need Django
            from shopsite.demo.steps import Steps

            prepare(self._folder)
            if "DATABASE_URL" not in self._given:
                bury_jobs()
            self._crew = Crew(self._folder, self._port, environment)
            try:
                self._crew.start()
                await_answer(self._port, self._look_after)
                say(f"The shop is open after {time.monotonic() - begun:.0f} s: http://localhost:{self._port}/")
                with self._bars:
                    Steps(self._folder, environment, self._bars, self._look_after).run()
                say(f"All is ready after {time.monotonic() - begun:.0f} s.")
                say(_guide(self._port))
                while True:
                    self._look_after()
                    time.sleep(1)
            finally:
                _ignore_signals()
                self._crew.stop()

    def _look_after(self) -> None:
        """Restart who died.

        Raises:
            StackError: when the database or the broker is gone, or someone does not stay up.
        """
        for child in self._services.children():
            if not child.is_running():
                raise StackError(f"{child.name} has ended. The end of {child.log}:\n{child.last_words(20)}")
        for name in self._crew.check() if self._crew else []:
            self._bars.say(f"{name} had ended and was started again.")


def _set_up_django(environment: Mapping[str, str]) -> None:
    """Let this process read the shop's tables. Its own log lines would tear the progress bars apart."""
    os.environ |= {**environment, "DJANGO_SETTINGS_MODULE": "shopsite.settings", "LOG_LEVEL": "ERROR"}
    import django

    django.setup()


def _guide(port: int) -> str:
    site = f"http://localhost:{port}"
    return "\n".join(
        [
            "",
            f"  The shop    {site}/             sign in as demo, password demo",
            f"  Its admin   {site}/admin/       sign in as admin, password demo",
            f"  Its API     {site}/api/docs/",
            "",
            f"  Ctrl-C stops everything and keeps the data; to start over, remove the folder {FOLDER}.",
        ]
    )


def _port() -> int:
    value = os.environ.get("PORT", "8000")
    if not value.isdecimal() or not 0 < int(value) < 65536:
        raise StackError(f"PORT is {value!r}; give a number from 1 to 65535, for example: make demo PORT=8001")
    return int(value)


def _stop(number: int, frame: FrameType | None) -> None:
    _ignore_signals()  # a second Ctrl-C must not interrupt the stopping, which leaves nothing behind
    raise Asked


def _ignore_signals() -> None:
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


if __name__ == "__main__":
    sys.exit(main())
