"""Files for a spreadsheet: nothing that was typed is ever a formula, and everything comes back as it was."""

import csv
import io
import re
import zipfile
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from questionnaire.workflow.spreadsheet import Row, csv_portions, printable, write_xlsx

FORMULAS = [
    "=1+1",
    '=HYPERLINK("https://evil.example","x")',
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1",
    "＋1",
    "－1",
    "＠1",
    "=",
]
INNOCENT = [
    "",
    "a=b",
    "Zoé",
    "a,b",
    'a "b"',
    "two\nlines",
    "'quoted",
    "؟",
    "👩🏽‍🚒",
    "#",
    "#N/A",
    "#REF!",
    "1e5",
    "007",
]
HEADER: Row = ["What"]


def read_csv(content: bytes) -> list[list[str]]:
    """Return the cells of a CSV file, its byte order mark taken off."""
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))


def as_csv(*rows: Row) -> list[list[str]]:
    """Write rows as CSV and read them again, without the header."""
    return read_csv(b"".join(csv_portions(HEADER, [list(rows)])))[1:]


def as_xlsx(*rows: Row) -> Any:
    """Write rows as XLSX and return the sheet read again."""
    file = io.BytesIO()
    write_xlsx(HEADER, [list(rows)], file, title="Sheet")
    return load_workbook(file).active


@pytest.mark.parametrize("text", FORMULAS)
def test_no_cell_of_csv_is_a_formula(text: str) -> None:
    assert as_csv([text]) == [[f"'{text}"]]


@pytest.mark.parametrize("text", [text for text in INNOCENT if text])
def test_other_texts_come_back_as_they_were(text: str) -> None:
    assert as_csv([text, ""]) == [[text, ""]]


def test_csv_is_known_as_utf_8_and_has_its_line_ends() -> None:
    content = b"".join(csv_portions(["Prénom"], [[["Zoé"]], [["Çelik"]]]))
    assert content == "\ufeffPrénom\r\nZoé\r\nÇelik\r\n".encode()


@pytest.mark.parametrize("text", FORMULAS + [text for text in INNOCENT if text])
def test_each_text_of_xlsx_is_a_cell_of_text(text: str) -> None:
    sheet = as_xlsx(["before", text, "after"])
    assert [cell.data_type for cell in sheet[2]] == ["s", "s", "s"]
    assert [cell.value for cell in sheet[2]] == ["before", text.replace("\r", "\n"), "after"]


def test_neighbours_of_a_formula_keep_their_kind() -> None:
    sheet = as_xlsx(["=1", 7, "=2", None, "=3", "x", Decimal("7.25"), ""])
    assert [cell.value for cell in sheet[2]][:7] == ["=1", 7, "=2", None, "=3", "x", 7.25]
    assert [cell.data_type for cell in sheet[2]][:7] == ["s", "n", "s", "n", "s", "s", "n"]


def test_no_formula_stands_in_the_file_itself() -> None:
    file = io.BytesIO()
    write_xlsx(HEADER, [[[text] for text in FORMULAS]], file, title="Sheet")
    xml = zipfile.ZipFile(file).read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in xml
    assert b'state="frozen"' in xml
    assert b"<autoFilter" in xml


def test_columns_of_xlsx_are_as_wide_as_their_longest_line_within_bounds() -> None:
    sheet = as_xlsx(["x", "a long story\nof two lines", "y" * 500])
    assert [sheet.column_dimensions[letter].width for letter in "ABC"] == [10, 14, 50]
    assert sheet["A1"].font.bold
    assert sheet.row_dimensions[2].height == 11 * 15
    assert as_xlsx(["x", "a long story\nof two lines"]).row_dimensions[2].height == 30


def test_the_row_of_titles_is_as_high_as_its_longest_title_takes() -> None:
    file = io.BytesIO()
    write_xlsx(
        ["A", "I agree that sessions in which I speak are recorded. " * 2], [[["x", "Yes"]]], file, title="Table"
    )
    sheet = load_workbook(file).active
    assert (sheet.column_dimensions["B"].width, sheet.row_dimensions[1].height) == (27, 5 * 15)


def test_each_cell_of_xlsx_begins_at_the_top_and_shows_all_of_its_lines() -> None:
    """Asked of the file, since openpyxl does not read the style of a cell that names none."""
    file = io.BytesIO()
    write_xlsx(["A"], [[["x"], ["a long story\nof two lines"], ["=1+1"], [7]]], file, title="Table")
    with zipfile.ZipFile(file) as book:
        styles = re.findall(r"<xf .*?(?:/>|</xf>)", book.read("xl/styles.xml").decode().partition("<cellXfs")[2])
        cells = re.findall(r"<c [^>]*>", book.read("xl/worksheets/sheet1.xml").decode())
    assert len(cells) == 5
    for cell in cells:
        named = re.search(r' s="(\d+)"', cell)
        assert 'vertical="top" wrapText="1"' in styles[int(named[1]) if named else 0], cell


def test_what_xml_cannot_hold_is_left_out() -> None:
    assert printable("a\x00\x07\x0b\x1f\x7f\ud800\ufffe\uffffb\tc\nd\re") == "ab\tc\nd\re"


@settings(max_examples=50)
@given(st.text())
def test_any_text_can_be_written(text: str) -> None:
    clean = printable(text)
    sheet = as_xlsx([clean])
    assert sheet["A2"].data_type in {"s", "n"}
    assert (sheet["A2"].value or "") == clean.replace("\r\n", "\n").replace("\r", "\n")
    [[cell]] = as_csv([clean]) or [[""]]
    assert cell.removeprefix("'") == clean.removeprefix("'")
