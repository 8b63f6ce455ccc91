"""The guarded opening of a file from outside: what is allowed to reach a decoder at all.

The decoder classes are called by the file's own first bytes and never through `PIL.Image.open`: that keeps other
formats' decoders out of reach, reads an MPO (the JPEG that phones write for HDR and portrait pictures) as its first
frame, and needs neither Pillow's global pixel limit nor a warnings filter, both of which threads would share.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import PurePosixPath

from PIL.ImageFile import ImageFile
from PIL.JpegImagePlugin import JpegImageFile
from PIL.PngImagePlugin import PngImageFile
from PIL.WebPImagePlugin import WebPImageFile

from recommender.exceptions import ImageRefusedError
from recommender.imaging.refusals import Refusal, refuse

MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 40_000_000
MAX_WEBP_PIXELS = 12_500_000
"""A 12 megapixel photo. WebP's decoder keeps four copies of the canvas: 16 bytes a pixel instead of 4."""

MAX_PROGRESSIVE_PIXELS = 16_000_000
"""A progressive JPEG's decoder keeps all its coefficients: 6 bytes a pixel beside the picture itself."""

EXTENSIONS = {
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".jpe": "JPEG",
    ".jfif": "JPEG",
    ".png": "PNG",
    ".webp": "WebP",
}

_DECODERS: dict[str, type[ImageFile]] = {"JPEG": JpegImageFile, "PNG": PngImageFile, "WebP": WebPImageFile}

# Every scan of a progressive JPEG walks the whole picture: thousands of empty ones fit in a small file and cost hours.
# Cameras and editors write about ten.
_MAX_JPEG_SCANS = 100


@contextmanager
def guarded() -> Iterator[None]:
    """Turns whatever a decoder raises into an `ImageRefusedError`."""
    try:
        yield
    except ImageRefusedError:
        raise
    except Exception as error:  # noqa: BLE001 - decoders raise anything, from SyntaxError to struct.error
        refuse(Refusal.UNREADABLE, cause=error)


def open_guarded(
    data: bytes, *, filename: str = "", max_bytes: int = MAX_BYTES, max_pixels: int = MAX_PIXELS
) -> ImageFile:
    """The opened picture, its header checked and none of its pixels decoded yet.

    Args:
        data: the file's content. Read at most `max_bytes + 1` bytes of an upload: that suffices to refuse it.
        filename: the name it came with; an extension must agree with the content, none is fine.
        max_bytes: the largest accepted file.
        max_pixels: the largest accepted width * height; of a WebP at most `MAX_WEBP_PIXELS`, of a progressive JPEG
            at most `MAX_PROGRESSIVE_PIXELS`.

    Raises:
        ImageRefusedError: with the `Refusal` as its `reason`.
    """
    if not data:
        refuse(Refusal.EMPTY)
    if len(data) > max_bytes:
        refuse(Refusal.TOO_LARGE, limit=max_bytes / 2**20)
    content = sniff(data)
    if content is None:
        refuse(Refusal.UNSUPPORTED_FORMAT)
    extension = PurePosixPath(filename.strip()).suffix.lower()
    if extension and EXTENSIONS.get(extension) != content:
        refuse(Refusal.EXTENSION_MISMATCH, name=extension, content=content)
    if content == "JPEG" and data.count(b"\xff\xda") > _MAX_JPEG_SCANS:
        refuse(Refusal.UNREADABLE)
    if content == "WebP":
        _check_pixels(_webp_canvas(data), max_pixels, MAX_WEBP_PIXELS)
    with guarded():
        image = _DECODERS[content](BytesIO(data))
        _check_pixels(image.size, max_pixels, MAX_PROGRESSIVE_PIXELS if image.info.get("progressive") else max_pixels)
        if getattr(image, "n_frames", 1) > 1:
            refuse(Refusal.ANIMATED)
    return image


def sniff(data: bytes) -> str | None:
    """The format that the first bytes announce: "JPEG", "PNG", "WebP" or None."""
    if data.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return "WebP"
    return None


def _check_pixels(size: tuple[int, int], max_pixels: int, most_of_its_kind: int) -> None:
    pixels = size[0] * size[1]
    if pixels > max_pixels:
        refuse(Refusal.TOO_MANY_PIXELS, limit=max_pixels / 1e6)
    if pixels > most_of_its_kind:
        refuse(Refusal.TOO_MANY_PIXELS_OF_ITS_KIND, limit=most_of_its_kind / 1e6)


def _webp_canvas(data: bytes) -> tuple[int, int]:
    """Width and height in a WebP's header; libwebp reserves the canvas before anything could look at its size."""
    kind, bits = data[12:16], int.from_bytes
    if kind == b"VP8X":
        return 1 + bits(data[24:27], "little"), 1 + bits(data[27:30], "little")
    if kind == b"VP8L":
        packed = bits(data[21:25], "little")
        return 1 + (packed & 0x3FFF), 1 + (packed >> 14 & 0x3FFF)
    return bits(data[26:28], "little") & 0x3FFF, bits(data[28:30], "little") & 0x3FFF
