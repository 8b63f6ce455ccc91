"""Looking at products' pictures in groups: reading and decoding run ahead of the encoder, and every attempt is counted.

A group is stored whole. What a killed process leaves behind waits with its attempt counted; such pictures are looked at
again one by one, so that the one that kills is told from those that were only near it.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Generator, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from recommender.conf import settings
from recommender.core.types import Float32, Picture
from recommender.engines.base import Encoder
from recommender.exceptions import EngineUnavailableError, ImageRefusedError
from recommender.imaging.decode import decode
from recommender.imaging.fingerprint import fingerprint
from recommender.models import ImageEmbedding
from recommender.services.engines import is_outdated
from recommender.sources import SourceImage
from recommender.storage import changes, embeddings, encoders

logger = logging.getLogger(__name__)

Status = ImageEmbedding.Status

_GROUP_BYTES: Final = 32 * 1024 * 1024
"""A group of large files ends early: two groups are in memory at once."""


@dataclass
class Sight:
    """One picture on its way to a vector.

    Attributes:
        row: its embedding row, without the vector.
        image: where the shop keeps it.
        data: the file, while it waits to be decoded.
        content_hash: SHA-256 of the file.
        vector: what the encoder made of it.
        perceptual_hash: of the picture, with its vector.
        error: why there is no vector.
    """

    row: Any
    image: SourceImage
    data: bytes | None = field(default=None, repr=False)
    content_hash: str = ""
    vector: Float32 | None = None
    perceptual_hash: int | None = None
    error: str = ""

    @property
    def is_unchanged(self) -> bool:
        """Whether the row has this content's vector already."""
        return self.data is None and self.vector is None and not self.error

    @property
    def is_suspect(self) -> bool:
        """Whether a process that began with this content has not come back."""
        return self.data is not None and self.row.attempts > 0 and self.row.content_hash == self.content_hash


def look(pictures: Mapping[Any, Sequence[SourceImage]], rows: Iterable[Any], encoder: Encoder) -> Iterator[list[Sight]]:
    """Look at these products' pictures, storing each group before the next one is yielded.

    Args:
        pictures: the pictures by product key.
        rows: an embedding row of `encoder` for each picture.
        encoder: makes the vectors.

    Raises:
        EngineUnavailableError: when the encoder cannot work here; no attempt is counted.
    """
    named = {(row.product_id, row.image_key): row for row in rows}
    sights = (
        Sight(row, image)
        for key, images in pictures.items()
        for image in images
        if (row := named.get((key, image.key))) is not None  # the product was deleted meanwhile
    )
    with ThreadPoolExecutor(1, "decode") as decoder, closing(_ahead(_groups(sights), decoder)) as groups:
        for group in groups:
            group.encode(encoder)
            _store(group.sights, encoder.version)
            yield group.sights


class _Group:
    """Pictures that are read, decoded, encoded and stored together."""

    def __init__(self, sights: list[Sight]) -> None:
        self.sights = sights
        self.is_suspect = any(sight.is_suspect for sight in sights)
        self._decoding: list[tuple[Sight, Future[Picture]]] = []

    def begin(self, decoder: ThreadPoolExecutor) -> None:
        """Count the attempts, in a commit of their own, and start to decode."""
        begun = [(sight, sight.data) for sight in self.sights if sight.data is not None]
        embeddings.begin([sight.row for sight, _ in begun], [sight.content_hash for sight, _ in begun])
        self._decoding = [(sight, decoder.submit(_decode, data)) for sight, data in begun]
        for sight, _ in begun:
            sight.data = None  # the decoder holds it as long as it needs it

    def encode(self, encoder: Encoder) -> None:
        """Give each picture its vector, or the reason why it has none."""
        decoded = []
        for sight, future in self._decoding:
            try:
                decoded.append((sight, future.result()))
            except ImageRefusedError as error:
                sight.error = str(error)
        try:
            _encode(decoded, encoder)
        except EngineUnavailableError:
            self.take_back()
            raise
        self._decoding = []

    def take_back(self) -> None:
        """Uncount the attempts: no picture was given to the encoder."""
        embeddings.take_back(sight.row for sight, _ in self._decoding)


def _decode(data: bytes) -> Picture:
    return decode(data, max_bytes=settings.IMAGE_MAX_BYTES, max_pixels=settings.IMAGE_MAX_PIXELS)


def _encode(decoded: Sequence[tuple[Sight, Picture]], encoder: Encoder) -> None:
    if not decoded:
        return
    try:
        vectors = encoder.encode([picture for _, picture in decoded])
    except EngineUnavailableError:
        raise
    except Exception as error:
        if len(decoded) > 1:
            for one in decoded:
                _encode([one], encoder)
            return
        logger.exception("The encoder failed at a picture")
        decoded[0][0].error = f"The encoder failed: {type(error).__name__}: {error}"
        return
    for (sight, picture), vector in zip(decoded, vectors, strict=True):
        sight.vector, sight.perceptual_hash = vector, fingerprint(picture)


