"""How much a browser may send at once, with files. Asked before anything is read, by whatever view."""

from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler


class LimitedRequest(FileUploadHandler):
    """Refuses a request of more than `UPLOAD_REQUEST_LIMIT` bytes by its declared length; the server reads no more.

    Stands before the handlers that store, and stores nothing itself.
    """

    def handle_raw_input(
        self,
        input_data: IO[bytes],
        META: Mapping[str, Any],  # noqa: N803 - Django's name
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> None:
        """Look at the declared length. Raises `RequestDataTooBig`, which is answered with 400."""
        if content_length > settings.UPLOAD_REQUEST_LIMIT:
            raise RequestDataTooBig(f"{content_length} bytes in one request")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Pass the content on to the handlers that store."""
        return raw_data

    def file_complete(self, file_size: int) -> None:
        """Leave the file to the others."""
