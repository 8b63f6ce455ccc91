"""`python -m shopsite.demo.draw FOLDER` draws the demo range and tells its progress, one line a change, on stdout."""

import sys
from datetime import date
from pathlib import Path

from catalog.demo import build

LABELS = {"pictures": "Drawing phones", "history": "Imagining shoppers"}


def tell(step: str, done: int, total: int) -> None:
    """One line: what, how far, of how much, separated by tabs."""
    print(LABELS.get(step, step), done, total, sep="\t", flush=True)  # noqa: T201 - read by the demo


if __name__ == "__main__":
    build(Path(sys.argv[1]), end=date.today(), progress=tell)
