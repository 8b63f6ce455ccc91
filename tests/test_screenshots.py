"""The pictures of the documentation are small, and each is shown."""

from pathlib import Path

from docs.screenshots import FOLDER, MAX_BYTES

ROOT = Path(__file__).resolve().parent.parent


def test_pictures_are_small():
    sizes = {path.name: path.stat().st_size for path in FOLDER.iterdir()}
    assert {name: size for name, size in sizes.items() if size > MAX_BYTES} == {}
    assert sum(sizes.values()) < 4_500_000


def test_the_tour_shows_every_picture():
    tour = (ROOT / "docs" / "explanation" / "tour.md").read_text(encoding="utf-8")
    assert [path.name for path in sorted(FOLDER.iterdir()) if f"../screenshots/{path.name})" not in tour] == []
