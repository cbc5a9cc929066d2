"""What a file is, told from its content alone."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from questionnaire.tests import files
from questionnaire.workflow import file_types
from questionnaire.workflow.file_types import recognise


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (files.PDF, file_types.PDF),
        (files.PNG, file_types.PNG),
        (files.JPEG, file_types.JPEG),
        (files.ODT, file_types.ODT),
        (files.DOCX, file_types.DOCX),
    ],
)
def test_each_type_that_may_be_given_is_recognised(content: bytes, kind: file_types.FileType) -> None:
    assert recognise(io.BytesIO(content)) == kind


@pytest.mark.parametrize(
    "content",
    [
        b"",
        files.HTML,
        b"\n" + files.PDF,
        b"MZ\x90\0 a program",
        b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
        b"GIF89a/*<script>*/",
        b"PK\x03\x04 and nothing that a ZIP file needs",
        files.archive({"evil.exe": b"MZ"}),
        files.archive({"word/document.xml": b"<x/>"}),
        files.SPREADSHEET,
        files.DOCX_WITH_MACROS,
        files.ODT_WITH_MACROS,
    ],
)
def test_anything_else_is_not(content: bytes) -> None:
    assert recognise(io.BytesIO(content)) is None


@given(st.binary(max_size=300))
def test_no_content_brings_it_down(content: bytes) -> None:
    for beginning in (b"", b"PK\x03\x04", files.DOCX[:60], files.ODT[: len(files.ODT) // 2]):
        recognise(io.BytesIO(beginning + content))


def test_a_damaged_archive_is_none_wherever_it_is_cut() -> None:
    for length in range(len(files.DOCX)):
        assert recognise(io.BytesIO(files.DOCX[:length])) is None
