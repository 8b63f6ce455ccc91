"""The largest pictures that are let in, each looked at in a process of its own: what it needs beyond the program."""

import subprocess
import sys
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from recommender.exceptions import ImageRefusedError
from recommender.imaging.guard import MAX_PIXELS, MAX_PROGRESSIVE_PIXELS, MAX_WEBP_PIXELS, open_guarded

ROOT = Path(__file__).resolve().parents[2]
MEGABYTES = 200
MEASURE = """
import sys
from pathlib import Path
from recommender.imaging.decode import decode, sanitise
from tests.imaging.damage import peak_megabytes
data = Path(sys.argv[1]).read_bytes()
before = peak_megabytes()
{"decode": decode, "sanitise": sanitise}[sys.argv[2]](data)
print(peak_megabytes() - before)
"""


def slope(n_pixels, mode):
    """A picture of so many pixels, a little wider than high, that takes few bytes as a file."""
    height = int((n_pixels / 1.6) ** 0.5)
    width = n_pixels // height
    across = np.broadcast_to(np.linspace(0, 255, width).astype(np.uint8), (height, width))
    down = np.broadcast_to(np.linspace(0, 255, height).astype(np.uint8)[:, None], (height, width))
    return Image.merge(mode, [Image.fromarray(np.ascontiguousarray((across, down)[i % 2])) for i in range(len(mode))])


@pytest.mark.parametrize(
    ("kind", "n_pixels", "mode", "options"),
    [
        ("JPEG", MAX_PIXELS, "RGB", {}),
        ("JPEG", MAX_PROGRESSIVE_PIXELS, "RGB", {"progressive": True, "subsampling": 0}),
        ("JPEG", MAX_PIXELS, "CMYK", {}),
        ("PNG", MAX_PIXELS, "RGB", {}),
        ("PNG", MAX_PIXELS, "RGBA", {}),
        ("WEBP", MAX_WEBP_PIXELS, "RGBA", {}),
    ],
)
def test_no_picture_takes_more_than_200_megabytes(tmp_path, kind, n_pixels, mode, options):
    exif = Image.Exif()
    exif[0x0112] = 6  # lies on its side
    slope(n_pixels, mode).save(tmp_path / "picture", kind, exif=exif, **options)
    for verb in ("decode", "sanitise"):
        command = [sys.executable, "-c", MEASURE, str(tmp_path / "picture"), verb]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=300)
        assert done.returncode == 0, done.stderr
        assert float(done.stdout) < MEGABYTES, verb


@pytest.mark.parametrize(
    ("kind", "most", "options"),
    [("WEBP", MAX_WEBP_PIXELS, {}), ("JPEG", MAX_PROGRESSIVE_PIXELS, {"progressive": True})],
)
def test_what_would_take_more_is_refused_by_its_header(kind, most, options):
    out = BytesIO()
    slope(most + 100_000, "RGB").save(out, kind, **options)
    with pytest.raises(ImageRefusedError, match="pixels"):
        open_guarded(out.getvalue())
