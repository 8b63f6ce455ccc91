"""`python -m shopsite.demo.draw FOLDER` draws the demo range and tells its progress, one line a change, on stdout."""

import os
import sys
from datetime import date
from pathlib import Path

from catalog.demo import build
from catalog.demo.building import PLANS

LABELS = {"pictures": "Drawing phones", "history": "Imagining shoppers"}


def tell(step: str, done: int, total: int) -> None:
    """One line: what, how far, of how much, separated by tabs."""
    print(LABELS.get(step, step), done, total, sep="\t", flush=True)  # noqa: T201 - read by the demo


def _size(name: str) -> str:
    if name not in PLANS:
        sys.exit(f"DEMO_SIZE is {name!r}; use {' or '.join(PLANS)}.")
    return name


if __name__ == "__main__":
    build(Path(sys.argv[1]), end=date.today(), size=_size(os.environ.get("DEMO_SIZE", "full")), progress=tell)
