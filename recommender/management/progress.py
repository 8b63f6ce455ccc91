"""How far a command is, on stderr: bars on a terminal, a line every few seconds elsewhere."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Any, Self, TextIO

_LINE_SECONDS = 5.0


class ProgressDisplay:
    """Shows steps and counts; use as a context manager.

    `say` begins a step, `progress` moves its bar. Without a terminal, or without rich, both print plain lines.
    """

    def __init__(self, stream: TextIO, *, shown: bool = True) -> None:
        self._stream = stream
        self._shown = shown
        self._bars = _bars(stream) if shown and stream.isatty() else None
        self._task: Any = None
        self._title = ""
        self._began = 0.0
        self._printed = 0.0

    def __enter__(self) -> Self:
        if self._bars is not None:
            self._bars.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._bars is not None:
            self._bars.stop()

    def say(self, title: str) -> None:
        """Begin a step."""
        self._title, self._began, self._printed = title, time.monotonic(), time.monotonic()
        if self._bars is not None:
            self._task = self._bars.add_task(title, total=None)
        elif self._shown:
            self._print(title)

    def progress(self, done: int, total: int) -> None:
        """Move on to `done` of `total`; a total of 0 means that nobody knows it."""
        if self._bars is not None:
            if self._task is None:
                self.say("Working")
            self._bars.update(self._task, completed=done, total=total or None)
        elif self._shown and self._title and (time.monotonic() - self._printed >= _LINE_SECONDS or done == total):
            self._printed = time.monotonic()
            self._print(f"{self._title}: {self._line(done, total)}")

    def note(self, text: str) -> None:
        """Print a line above the bars."""
        if self._bars is not None:
            self._bars.console.print(text, markup=False, highlight=False)
        elif self._shown:
            self._print(text)

    def _line(self, done: int, total: int) -> str:
        if not total:
            return f"{done:,}"
        if not done or done >= total:
            return f"{done:,} of {total:,}"
        elapsed = max(time.monotonic() - self._began, 1e-6)
        left = elapsed * (total - done) / done
        return f"{done:,} of {total:,} ({100 * done // total} %), {rate(done / elapsed)}, about {duration(left)} left"

    def _print(self, text: str) -> None:
        self._stream.write(f"{text}\n")
        self._stream.flush()


def duration(seconds: float) -> str:
    """34 s, 2 min 5 s, 1 h 3 min."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def rate(per_second: float) -> str:
    """72 a second, 3.4 a second, 12 a minute."""
    if per_second >= 10:
        return f"{per_second:,.0f} a second"
    return f"{per_second:.1f} a second" if per_second >= 1 else f"{60 * per_second:.0f} a minute"


def _bars(stream: TextIO) -> Any:
    """rich's bars, or None where rich is not installed."""
    try:
        from rich import progress as rich_progress  # optional, and only commands use it
        from rich.console import Console
        from rich.text import Text
    except ImportError:
        return None

    class RateColumn(rich_progress.ProgressColumn):
        def render(self, task: rich_progress.Task) -> Text:
            speed = task.finished_speed or task.speed
            return Text("" if speed is None else rate(speed), style="progress.data.speed")

    return rich_progress.Progress(
        rich_progress.TextColumn("{task.description}", markup=False),
        rich_progress.BarColumn(),
        rich_progress.MofNCompleteColumn(),
        RateColumn(),
        rich_progress.TimeElapsedColumn(),
        rich_progress.TimeRemainingColumn(),
        console=Console(file=stream),
    )
