"""From an uploaded file to stored picture files: sanitised once, kept in a few widths, named by their content."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from io import BytesIO
from typing import IO

from django.core.files.base import ContentFile
from django.core.files.storage import Storage
from PIL import Image

from catalog.models import Product, ProductImage
from catalog.models.pictures import rendition_widths
from recommender.conf import settings
from recommender.imaging.decode import sanitise

QUALITY = 82
FOLDER = "products"


@dataclass(frozen=True)
class PreparedPicture:
    """A picture that was accepted, ready to be stored.

    Attributes:
        content_hash: SHA-256 of the file as it was uploaded.
        width: of the upright picture, in pixels.
        height: of the upright picture, in pixels.
        files: name within the storage -> bytes; the first is the picture itself, the others its renditions.
    """

    content_hash: str
    width: int
    height: int
    files: dict[str, bytes] = field(repr=False)

    @property
    def name(self) -> str:
        """The picture's own file name."""
        return next(iter(self.files))


def prepare(file: IO[bytes], filename: str = "") -> PreparedPicture:
    """The accepted picture with its renditions, made in memory.

    Args:
        file: the upload, read from where it stands.
        filename: the name it came with; it must not contradict the content, and is otherwise unused.

    Raises:
        ImageRefusedError: when the file is not an acceptable picture; nothing was stored.
    """
    uploaded = file.read(settings.IMAGE_MAX_BYTES + 1)
    clean, suffix = sanitise(
        uploaded, filename=filename, max_bytes=settings.IMAGE_MAX_BYTES, max_pixels=settings.IMAGE_MAX_PIXELS
    )
    content_hash = hashlib.sha256(uploaded).hexdigest()
    stem = f"{FOLDER}/{content_hash[:2]}/{content_hash[:40]}"
    with Image.open(BytesIO(clean), formats=("JPEG", "PNG", "WEBP")) as picture:
        picture.load()
        files = {f"{stem}{suffix}": clean}
        for width in rendition_widths(picture.width):
            files[f"{stem}-{width}.webp"] = _webp(picture, width)
        return PreparedPicture(content_hash, picture.width, picture.height, files)


def attach(product: Product, picture: PreparedPicture, *, position: int = 0) -> ProductImage:
    """The product's row for this picture: written, or moved to this position when the product has it already."""
    store(picture)
    image, _created = ProductImage.objects.update_or_create(
        product=product,
        content_hash=picture.content_hash,
        defaults={
            "file": picture.name,
            "position": position,
            "width": picture.width,
            "height": picture.height,
        },
    )
    return image


def store(picture: PreparedPicture) -> None:
    """Write the files that the storage does not have yet. Equal content has equal names, so sharing is free."""
    storage: Storage = ProductImage._meta.get_field("file").storage
    for name, content in picture.files.items():
        if not storage.exists(name):
            storage.save(name, ContentFile(content))


def _webp(picture: Image.Image, width: int) -> bytes:
    height = max(1, round(picture.height * width / picture.width))
    buffer = BytesIO()
    picture.resize((width, height), Image.Resampling.LANCZOS).save(buffer, "WEBP", quality=QUALITY, method=4)
    return buffer.getvalue()
