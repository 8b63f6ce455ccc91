"""Building the demo range: a data set folder of invented phones, their pictures and a year of shopping."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import date
from functools import partial
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Any

from catalog.demo.catalogue import records
from catalog.demo.drawing.studio import SIZE
from catalog.demo.drawing.views import VIEWS, View
from catalog.demo.families import FAMILIES, Family, small_range
from catalog.demo.picturing import shoot, sittings
from catalog.demo.shoppers import history
from catalog.demo.variants import variants
from recommender.datasets.writer import write_interactions, write_products
from recommender.sources import InteractionRecord

Progress = Callable[[str, int, int], None]
"""progress(step, done, total)."""

MANIFEST = "range.json"
HERE = Path(__file__).parent


@dataclass(frozen=True)
class Plan:
    """How large a range is.

    Attributes:
        families: in catalogue order.
        views: of every colour, the main picture first.
        shoppers: people in the history.
        pixels: side of a picture.
    """

    families: tuple[Family, ...]
    views: tuple[View, ...]
    shoppers: int
    pixels: int = SIZE


PLANS: dict[str, Plan] = {
    "full": Plan(FAMILIES, VIEWS, 2400),
    "small": Plan(small_range(), ("front", "back"), 500),
}


@dataclass(frozen=True)
class Summary:
    """What a folder holds.

    Attributes:
        drawn: pictures drawn by this call; the others were there.
        is_cached: whether the folder was complete before, so that nothing was written.
        seconds: how long this call took.
    """

    size: str
    seed: int
    end: str
    families: int
    products: int
    pictures: int
    shoppers: int
    interactions: int
    purchases: int
    drawn: int = 0
    is_cached: bool = False
    seconds: float = 0.0


def build(
    folder: Path, *, end: date, size: str = "full", seed: int = 0, force: bool = False, progress: Progress | None = None
) -> Summary:
    """Make the folder hold the demo range of this size and seed whose history ends before the day `end`.

    A complete folder of the same code, size, seed and end is left alone. Otherwise the tables are written anew, and
    pictures are drawn unless they were drawn by the same code and seed: an interrupted build goes on where it stopped.
    Equal arguments give equal files.

    Args:
        folder: where to; made if missing.
        end: the first day after the history.
        size: a key of `PLANS`: "full" or "small".
        seed: another seed gives another history and other wallpapers.
        force: draw every picture again.
        progress: called with a step ("pictures", "history"), how much is done, and of how much.

    Raises:
        FileExistsError: when the folder holds something that is no demo range.
    """
    begun, plan, show = perf_counter(), PLANS[size], progress or _silence
    keys = _keys(plan, seed, end)
    found = _read(folder)
    if found is None and folder.exists() and any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty and holds no demo range. Choose another folder.")
    if found and not force and found.get("tables") == keys["tables"]:
        return replace(Summary(**found["summary"]), is_cached=True, seconds=perf_counter() - begun)
    if found and (force or found.get("pictures") != keys["pictures"]):
        shutil.rmtree(folder / "images", ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    # While the tables are missing or old, the manifest only vouches for the pictures.
    _write(folder, {"pictures": keys["pictures"]})
    work = sittings(plan.families, plan.views)
    drawn = shoot(folder, work, seed, plan.pixels, partial(show, "pictures"))
    products, events = _write_tables(folder, plan, seed, end, show)
    summary = Summary(
        size=size,
        seed=seed,
        end=end.isoformat(),
        families=len(plan.families),
        products=products,
        pictures=sum(len(sitting.views) for sitting in work),
        shoppers=plan.shoppers,
        interactions=len(events),
        purchases=sum(event.kind == "purchase" for event in events),
    )
    _write(folder, {**keys, "summary": asdict(summary)})
    return replace(summary, drawn=drawn, seconds=perf_counter() - begun)


def _write_tables(
    folder: Path, plan: Plan, seed: int, end: date, show: Progress
) -> tuple[int, list[InteractionRecord]]:
    phones = variants(plan.families)
    products = write_products(folder, records(folder, phones, plan.views, end))
    show("history", 0, 1)
    events = history(phones, shoppers=plan.shoppers, seed=seed, end=end)
    write_interactions(folder, events)
    show("history", 1, 1)
    return products, events


def _keys(plan: Plan, seed: int, end: date) -> dict[str, str]:
    """What pictures and tables depend on: code, libraries that make pixels, and arguments."""
    drawing = [HERE / f"{name}.py" for name in ("look", "brands", "families", "designing", "picturing")]
    drawing += sorted((HERE / "drawing").glob("*.py"))
    libraries = [f"{name} {version(name)}" for name in ("pillow", "resvg-py")]
    names = [family.title for family in plan.families]
    pictures = _digest(drawing, [*libraries, str(seed), str(plan.pixels), *plan.views, *names])
    tables = _digest(sorted(HERE.glob("*.py")), [pictures, end.isoformat(), str(plan.shoppers)])
    return {"pictures": pictures, "tables": tables}


def _digest(files: list[Path], words: list[str]) -> str:
    digest = hashlib.sha256("\0".join(words).encode())
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:20]


def _silence(step: str, done: int, total: int) -> None:
    """Progress that nobody watches."""


def _read(folder: Path) -> dict[str, Any] | None:
    try:
        found = json.loads((folder / MANIFEST).read_text())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _write(folder: Path, content: dict[str, object]) -> None:
    draft = folder / f"{MANIFEST}.part"
    draft.write_text(json.dumps(content, indent=1))
    draft.replace(folder / MANIFEST)
