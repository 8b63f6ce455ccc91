"""The guard on other people's hostile files and on photos from real cameras."""

import os
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from recommender.exceptions import ImageRefusedError
from recommender.imaging.decode import decode, sanitise
from recommender.imaging.refusals import Refusal

pytestmark = [pytest.mark.data, pytest.mark.filterwarnings("ignore")]


@pytest.fixture(scope="module")
def folder():
    if "RECOMMENDER_DATA_DIR" not in os.environ:
        pytest.skip("RECOMMENDER_DATA_DIR is not set")
    return Path(os.environ["RECOMMENDER_DATA_DIR"])


def test_no_hostile_file_gets_past_the_guard(folder):
    files = [path for path in sorted((folder / "hostile-images").rglob("*")) if path.is_file()]
    assert len(files) > 90
    outcomes = {}
    for path in files:
        data = path.read_bytes()
        try:
            assert decode(data).pixels.size > 0
            sanitise(data)
            outcomes[path.name] = "read"
        except ImageRefusedError as error:
            outcomes[path.name] = error.reason
    assert set(outcomes.values()) <= {"read", *Refusal}
    assert all(
        outcomes[path.name] == Refusal.UNSUPPORTED_FORMAT
        for path in files
        if path.suffix not in (".jpg", ".png", ".bin", "")
    )
    assert outcomes["broken.png"] is Refusal.UNREADABLE
    assert outcomes["truncated_jpeg.jpg"] is Refusal.UNREADABLE


@pytest.mark.parametrize("name", ["portrait", "landscape"])
def test_photos_in_all_orientations_show_the_same(folder, name):
    shown = [
        decode((folder / "exif-photos" / "orientation" / f"{name}_{n}.jpg").read_bytes()).pixels for n in range(1, 9)
    ]
    assert {pixels.shape for pixels in shown} == {shown[0].shape}
    for pixels in shown[1:]:
        assert np.abs(pixels.astype(int) - shown[0]).mean() < 6


def test_positions_and_metadata_of_real_photos_are_stripped(folder):
    for path in sorted((folder / "exif-photos").rglob("*.jpg")):
        clean, _ = sanitise(path.read_bytes(), filename=path.name)
        marks = (b"Exif\0\0", b"http://ns.adobe.com", b"ICC_PROFILE\0", b"Photoshop 3.0")
        assert not any(mark in clean for mark in marks), path.name
        image = Image.open(BytesIO(clean))
        assert not image.getexif(), path.name
        assert set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}, path.name
