"""Thousands of hostile files through every image door of the running shop: taken or refused, in bounded memory."""

import os
from pathlib import Path

import pytest

from benchmarks import foreign_files
from recommender.conf import settings
from tests.faults import live
from tests.faults.sizes import sizes
from tests.hostile.test_files import NO_PICTURES
from tests.imaging import damage, pictures

pytestmark = pytest.mark.django_db(transaction=True)

MEGABYTES_EACH = 200
TAKEN_OR_REFUSED = {200, 302, 400, 413, 415, 422, 429}


def made_up(n):
    """n damaged pictures, bombs, animations, and what is none at all: (name, content)."""
    yield from ((f"{name}.png", content) for name, content in NO_PICTURES.items())
    yield "bomb.png", pictures.png_bomb(60_000, 60_000)
    yield "bomb.webp", pictures.webp_bomb(16_000, 16_000)
    yield "scans.jpg", pictures.jpeg_of_many_scans(200)
    yield from ((f"animated.{kind.lower()}", pictures.animated(kind)) for kind in ("PNG", "WEBP"))
    for kind in damage.KINDS:
        suffix = {"JPEG": "jpg"}.get(kind, kind.lower())
        yield from ((f"{number}.{suffix}", data) for number, data in enumerate(damage.files(kind, n // 3)))


def collected():
    """Other people's hostile files and photos."""
    folder = Path(os.environ["RECOMMENDER_DATA_DIR"])
    for name in ("hostile-images", "exif-photos"):
        for path in sorted((folder / name).rglob("*")):
            if path.is_file():
                yield path.name, path.read_bytes()


def assert_taken_or_refused(shop, keys, files, tell):
    places = live.places(shop.port, keys)
    before = foreign_files.peak_megabytes(shop.web.pid)
    sent = foreign_files.send(shop.port, places.manager, places.family, files)
    grown = foreign_files.peak_megabytes(shop.web.pid) - before
    assert sent.faults == [], shop.last_words()
    assert {status for _, status in sent.statuses} <= TAKEN_OR_REFUSED
    assert {door for door, _ in sent.statuses} == set(foreign_files.DOORS)
    assert grown < MEGABYTES_EACH * max(foreign_files.AT_ONCE, settings.PHOTO_CONCURRENCY)
    tell(f"files through {len(foreign_files.DOORS)} doors: {dict(sent.statuses)}, {grown:.0f} MB more")


@pytest.mark.parametrize("n", sizes(60, 2000))
def test_damaged_and_hostile_files_are_taken_or_refused(shop, keys, n, tell):
    assert_taken_or_refused(shop, keys, made_up(n), tell)


@pytest.mark.data
@pytest.mark.realservices
def test_other_peoples_files_are_taken_or_refused(shop, keys, tell):
    assert_taken_or_refused(shop, keys, collected(), tell)
