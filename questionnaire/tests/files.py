"""Files as applicants give them, small and real, and some that only claim to be."""

import io
import zipfile

from django.core.files.uploadedfile import SimpleUploadedFile

from questionnaire.workflow.file_types import OPEN_DOCUMENT_TEXT

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
JPEG = b"\xff\xd8\xff\xe0" + b"\0" * 20
HTML = b"<!doctype html><script>alert(1)</script>"


def archive(members: dict[str, bytes]) -> bytes:
    """Return a ZIP file with these members, in their order."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, content in members.items():
            file.writestr(name, content)
    return buffer.getvalue()


WORD = {"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>"}
ODT = archive({"mimetype": OPEN_DOCUMENT_TEXT.encode(), "content.xml": b"<x/>"})
ODT_WITH_MACROS = archive({"mimetype": OPEN_DOCUMENT_TEXT.encode(), "Basic/Standard/Module1.xml": b"<x/>"})
SPREADSHEET = archive({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"})
DOCX = archive(WORD)
DOCX_WITH_MACROS = archive({**WORD, "word/vbaProject.bin": b"x"})


def upload(name: str = "cv.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    """Return a file as a browser posts it; what it claims to be is not believed anyway."""
    return SimpleUploadedFile(name, content, content_type="application/pdf")
