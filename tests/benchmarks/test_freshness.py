"""The benchmark of new products in its quick form, on services and with a worker of its own; times are not asserted."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
OF_THEIR_OWN = ("DATABASE_URL", "REDIS_URL", "DATA_DIR", "DJANGO_SETTINGS_MODULE")


@pytest.mark.realservices
def test_new_products_come_into_shelves_and_are_found_by_their_photos(tmp_path):
    environment = {name: value for name, value in os.environ.items() if name not in OF_THEIR_OWN}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "freshness", "--quick", "--json", str(tmp_path / "report.json")],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    rows = json.loads((tmp_path / "report.json").read_text())["rows"]
    assert [row["what"] for row in rows] == [
        "from the save until in another product's shelf, median of 2",
        "from the save until in another product's shelf, slowest",
        "from the save until found by its photo, median of 2",
        "from the save until found by its photo, slowest",
    ]
    assert all(row["n"] == 300 and row["ours"] > 0 for row in rows)
