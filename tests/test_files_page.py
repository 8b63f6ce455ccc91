"""docs/explanation/files.md: its limits are those in force, and each requirement names tests that exist."""

import re
from pathlib import Path

from django.conf import settings as django_settings

from catalog.admin.exchange import MAX_ROWS
from catalog.admin.pictures import MAX_PICTURES
from recommender.api.throttles import RATES
from recommender.conf import Settings
from recommender.imaging.guard import EXTENSIONS
from shopsite import settings as shop_settings

ROOT = Path(__file__).resolve().parent.parent
PAGE = (ROOT / "docs" / "explanation" / "files.md").read_text(encoding="utf-8")


def test_the_limits_on_the_page_are_those_in_force():
    pictures = next(line for line in PAGE.splitlines() if line.startswith("| pictures in the product form"))
    photos = next(line for line in PAGE.splitlines() if line.startswith("| search by photo"))
    products = next(line for line in PAGE.splitlines() if line.startswith("| import of products"))
    for line in (pictures, photos):
        assert f"{Settings().IMAGE_MAX_BYTES >> 20} MiB, {Settings().IMAGE_MAX_PIXELS // 10**6} million pixels" in line
    assert " ".join(sorted(EXTENSIONS)) == " ".join(sorted(re.findall(r"\.[a-z]+", pictures.split("|")[3])))
    assert f"{MAX_PICTURES} a product" in pictures
    assert (
        f"{django_settings.DATA_UPLOAD_MAX_NUMBER_FILES} files and {django_settings.UPLOAD_MAX_BYTES >> 20} MiB"
        in pictures
    )
    assert RATES["photos"] == shop_settings.LIMITS["photo address"] == "60/min"
    assert "60 a minute" in photos
    assert f"{MAX_ROWS:,} rows" in products


def test_each_of_the_thirteen_requirements_names_tests_that_exist():
    rows = re.findall(r"^\| (5\.\d\.\d) \|(.*)\|$", PAGE, re.MULTILINE)
    assert [number for number, _ in rows] == [
        *("5.1.1", "5.2.1", "5.2.2", "5.2.3", "5.2.4", "5.2.5", "5.2.6"),
        *("5.3.1", "5.3.2", "5.3.3", "5.4.1", "5.4.2", "5.4.3"),
    ]
    for number, row in rows:
        tests = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", row)
        assert tests, number
        for file, name in tests:
            assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8"), (number, name)
