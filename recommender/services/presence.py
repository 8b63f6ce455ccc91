"""Whether the process that began something is still there: a killed one cannot say goodbye.

A process is named by the machine's boot, its process id namespace, its number and its start time. Whoever shares boot
and namespace can see it. Everybody else, another host or container, has to go by its signs of life.
"""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

_BOOT = Path("/proc/sys/kernel/random/boot_id")


def this_process() -> str:
    """A name for this process; empty where the system does not tell (it has no /proc)."""
    place = _place()
    started = _started(os.getpid())
    return f"{place} {os.getpid()} {started}" if place and started else ""


def is_gone(name: str) -> bool:
    """Whether the process of that name has certainly ended; False where that cannot be known."""
    place, _, rest = name.partition(" ")
    number, _, started = rest.partition(" ")
    return bool(started) and place == _place() and _started(int(number)) != started


@lru_cache(maxsize=1)
def _place() -> str:
    try:
        namespace = str(Path("/proc/self/ns/pid").readlink()).strip("pid:[]")
        return f"{_BOOT.read_text(encoding='ascii').strip()[:18]}/{namespace}"
    except OSError:
        return ""


def _started(number: int) -> str:
    """When the process began, in clock ticks since the boot; empty when there is none, or only its remains."""
    try:
        # The program's name, in brackets, may hold anything, brackets too; what follows is numbers.
        fields = Path(f"/proc/{number}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in "ZX" else fields[19]
