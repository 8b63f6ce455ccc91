"""Drawing the range's pictures in parallel, each into its file; files that are there already are kept."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

from catalog.demo.designing import look
from catalog.demo.drawing.studio import develop, photograph
from catalog.demo.drawing.views import View
from catalog.demo.families import Family
from catalog.demo.variants import picture_path

MOST_PROCESSES = 8
SITTINGS_A_PROCESS = 3
"""Below this, starting a process takes longer than drawing."""


class Sitting(NamedTuple):
    """One colour of a family before the camera, and the files its views go to."""

    family: Family
    colour: str
    views: tuple[View, ...]


def sittings(families: Iterable[Family], views: Sequence[View]) -> list[Sitting]:
    """All pictures of a range, a sitting for each family and colour."""
    return [Sitting(family, colour, tuple(views)) for family in families for colour in family.colours]


def shoot(folder: Path, work: Sequence[Sitting], seed: int, pixels: int, progress: Callable[[int, int], None]) -> int:
    """Draw what is missing in the folder; return how many pictures were drawn.

    Calls `progress(done, total)` as pictures appear. Each process draws one sitting at a time.
    """
    total = sum(len(sitting.views) for sitting in work)
    missing = [lacking for sitting in work if (lacking := _missing(folder, sitting)).views]
    wanted = sum(len(sitting.views) for sitting in missing)
    done = total - wanted
    progress(done, total)
    processes = min(MOST_PROCESSES, len(missing) // SITTINGS_A_PROCESS, os.cpu_count() or 1)
    if processes <= 1:
        for sitting in missing:
            done += draw(folder, sitting, seed, pixels)
            progress(done, total)
        return wanted
    # Not fork: a parent with threads (a database driver, a progress bar) could deadlock its children.
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        try:
            for drawn in as_completed([pool.submit(draw, folder, sitting, seed, pixels) for sitting in missing]):
                done += drawn.result()
                progress(done, total)
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return wanted


def draw(folder: Path, sitting: Sitting, seed: int, pixels: int) -> int:
    """Draw the views of one sitting and return how many."""
    design = look(sitting.family, sitting.colour)
    design = replace(design, seed=crc32(f"{seed}:{sitting.family.title}".encode()))
    for view in sitting.views:
        file = folder / picture_path(sitting.family, sitting.colour, view)
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_suffix(".part")
        draft.write_bytes(develop(photograph(design, view, pixels)))
        draft.replace(file)
    return len(sitting.views)


def _missing(folder: Path, sitting: Sitting) -> Sitting:
    views = tuple(
        view for view in sitting.views if not (folder / picture_path(sitting.family, sitting.colour, view)).exists()
    )
    return sitting._replace(views=views)
