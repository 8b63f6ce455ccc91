"""Draws what each image step does, before and after: `python -m docs.image_steps`.

The pictures are drawn phones of the demo range, spoilt in the way that the step mends, and the step's own result.
"""

import io
import struct
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageCms, ImageDraw, ImageOps
from PIL.ExifTags import Base

from catalog.demo.designing import look
from catalog.demo.drawing.studio import photograph
from catalog.demo.drawing.views import View
from catalog.demo.families import FAMILIES
from recommender.core.types import Picture
from recommender.engines.efficientnet_lite0 import SIDE
from recommender.engines.framing import crop_to_product, square
from recommender.imaging.decode import decode
from recommender.imaging.degrading import badly_photographed
from recommender.imaging.denoising import denoise
from recommender.imaging.isolation import isolate
from recommender.imaging.separation import separate

FOLDER = Path(__file__).resolve().parent / "explanation" / "image-steps"
TILE, RIM, GAP, SCALE = 200, 20, 60, 2
GROUND, EDGE, INK = "#f4f1ec", "#d9d3ca", "#8a8175"
"""Of the card behind the tiles: it is readable on a light page and on a dark one."""
WIDE_PRIMARIES = ((0.7977, 0.2880, 0.0), (0.1352, 0.7119, 0.0), (0.0313, 0.0001, 0.8249))
"""Red, green and blue of ROMM RGB (ISO 22028-2) as X, Y, Z: a camera that keeps more colours than a screen has."""


class Row(NamedTuple):
    """A picture before and after a step, each ready to be shown."""

    before: Image.Image
    after: Image.Image


def upright() -> Row:
    """A file whose EXIF data say that the camera was held on its side."""
    lying = _shop_picture("Halo 8").transpose(Image.Transpose.ROTATE_90)
    exif = Image.Exif()
    exif[Base.Orientation] = 6
    return Row(lying, _shown(decode(_file(lying, "JPEG", exif=exif, quality=92))))


def srgb() -> Row:
    """A file in a camera's wide colour space, as a screen shows it that knows of no profile, and converted."""
    screen, wide = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")), _wide_profile()
    taken = ImageCms.profileToProfile(_shop_picture("Halo 8"), screen, ImageCms.ImageCmsProfile(io.BytesIO(wide)))
    return Row(taken, _shown(decode(_file(taken, "PNG", icc_profile=wide))))


def flattened() -> Row:
    """A file with transparency, whose hidden pixels are black."""
    picture = separate(Picture(np.asarray(_shop_picture("Halo 8"))))
    opaque = np.asarray(picture.mask)
    seen = np.where(opaque[..., None], picture.pixels, 0)
    layered = Image.fromarray(np.dstack([seen, opaque * np.uint8(255)]).astype(np.uint8), "RGBA")
    return Row(_cut_out(picture), _shown(decode(_file(layered, "PNG"))))


def denoised() -> Row:
    """A detail of a picture taken in poor light."""
    detail = np.asarray(_shop_picture("Halo 8", side=1200).crop((330, 90, 730, 490)), np.float32)
    grain = np.random.default_rng(7).normal(0, 16, detail.shape)
    noisy = Picture((detail + grain).clip(0, 255).astype(np.uint8))
    return Row(_shown(noisy), _shown(denoise(noisy)))


def separated() -> Row:
    """A product picture, and what its mask leaves."""
    picture = Picture(np.asarray(_shop_picture("Halo 8", "angle")))
    return Row(_shown(picture), _cut_out(separate(picture)))


def isolated() -> Row:
    """A shopper's photo."""
    product = separate(Picture(np.asarray(_shop_picture("Halo 8"))))
    photo = badly_photographed(product, np.random.default_rng(11))
    return Row(_shown(photo), _shown(isolate(photo)))


def cropped() -> Row:
    """A product that stands small in its picture."""
    wide = Image.new("RGB", (900, 900), "white")
    wide.paste(_shop_picture("Halo 8", side=420), (60, 420))
    picture = separate(Picture(np.asarray(wide)))
    return Row(_shown(picture), _shown(crop_to_product(picture)))


def letterboxed() -> Row:
    """A tall picture, and the square that the network sees."""
    picture = crop_to_product(separate(Picture(np.asarray(_shop_picture("Halo 8")))))
    return Row(_shown(picture), _shown(square(picture, SIDE)))


STEPS: dict[str, Callable[[], Row]] = {
    "upright": upright,
    "srgb": srgb,
    "flattened": flattened,
    "separated": separated,
    "cropped": cropped,
    "letterboxed": letterboxed,
    "denoised": denoised,
    "isolated": isolated,
}
"""In the order of the page."""


def card(row: Row) -> Image.Image:
    """Before, an arrow and after, RGB, on one card."""
    width, height = 2 * (TILE + RIM) + GAP, TILE + 2 * RIM
    sheet = Image.new("RGB", (width * SCALE, height * SCALE), GROUND)
    pen = ImageDraw.Draw(sheet)
    for left, picture in ((RIM, row.before), (RIM + TILE + GAP, row.after)):
        fitted = ImageOps.contain(picture, (TILE * SCALE, TILE * SCALE), Image.Resampling.LANCZOS)
        corner = ((left * 2 + TILE) * SCALE - fitted.width) // 2, (height * SCALE - fitted.height) // 2
        sheet.paste(fitted, corner)
        pen.rectangle((*(at - 1 for at in corner), corner[0] + fitted.width, corner[1] + fitted.height), outline=EDGE)
    _arrow(pen, (RIM + TILE + GAP / 2) * SCALE, height / 2 * SCALE)
    return sheet


def main() -> None:
    """Write every step's picture."""
    FOLDER.mkdir(exist_ok=True)
    for name, row in STEPS.items():
        card(row()).save(FOLDER / f"{name}.webp", "WEBP", quality=72, method=6)


def _shop_picture(name: str, view: View = "back", side: int = 640) -> Image.Image:
    family = next(family for family in FAMILIES if family.name == name)
    return photograph(look(family, family.colours[0]), view, side)


def _shown(picture: Picture) -> Image.Image:
    return Image.fromarray(picture.pixels)


def _cut_out(picture: Picture) -> Image.Image:
    """The product on the squares that stand for nothing."""
    down, across = np.indices(picture.pixels.shape[:2]) // 20
    squares = np.where((down + across) % 2, np.uint8(255), np.uint8(222))[..., None]
    mask = np.ones(squares.shape, np.bool_) if picture.mask is None else picture.mask[..., None]
    return Image.fromarray(np.where(mask, picture.pixels, squares))


def _arrow(pen: ImageDraw.ImageDraw, x: float, y: float) -> None:
    reach, head, width = 13 * SCALE, 7 * SCALE, 2 * SCALE
    pen.line((x - reach, y, x + reach, y), fill=INK, width=width)
    pen.line(
        (x + reach - head, y - head, x + reach, y, x + reach - head, y + head), fill=INK, width=width, joint="curve"
    )


def _file(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def _wide_profile() -> bytes:
    """sRGB's ICC profile with other primaries."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    (count,) = struct.unpack(">I", profile[128:132])
    offsets = {bytes(profile[at : at + 4]): at + 4 for at in range(132, 132 + 12 * count, 12)}
    for tag, primary in zip((b"rXYZ", b"gXYZ", b"bXYZ"), WIDE_PRIMARIES, strict=True):
        (start,) = struct.unpack(">I", profile[offsets[tag] : offsets[tag] + 4])
        profile[start + 8 : start + 20] = struct.pack(">3i", *(round(65536 * part) for part in primary))
    return bytes(profile)


if __name__ == "__main__":
    main()
