"""Tables as files for a spreadsheet, written in portions, at any length.

What people typed never becomes a formula there: in CSV an apostrophe stands before whatever a spreadsheet would take
for one, in XLSX every text is a cell of text.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from enum import StrEnum
from functools import partial
from itertools import chain, zip_longest
from typing import IO, Any

BYTE_ORDER_MARK = "\ufeff"  # by which spreadsheets know UTF-8
STARTS_A_FORMULA = frozenset("=+-@\t\r\n＝＋－＠")
MAY_BE_NO_TEXT = frozenset("=#")  # in XLSX: a formula, or an error such as #N/A
NARROWEST, WIDEST = 10, 50  # columns of XLSX, in characters
LINE_HEIGHT = 15  # points, as rows of one line have
MOST_LINES = 20
# What XML cannot hold: control characters but tab and line ends, halves of surrogate pairs, two that are none.
UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")

Cell = str | int | Decimal | None
Row = list[Cell]


class Format(StrEnum):
    """The kinds of file."""

    CSV = "csv"
    XLSX = "xlsx"

    @property
    def content_type(self) -> str:
        """Return what the file is for a browser."""
        if self is Format.CSV:
            return "text/csv; charset=utf-8"
        return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def printable(text: str) -> str:
    """Return a text without the characters that no spreadsheet can hold."""
    return UNPRINTABLE.sub("", text)


def csv_portions(header: Row, portions: Iterable[list[Row]]) -> Iterator[bytes]:
    """Yield a table as CSV by RFC 4180, in UTF-8. The texts must be `printable`."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    buffer.write(BYTE_ORDER_MARK)
    for portion in chain([[header]], portions):
        writer.writerows(
            # Asked here and not in a function of its own, which would take as long as the rest.
            [f"'{cell}" if isinstance(cell, str) and cell[:1] in STARTS_A_FORMULA else cell for cell in row]
            for row in portion
        )
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()


def write_xlsx(header: Row, portions: Iterable[list[Row]], file: IO[bytes], *, title: str) -> None:
    """Write a table as a workbook of one sheet. The texts must be `printable`.

    The header is kept in view and filters; columns are as wide as what the first portion holds.
    """
    # Here, since it brings numpy along: a tenth of the memory of a web worker, which hardly ever makes a workbook.
    import openpyxl.cell  # noqa: PLC0415

    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet(title)
    new_cell = partial(openpyxl.cell.WriteOnlyCell, sheet)
    last = openpyxl.utils.get_column_letter(len(header))
    sheet.freeze_panes, sheet.auto_filter.ref = "A2", f"A:{last}"
    remaining = iter(portions)
    first = next(remaining, [])
    # A style for each cell would take as long as all the rest. One without has that of the book in Excel, for which
    # there is no other way, and that of its column in LibreOffice.
    wrapped = openpyxl.styles.Alignment(wrap_text=True, vertical="top")
    book._cell_styles[0].alignmentId = book._alignments.add(wrapped)
    widths = [_width(str(title), cells) for title, *cells in zip_longest(header, *first, fillvalue="")]
    for number, width in enumerate(widths, 1):
        column = sheet.column_dimensions[openpyxl.utils.get_column_letter(number)]
        column.width, column.alignment = width, wrapped
    bold = openpyxl.styles.Font(bold=True)
    titles = [new_cell(title) for title in header]
    for cell in titles:
        cell.data_type, cell.font, cell.alignment = "s", bold, wrapped
    _append(sheet, 1, titles, lines=max(map(_lines_of_title, map(str, header), widths)))
    for number, row in enumerate(chain(first, chain.from_iterable(remaining)), 2):
        lines = max((_lines(cell) for cell in row if isinstance(cell, str) and _takes_lines(cell)), default=0)
        _append(sheet, number, [_as_text(new_cell, cell, wrapped) for cell in row], lines=min(lines, MOST_LINES))
    book.save(file)


def _append(sheet: Any, number: int, cells: list[Any], *, lines: int) -> None:
    """Write a row, as high as its lines take; with none told, as high as one."""
    if lines:
        sheet.row_dimensions[number].height = lines * LINE_HEIGHT
    sheet.append(cells)
    sheet.row_dimensions.pop(number, None)  # written by now: kept, it would cost memory for each row


def _takes_lines(text: str) -> bool:
    """Return whether a text takes more than one line."""
    return len(text) > WIDEST or "\n" in text


def _lines(text: str) -> int:
    """Return how many lines a text takes in a column as wide as they get."""
    return sum(1 + len(line) // WIDEST for line in text.split("\n"))


def _lines_of_title(title: str, width: int) -> int:
    """Return how many lines a title takes in its column, with one more for words that do not fill theirs."""
    return 1 if len(title) < width else 2 + len(title) // width


def _width(title: str, cells: Iterable[Cell]) -> int:
    """Return the width of a column, within bounds: that of its longest line.

    A title breaks between words, and has few lines.
    """
    lines = (len(line) for cell in cells if cell is not None for line in str(cell).splitlines())
    for_title = max([min(len(title) // 4, WIDEST // 2), *map(len, title.split())])
    return min(max(NARROWEST, max(lines, default=0) + 2, for_title + 2), WIDEST)


def _as_text(new_cell: Callable[[str], Any], cell: Cell, wrapped: Any) -> Any:
    """Return a cell of which openpyxl makes no formula and no error; numbers stay numbers, nothing stays nothing."""
    if not isinstance(cell, str):
        return cell
    if cell[:1] not in MAY_BE_NO_TEXT:
        return cell or None
    text = new_cell(cell)
    text.data_type, text.alignment = "s", wrapped
    return text
