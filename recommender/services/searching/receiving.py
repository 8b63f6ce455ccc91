"""How a photo is received: in memory only, whatever the host's upload settings are, and never more than it may have."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict

from recommender.conf import settings
from recommender.exceptions import ImageRefusedError, PhotoMissingError, PhotosTooManyError, RegionRefusedError
from recommender.imaging.refusals import Refusal
from recommender.services.searching.photos import Glance, Region, look
from recommender.services.searching.query_ids import seal, unseal

_FORM_BYTES = 64 * 1024
"""What the rest of a form may add to the picture."""


class PhotoUploadHandler(MemoryFileUploadHandler):
    """Keeps files in memory, never in a temporary file; the first byte too many of a file is kept to tell so."""

    chunk_size = 64 * 2**10

    def handle_raw_input(self, *args: Any, **kwargs: Any) -> None:
        """Take every upload: `receive` has looked at its size, and a file's bytes are counted as they come."""
        self.activated = True

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Begin to count."""
        self._received = 0
        super().new_file(*args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        """Keep the chunk, unless the file is too large already: then what is kept suffices to refuse it."""
        if self._received > settings.IMAGE_MAX_BYTES:
            return None
        self._received += len(raw_data)
        return super().receive_data_chunk(raw_data, start)


def receive_in_memory(request: HttpRequest) -> None:
    """Have a request's files kept in memory; before anything reads its body.

    Raises:
        ImageRefusedError: when the request announces more than a picture may have.
    """
    announced = str(request.META.get("CONTENT_LENGTH") or "0")
    if announced.isdecimal() and int(announced) > settings.IMAGE_MAX_BYTES + _FORM_BYTES:
        raise ImageRefusedError(code=Refusal.TOO_LARGE)
    request.upload_handlers = [PhotoUploadHandler(request)]


def receive(files: MultiValueDict[str, Any], query_id: str, region: str) -> tuple[Glance, str]:
    """What a request shows, and the query id for it: from its one file, else from its query id.

    Args:
        files: the request's files.
        query_id: from an earlier answer; not looked at when there is a file.
        region: "left,top,width,height" in shares, or empty.

    Raises:
        PhotoMissingError: without file and query id.
        PhotosTooManyError: for more than one file.
        ImageRefusedError, RegionRefusedError, SearchBusyError, EngineUnavailableError: as `look`.
        PhotoQueryError: as `unseal`.
    """
    sent = [file for name in files for file in files.getlist(name)]
    wanted = Region.parse(region)
    if len(sent) > 1:
        raise PhotosTooManyError
    if sent:
        file = sent[0]
        return seal(look(file.read(settings.IMAGE_MAX_BYTES + 1), filename=file.name or "", region=wanted))
    if not query_id:
        raise PhotoMissingError
    if wanted is not None:
        raise RegionRefusedError("A region needs the picture; a query id stands for one region.")
    return unseal(query_id), query_id
