"""Files damaged at random: each is read or refused, and nothing else ever comes out."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from recommender.imaging.refusals import Refusal
from tests.imaging import damage

ROOT = Path(__file__).resolve().parents[2]
FILES = 135
MEGABYTES = 200


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", damage.KINDS)
def test_damaged_files_are_read_or_refused(kind):
    outcomes = {damage.outcome(data, max_pixels=1_000_000) for data in damage.files(kind, FILES)}
    assert outcomes <= {"read", *map(str, Refusal)}
    assert {"read", str(Refusal.UNREADABLE)} <= outcomes


@pytest.mark.faults
def test_20_000_damaged_files_are_read_or_refused_in_bounded_memory(capsys):
    done = subprocess.run(
        [sys.executable, "-m", "tests.imaging.damage", "20000"],
        cwd=ROOT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"},
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["files"] >= 20_000
    assert set(found["outcomes"]) <= {"read", *map(str, Refusal)}
    assert found["grown"] < MEGABYTES
    with capsys.disabled():
        sys.stdout.write(f"\n  {found['files']:,} damaged files: {found['outcomes']}, {found['grown']:.0f} MB more\n")
