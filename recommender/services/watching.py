"""Who is told how something long goes on."""

from __future__ import annotations

from typing import Protocol


class Watcher(Protocol):
    """Is told how an evaluation or a selection goes on."""

    def stage(self, name: str, done: float, total: float) -> None:
        """A stage has come so far; one with done >= total is over."""

    def note(self, text: str) -> None:
        """Something worth a line."""


class Nobody:
    """Does not listen."""

    def stage(self, name: str, done: float, total: float) -> None:
        """See `Watcher`."""

    def note(self, text: str) -> None:
        """See `Watcher`."""
