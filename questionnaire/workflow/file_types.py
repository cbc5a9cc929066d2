"""What a file is, told from its content: neither its name nor what the browser says of it is believed."""

import zipfile
from dataclasses import dataclass
from typing import IO

OPEN_DOCUMENT_TEXT = "application/vnd.oasis.opendocument.text"
WORD_DOCUMENT = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


@dataclass(frozen=True)
class FileType:
    """A type of file that may be given: the end of its name, and its name on the wire (RFC 6838)."""

    extension: str
    content_type: str


PDF = FileType("pdf", "application/pdf")
PNG = FileType("png", "image/png")
JPEG = FileType("jpg", "image/jpeg")
ODT = FileType("odt", OPEN_DOCUMENT_TEXT)
DOCX = FileType("docx", WORD_DOCUMENT)

ALLOWED = (PDF, ODT, DOCX, PNG, JPEG)
ACCEPT = ",".join(f".{kind.extension}" for kind in ALLOWED) + ",.jpeg"
"""What a browser's file chooser offers."""

_BEGINNINGS = {
    b"%PDF-": PDF,
    b"\x89PNG\r\n\x1a\n": PNG,
    b"\xff\xd8\xff": JPEG,
}
_ZIP = b"PK\x03\x04"
_MACROS = "vbaProject.bin"


def recognise(file: IO[bytes]) -> FileType | None:
    """Return the type of a file, or None for any that may not be given; documents with macros are none."""
    file.seek(0)
    beginning = file.read(8)
    if beginning.startswith(_ZIP):
        return _recognise_archive(file)
    return next((kind for magic, kind in _BEGINNINGS.items() if beginning.startswith(magic)), None)


def _recognise_archive(file: IO[bytes]) -> FileType | None:
    """Look into an archive's table of contents, and into no member but the few bytes that name its type."""
    try:
        with zipfile.ZipFile(file) as archive:
            names = archive.namelist()
            if any(name.endswith(_MACROS) or name.startswith("Basic/") for name in names):
                return None
            if names[:1] == ["mimetype"]:
                with archive.open("mimetype") as member:
                    declared = member.read(len(OPEN_DOCUMENT_TEXT) + 1)
                return ODT if declared == OPEN_DOCUMENT_TEXT.encode() else None
            return DOCX if {"[Content_Types].xml", "word/document.xml"} <= set(names) else None
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError, EOFError):
        return None
