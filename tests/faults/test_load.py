"""Half of the peak for minutes, with trainings beside it: no fault, nothing lost.

Times and the slope of memory are printed, never asserted; that a process takes no memory for good is proved by
`tests/test_web_process.py`.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.faults.sizes import sizes

ROOT = Path(__file__).resolve().parents[2]
OF_THEIR_OWN = ("DATABASE_URL", "REDIS_URL", "DATA_DIR", "DJANGO_SETTINGS_MODULE")


@pytest.mark.parametrize("arguments", sizes(("--quick",), ("--seconds", "300")))
def test_at_half_of_the_peak_nothing_fails_and_nothing_is_lost(arguments, tmp_path, tell):
    environment = {name: value for name, value in os.environ.items() if name not in OF_THEIR_OWN}
    command = [sys.executable, "-m", "benchmarks", "soak", *arguments]
    done = subprocess.run(
        [*command, "--json", str(tmp_path / "soak.json")],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    found = {row["what"]: row["ours"] for row in json.loads((tmp_path / "soak.json").read_text())["rows"]}
    tell(done.stdout.replace("\n", "\n  "))
    for when in ("at the peak", "at half of it"):
        assert found[f"{when}: faults of the server"] == 0
    assert found["at half of it: sent away with 503"] == 0
    assert found["at half of it: refused"] == 0
    assert found["events lost, at all loads"] == 0
    assert found["trainings beside it"] >= 1
