"""What the demo says while it works: bars with counts and remaining time on a terminal, plain lines elsewhere."""

import time
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

PLAIN_SECONDS = 5.0


class Bars:
    """One line a step. On a terminal the lines are redrawn; elsewhere each change is told every few seconds."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._tasks: dict[str, TaskID] = {}
        self._told: dict[str, float] = {}
        self._progress = Progress(
            TextColumn("{task.description:<42}"),
            BarColumn(bar_width=28),
            MofNCompleteColumn(),
            TimeRemainingColumn(compact=True, elapsed_when_finished=True),
            console=console,
            disable=not console.is_terminal,
        )

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._progress.stop()

    def say(self, text: str) -> None:
        """Print a line above the bars."""
        self.console.print(text, highlight=False, soft_wrap=True)

    def show(self, step: str, done: int, total: int | None) -> None:
        """Tell how far a step is; `total` is None while unknown."""
        if step not in self._tasks:
            self._tasks[step] = self._progress.add_task(step, total=total)
        self._progress.update(self._tasks[step], completed=done, total=total)
        finished = total is not None and done >= total
        now = time.monotonic()
        if self.console.is_terminal or (not finished and now - self._told.get(step, 0.0) < PLAIN_SECONDS):
            return
        if self._told.get(step) != float("inf"):
            self.say(f"{step}: {done} of {total if total is not None else '?'}")
        self._told[step] = float("inf") if finished else now