def _ahead(groups: Iterable[_Group], decoder: ThreadPoolExecutor) -> Generator[_Group]:
    """The groups, each begun while the one before it is still with the caller; suspects have nobody beside them."""
    held: _Group | None = None
    for group in groups:
        if held is not None and (held.is_suspect or group.is_suspect):
            yield held
            held = None
        group.begin(decoder)
        if held is not None:
            try:
                yield held
            except GeneratorExit:
                group.take_back()
                raise
        held = group
    if held is not None:
        yield held


def _groups(sights: Iterable[Sight]) -> Iterator[_Group]:
    """Read the files, and put up to `EMBED_BATCH` pictures together; a suspect stands alone."""
    group: list[Sight] = []
    for sight in sights:
        _read(sight)
        if group and (sight.is_suspect or _is_full(group)):
            yield _Group(group)
            group = []
        if sight.is_suspect:
            yield _Group([sight])
        else:
            group.append(sight)
    if group:
        yield _Group(group)


def _is_full(group: Sequence[Sight]) -> bool:
    return len(group) >= settings.EMBED_BATCH or sum(len(sight.data or b"") for sight in group) >= _GROUP_BYTES


def _read(sight: Sight) -> None:
    """Read the file, unless its content is known or was given up."""
    row = sight.row
    try:
        with sight.image.open() as file:
            data = file.read(settings.IMAGE_MAX_BYTES + 1)
    except OSError as error:
        sight.error = f"The file cannot be read: {error}"
        return
    sight.content_hash = hashlib.sha256(data).hexdigest()
    if row.content_hash == sight.content_hash:
        if row.has_vector:
            return
        if row.attempts >= settings.EMBED_MAX_ATTEMPTS:
            sight.error = row.error or "The worker died each time it read this picture."
            return
    sight.data = data


def _store(sights: Sequence[Sight], encoder_version: str) -> None:
    """Write what became of the group. A row that was asked for or begun again meanwhile is left to whoever did so."""
    now = timezone.now()
    with transaction.atomic():
        mine = embeddings.untouched(sight.row for sight in sights)
        kept = [sight for sight in sights if sight.row.pk in mine]
        changed = {sight.row.product_id for sight in kept if sight.vector is not None or _loses_vector(sight)}
        moved = [sight.row for sight in kept if sight.row.position != sight.image.position]
        written = [sight for sight in kept if _settle(sight, now)]
        new = [sight.row for sight in written if sight.vector is not None]
        old = [sight.row for sight in written if sight.vector is None]
        # Only what differs from row to row is worth a bulk update, which is long to put together.
        ImageEmbedding.objects.bulk_update(new, ["vector", "perceptual_hash"])
        ImageEmbedding.objects.filter(pk__in=[row.pk for row in new]).update(
            status=Status.READY, error="", updated_at=now
        )
        ImageEmbedding.objects.bulk_update(old, ["status", "error", "attempts", "updated_at"])
        ImageEmbedding.objects.bulk_update(moved, ["position"])
        if changed:
            record_if_live(changed, encoder_version)


def record_if_live(product_keys: Iterable[Any], encoder_version: str, *, deleted: bool = False) -> None:
    """Tell every process that these vectors changed, if shelves are made of this encoder's; inside a transaction.

    A switch holds the same lock: either it comes later and finds the vectors, or this finds the encoder live.
    """
    changes.hold()
    live = encoders.live_version()
    if live in ("", encoder_version) or is_outdated(live):
        changes.record(product_keys, deleted=deleted)


def _loses_vector(sight: Sight) -> bool:
    return bool(sight.error) and sight.row.has_vector


def _settle(sight: Sight, now: Any) -> bool:
    """Put the outcome into the row; return whether that changes it."""
    row = sight.row
    if sight.is_unchanged:
        if (row.status, row.attempts, row.position) == (Status.READY, 0, sight.image.position):
            return False
        row.status, row.error, row.attempts = Status.READY, "", 0
    elif sight.vector is not None:
        row.status, row.error, row.vector = Status.READY, "", embeddings.to_bytes(sight.vector)
        row.perceptual_hash = sight.perceptual_hash
    else:
        logger.warning("Picture %s of product %s was not embedded: %s", row.image_key, row.product_id, sight.error)
        row.status, row.error = Status.FAILED, sight.error[:500]
    row.position, row.updated_at = sight.image.position, now
    return True
