"""What a benchmark says: rows of ours against a floor or peer, with medians, ratios and their spread."""

from __future__ import annotations

import json
import os
import platform
import statistics
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, TextIO


@dataclass(frozen=True)
class Row:
    """One comparison.

    Attributes:
        what: what was measured.
        n: the size it was measured at.
        ours: our median.
        floor: the floor's or peer's median, in the same run; None where there is nothing to compare with.
        unit: of both.
        ratio: the median over rounds of ours / floor.
        spread: the lowest and highest ratio of a round.
    """

    what: str
    n: int
    ours: float
    floor: float | None
    unit: str
    ratio: float | None
    spread: tuple[float, float] | None


@dataclass(frozen=True)
class Report:
    """A benchmark's result."""

    rows: list[Row]
    machine: dict[str, Any] = field(default_factory=lambda: machine())


def machine() -> dict[str, Any]:
    """What it ran on."""
    model = next(
        (line.split(":", 1)[1].strip() for line in _lines("/proc/cpuinfo") if line.startswith("model name")),
        platform.processor(),
    )
    memory = next((int(line.split()[1]) for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), 0)
    return {
        "cpu": model,
        "cores": os.cpu_count(),
        "memory_gb": round(memory / 1024**2),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()}",
    }


def compare(what: str, n: int, ours: Callable[[], float], floor: Callable[[], float], *, rounds: int, unit: str) -> Row:
    """Both in turn, ours and floor swapping who goes first, each returning its figure for one round."""
    pairs = []
    for round_ in range(rounds):
        if round_ % 2:
            theirs = floor()
            pairs.append((ours(), theirs))
        else:
            mine = ours()
            pairs.append((mine, floor()))
    ratios = [mine / theirs for mine, theirs in pairs]
    return Row(
        what,
        n,
        statistics.median(mine for mine, _ in pairs),
        statistics.median(theirs for _, theirs in pairs),
        unit,
        statistics.median(ratios),
        (min(ratios), max(ratios)),
    )


def milliseconds(call: Callable[[int], object], times: int) -> Callable[[], float]:
    """A figure for `compare`: the median time of `times` calls, in ms; each call is told its number."""
    counter = iter(range(10**9))

    def measure() -> float:
        taken = []
        for _ in range(times):
            number = next(counter)
            started = time.perf_counter()
            call(number)
            taken.append(time.perf_counter() - started)
        return 1000 * statistics.median(taken)

    return measure


def write_table(report: Report, out: TextIO) -> None:
    """The rows as a Markdown table, after a line about the machine."""
    about = report.machine
    size = f"{about['cores']} cores, {about['memory_gb']} GB"
    out.write(f"{about['cpu']}, {size}, Python {about['python']}, {about['system']}\n\n")
    out.write("| what | n | ours | floor or peer | unit | ratio | spread |\n|---|--:|--:|--:|---|--:|---|\n")
    for row in report.rows:
        floor = "" if row.floor is None else f"{row.floor:.4g}"
        ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
        spread = "" if row.spread is None else f"{row.spread[0]:.2f}-{row.spread[1]:.2f}"
        out.write(f"| {row.what} | {row.n:,} | {row.ours:.4g} | {floor} | {row.unit} | {ratio} | {spread} |\n")


def write_json(report: Any, path: Path) -> None:
    """The report, a dataclass, as JSON."""
    path.write_text(json.dumps(asdict(report), indent=2) + "\n")


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text().splitlines()
    except OSError:
        return []
