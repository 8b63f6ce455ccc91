"""docs/explanation/reliability.md names tests that exist and run where it says."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "explanation" / "reliability.md").read_text(encoding="utf-8")


def test_every_test_on_the_page_exists():
    tests = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)
    assert len(tests) > 25
    for file, name in tests:
        assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8"), (file, name)


def test_every_promise_has_a_test():
    promises = PAGE.partition("## Kept")[2].partition("\n## ")[0]
    rows = [
        line for line in promises.splitlines() if line.startswith("| ") and not line.startswith(("| promise", "| ---"))
    ]
    assert len(rows) > 15
    assert [row for row in rows if "`tests/" not in row] == []
