"""Upload limits that hold before a byte is read."""

from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler


class HugeUploadRefuser(FileUploadHandler):
    """Refuses a request whose announced size is beyond `UPLOAD_MAX_BYTES`; smaller ones pass to the next handler."""

    def handle_raw_input(
        self,
        input_data: Any,
        META: dict[str, Any],  # noqa: N803 - Django's name
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> None:
        """Look at the announced size only.

        Raises:
            RequestDataTooBig: which Django answers with 400.
        """
        if content_length > settings.UPLOAD_MAX_BYTES:
            raise RequestDataTooBig(f"Uploads may have at most {settings.UPLOAD_MAX_BYTES} bytes.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Hand the chunk on to the next handler."""
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Leave the file to the next handler."""
